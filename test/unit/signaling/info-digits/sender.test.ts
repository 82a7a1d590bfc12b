import { expect, test } from 'vitest';
import type { InDialogResult, ResponseOptions } from '../../../../signaling/index.ts';
import { InfoDigitSender, MAX_WAITING_DIGITS } from '../../../../signaling/info-digits/index.ts';

/** A session whose peer answers when it is told to. */
function makeSession() {
  const bodies: unknown[] = [];
  const answers: ((result: InDialogResult) => void)[] = [];
  return {
    bodies,
    request: (method: string, options?: ResponseOptions) => {
      bodies.push(`${method} ${options?.contentType} ${options?.body}`);
      return new Promise<InDialogResult>((resolve) => answers.push(resolve));
    },
    answer: async (status: number) => {
      answers.shift()?.({ status, reason: '', sdp: undefined, response: undefined });
      await Promise.resolve();
      await Promise.resolve();
    },
  };
}

const digitsOf = (text: string) => [...text].map((digit) => ({ digit, durationMs: 160 }));

test('digits go one by one, each after the answer to the one before, in their order', async () => {
  const session = makeSession();
  const statuses: number[] = [];
  const sender = new InfoDigitSender(session, (status) => statuses.push(status));
  expect(sender.push(...digitsOf('1#'))).toBe(true);
  expect(sender.push(...digitsOf('2'))).toBe(true);
  expect(session.bodies).toEqual(['INFO application/dtmf-relay Signal=1\r\nDuration=160\r\n']);
  await session.answer(200);
  expect(session.bodies).toHaveLength(2);
  await session.answer(405);
  await session.answer(200);
  expect(session.bodies.map((body) => /Signal=(.)/.exec(String(body))?.[1])).toEqual(['1', '#', '2']);
  sender.push(...digitsOf('3'));
  expect(session.bodies).toHaveLength(4);
  expect(statuses).toEqual([200, 405, 200]);
});

test('more digits than may wait are refused', () => {
  const session = makeSession();
  const sender = new InfoDigitSender(session);
  // The first is on its way at once.
  expect(sender.push(...digitsOf('1'), ...digitsOf('2'.repeat(MAX_WAITING_DIGITS - 1)))).toBe(true);
  expect(sender.push(...digitsOf('33'))).toBe(false);
  expect(sender.push(...digitsOf('3'))).toBe(true);
  expect(session.bodies).toHaveLength(1);
});
