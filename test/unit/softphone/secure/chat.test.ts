import { describe, expect, test } from 'vitest';
import type { MessageChannel } from '../../../../softphone/index.ts';
import { Chat, cleanChatLine, MOST_CHAT_BYTES } from '../../../../softphone/secure/chat.ts';

function channel() {
  const sent: (string | Uint8Array)[] = [];
  const end: MessageChannel = {
    label: 'chat',
    maxMessageBytes: 65_536,
    bufferedBytes: 0,
    send: (message) => void sent.push(message),
    onMessage: undefined,
    onLow: undefined,
    onClosed: undefined,
    close: () => {},
  };
  return { end, sent };
}

describe('cleanChatLine()', () => {
  test.each([
    { text: 'hello', clean: 'hello' },
    { text: '\u001b[2J\u001b[31mred\u0007', clean: '[2J[31mred' },
    { text: 'a\r\nb\nc\td', clean: 'a b c d' },
    { text: 'x\u009b31my', clean: 'x31my' },
    { text: '\u202egnp.exe', clean: 'gnp.exe' },
    { text: 'Grüße 👩‍👩‍👧', clean: 'Grüße 👩‍👩‍👧' },
    { text: ' \u0000\u200f ', clean: undefined },
  ])('$text', ({ text, clean }) => {
    expect(cleanChatLine(text)).toBe(clean);
  });
});

describe('Chat', () => {
  test('sends lines that fit', () => {
    const { end, sent } = channel();
    const chat = new Chat(end, () => 0);
    expect(chat.send('hi\u0007')).toBe(true);
    expect(chat.send('ü'.repeat(MOST_CHAT_BYTES / 2))).toBe(true);
    expect(chat.send('ü'.repeat(MOST_CHAT_BYTES / 2 + 1))).toBe(false);
    expect(chat.send('\u0007')).toBe(false);
    expect(sent).toEqual(['hi', 'ü'.repeat(MOST_CHAT_BYTES / 2)]);
  });

  test('drops and counts what is too long, no text, or too much at once', () => {
    const { end } = channel();
    let now = 0;
    const chat = new Chat(end, () => now);
    const lines: string[] = [];
    chat.onLine = (text) => lines.push(text);
    end.onMessage?.('x'.repeat(MOST_CHAT_BYTES + 1));
    end.onMessage?.(new Uint8Array(3));
    expect(chat.dropped).toBe(2);
    for (let i = 0; i < 50; i += 1) end.onMessage?.(`line ${i}`);
    expect(lines).toHaveLength(20);
    expect(chat.dropped).toBe(32);
    now = 10_000;
    end.onMessage?.('again');
    expect(lines.at(-1)).toBe('again');
  });

  test('goes on over another channel, and says again what may have been lost with the last', () => {
    let now = 0;
    const [one, two] = [channel(), channel()];
    const chat = new Chat(one.end, () => now);
    const heard: string[] = [];
    chat.onLine = (text) => heard.push(text);
    for (const [at, line] of [
      [0, 'early'],
      [5000, 'late'],
      [6000, 'later'],
    ] as const) {
      now = at;
      chat.send(line);
    }
    chat.goOn(two.end, 5100);
    expect(two.sent).toEqual(['late', 'later']);
    two.end.onMessage?.('hello');
    one.end.onMessage?.('from the past');
    expect(heard).toEqual(['hello']);
  });
});
