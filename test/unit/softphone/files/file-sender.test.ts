import { describe, expect, test } from 'vitest';
import { FileSender, type SenderAction } from '../../../../softphone/files/file-sender.ts';
import {
  BUFFER_HIGH_BYTES,
  checkLimitMs,
  MESSAGE_BYTES,
  READ_BYTES,
  STALL_MS,
  WINDOW_BYTES,
} from '../../../../softphone/files/limits.ts';
import { type ControlMessage, serializeControl } from '../../../../softphone/files/messages.ts';
import type { FileOffer, TransferOutcome } from '../../../../softphone/files/types.ts';

const sha256 = 'cd'.repeat(32);
const OFFER: FileOffer = { name: 'a.bin', sizeBytes: 100_000, modifiedMs: 0 };
const MARK = { offsetBytes: 40_000, sha256: 'ab'.repeat(32) };

const STATES = ['offered', 'checking', 'sending', 'digesting', 'ending', 'over'] as const;

function say(sender: FileSender, message: ControlMessage, now = 0): void {
  sender.handleMessage(now, serializeControl(message));
}

function senderIn(state: (typeof STATES)[number], offer = OFFER): FileSender {
  const sender = new FileSender(0, { offer, maxMessageBytes: 65_536 });
  const steps: readonly (() => void)[] = [
    () => say(sender, { type: 'accept', marks: [MARK] }),
    () => sender.handleChecked(0, 0),
    () => sender.handleRead(0, new Uint8Array(offer.sizeBytes)),
    () => sender.handleDigest(0, sha256),
    () => say(sender, { type: 'done', name: 'a.bin' }),
  ];
  for (const step of steps.slice(0, STATES.indexOf(state))) step();
  expect(sender.state).toBe(state);
  sender.takeActions();
  return sender;
}

function outcomeIn(actions: readonly SenderAction[]): TransferOutcome | undefined {
  return actions.flatMap((action) => (action.type === 'finished' ? [action.outcome] : []))[0];
}

function failureOf(sender: FileSender): string | undefined {
  const outcome = outcomeIn(sender.takeActions());
  return outcome?.kind === 'failed' ? outcome.reason : outcome?.kind;
}

const TABLE: Readonly<
  Record<string, readonly [message: ControlMessage | Uint8Array, after: readonly string[]]>
> = {
  accept: [
    { type: 'accept', marks: [MARK] },
    ['checking', 'protocol', 'protocol', 'protocol', 'protocol', 'over'],
  ],
  refuse: [
    { type: 'refuse', reason: 'noSpace', text: '' },
    ['noSpace', 'protocol', 'protocol', 'protocol', 'protocol', 'over'],
  ],
  progress: [
    { type: 'progress', writtenBytes: 0 },
    ['protocol', 'protocol', 'sending', 'digesting', 'ending', 'over'],
  ],
  done: [{ type: 'done', name: 'a' }, ['protocol', 'protocol', 'protocol', 'protocol', 'done', 'over']],
  working: [{ type: 'working' }, [...STATES]],
  abort: [{ type: 'abort', reason: 'writeFailed', text: '' }, [...Array(5).fill('writeFailed'), 'over']],
  offer: [{ type: 'offer', version: 1, ...OFFER }, [...Array(5).fill('protocol'), 'over']],
  start: [{ type: 'start', offsetBytes: 0 }, [...Array(5).fill('protocol'), 'over']],
  end: [{ type: 'end', sha256 }, [...Array(5).fill('protocol'), 'over']],
  data: [new Uint8Array(1), [...Array(5).fill('protocol'), 'over']],
};

describe.each(Object.entries(TABLE))('%s', (_name, [message, after]) => {
  test.each(STATES.map((state, index) => ({ state, expected: after[index] })))(
    'in the state $state: $expected',
    ({ state, expected }) => {
      const sender = senderIn(state);
      sender.handleMessage(1, message instanceof Uint8Array ? message : serializeControl(message));
      expect(failureOf(sender) ?? sender.state).toBe(expected);
    },
  );
});

describe('a sender', () => {
  test('offers first, and cuts what it reads into messages', () => {
    const sender = new FileSender(0, { offer: OFFER, maxMessageBytes: 65_536 });
    expect(sender.takeActions()).toEqual([
      { type: 'send', message: { type: 'offer', version: 1, ...OFFER } },
    ]);
    say(sender, { type: 'accept', marks: [] });
    expect(sender.takeActions()).toEqual([
      { type: 'send', message: { type: 'start', offsetBytes: 0 } },
      { type: 'read', lengthBytes: OFFER.sizeBytes },
    ]);
    sender.handleRead(0, new Uint8Array(OFFER.sizeBytes));
    const sizes = sender
      .takeActions()
      .flatMap((action) => (action.type === 'transmit' ? [action.bytes.length] : []));
    expect(sizes).toEqual([...Array(6).fill(MESSAGE_BYTES), OFFER.sizeBytes - 6 * MESSAGE_BYTES]);
    expect(sender.state).toBe('digesting');
  });

  test('sends no larger messages than the far end takes', () => {
    const sender = new FileSender(0, { offer: { ...OFFER, sizeBytes: 3 }, maxMessageBytes: 1 });
    say(sender, { type: 'accept', marks: [] });
    sender.takeActions();
    sender.handleRead(0, new Uint8Array(3));
    expect(sender.takeActions().filter(({ type }) => type === 'transmit')).toHaveLength(3);
  });

  test('starts at the mark that is its own, too', () => {
    const sender = senderIn('checking');
    sender.handleChecked(1, MARK.offsetBytes);
    expect(sender.takeActions()).toEqual([
      { type: 'send', message: { type: 'start', offsetBytes: MARK.offsetBytes } },
      { type: 'read', lengthBytes: OFFER.sizeBytes - MARK.offsetBytes },
    ]);
  });

  test.each([
    { name: 'beyond the file', marks: [{ ...MARK, offsetBytes: OFFER.sizeBytes + 1 }] },
    { name: 'at its beginning', marks: [{ ...MARK, offsetBytes: 0 }] },
    { name: 'that fall', marks: [MARK, { ...MARK, offsetBytes: MARK.offsetBytes - 1 }] },
    { name: 'that repeat', marks: [MARK, MARK] },
  ])('takes no marks $name', ({ marks }) => {
    const sender = senderIn('offered');
    say(sender, { type: 'accept', marks: [...marks] });
    expect(failureOf(sender)).toBe('protocol');
  });

  test.each([OFFER.sizeBytes + 1, Number.MAX_SAFE_INTEGER])(
    'does not believe that %d bytes are written',
    (writtenBytes) => {
      const sender = senderIn('digesting');
      say(sender, { type: 'progress', writtenBytes });
      expect(failureOf(sender)).toBe('protocol');
    },
  );

  test('waits for the receiver to write, and for the channel to run low', () => {
    const sender = senderIn('sending', { ...OFFER, sizeBytes: 1e9 });
    let sentBytes = 0;
    const readAll = () => {
      for (let i = 0; i < 1000; i += 1) {
        sender.handleRead(0, new Uint8Array(READ_BYTES));
        const actions = sender.takeActions();
        sentBytes += actions.reduce((sum, one) => sum + (one.type === 'transmit' ? one.bytes.length : 0), 0);
        sender.handleBuffered(0, 0);
        if (!actions.some(({ type }) => type === 'transmit')) return;
      }
    };
    readAll();
    expect(sentBytes).toBe(WINDOW_BYTES);
    say(sender, { type: 'progress', writtenBytes: READ_BYTES });
    expect(sender.takeActions()).toEqual([{ type: 'read', lengthBytes: READ_BYTES }]);
    say(sender, { type: 'progress', writtenBytes: 2 * READ_BYTES });
    sender.handleBuffered(0, BUFFER_HIGH_BYTES);
    sender.handleRead(0, new Uint8Array(READ_BYTES));
    expect(sender.takeActions().filter(({ type }) => type === 'read')).toEqual([]);
    sender.handleBuffered(0, BUFFER_HIGH_BYTES - 1);
    expect(sender.takeActions()).toEqual([{ type: 'read', lengthBytes: READ_BYTES }]);
  });

  test('breaks off where the file has changed', () => {
    const shorter = senderIn('sending');
    shorter.handleRead(0, new Uint8Array(0));
    expect(failureOf(shorter)).toBe('changed');
    const other = senderIn('digesting');
    other.handleDigest(0, undefined);
    expect(failureOf(other)).toBe('changed');
  });

  test('tells both sides where it breaks off, and only its own where the channel broke', () => {
    const stopped = senderIn('sending');
    stopped.handleFailure('cancelled', 'the sender broke off');
    expect(stopped.takeActions()[0]).toMatchObject({ message: { type: 'abort', reason: 'cancelled' } });
    const broken = senderIn('sending');
    broken.handleClosed();
    expect(broken.takeActions()).toMatchObject([{ type: 'finished', outcome: { reason: 'broken' } }]);
  });

  test.each(STATES.slice(0, -1).map((state) => ({ state })))('gives up in the state $state', ({ state }) => {
    const sender = senderIn(state);
    let now = 0;
    while (sender.state !== 'over' && now < 1e7) {
      now = sender.nextTimeoutAt() ?? Number.POSITIVE_INFINITY;
      sender.handleTimeout(now);
      // A far end that is at work for ever.
      if (state === 'offered' || state === 'ending') say(sender, { type: 'working' }, now);
    }
    expect(failureOf(sender)).toBe('stalled');
    expect(now).toBeLessThanOrEqual(Math.max(STALL_MS, checkLimitMs(OFFER.sizeBytes)) + STALL_MS);
  });
});
