import { describe, expect, test } from 'vitest';
import { FileReceiver, type ReceiverAction } from '../../../../softphone/files/file-receiver.ts';
import { checkLimitMs, PROGRESS_MS, STALL_MS, WINDOW_BYTES } from '../../../../softphone/files/limits.ts';
import { type ControlMessage, serializeControl } from '../../../../softphone/files/messages.ts';
import type { FileOffer, TransferOutcome } from '../../../../softphone/files/types.ts';

const sha256 = 'cd'.repeat(32);
const OFFER: FileOffer = { name: 'a.bin', sizeBytes: 100_000, modifiedMs: 0 };
const MARK = { offsetBytes: 40_000, sha256: 'ab'.repeat(32) };

/** A receiver in each of its states, and the rest of what it was told. */
const STATES = ['waiting', 'opening', 'accepted', 'receiving', 'draining', 'finishing', 'over'] as const;

function receiverIn(state: (typeof STATES)[number], offer = OFFER): FileReceiver {
  const receiver = new FileReceiver(0);
  const say = (message: ControlMessage) => receiver.handleMessage(0, serializeControl(message));
  const steps: readonly (() => void)[] = [
    () => say({ type: 'offer', version: 1, ...offer }),
    () => receiver.handleOpened(0, { marks: [MARK] }),
    () => say({ type: 'start', offsetBytes: 0 }),
    () => {
      receiver.handleMessage(0, new Uint8Array(offer.sizeBytes));
      say({ type: 'end', sha256 });
    },
    () => receiver.handleWritten(0, offer.sizeBytes),
    () => receiver.handleFinished('a.bin'),
  ];
  for (const step of steps.slice(0, STATES.indexOf(state))) step();
  expect(receiver.state).toBe(state);
  receiver.takeActions();
  return receiver;
}

function outcomeIn(actions: readonly ReceiverAction[]): TransferOutcome | undefined {
  return actions.flatMap((action) => (action.type === 'finished' ? [action.outcome] : []))[0];
}

function failureOf(receiver: FileReceiver): string | undefined {
  const outcome = outcomeIn(receiver.takeActions());
  return outcome?.kind === 'failed' ? outcome.reason : outcome?.kind;
}

/** The state after each message, or why the transfer failed. */
const TABLE: Readonly<
  Record<string, readonly [message: ControlMessage | Uint8Array, after: readonly string[]]>
> = {
  offer: [
    { type: 'offer', version: 1, ...OFFER },
    ['opening', 'protocol', 'protocol', 'protocol', 'protocol', 'protocol', 'over'],
  ],
  start: [
    { type: 'start', offsetBytes: MARK.offsetBytes },
    ['protocol', 'protocol', 'receiving', 'protocol', 'protocol', 'protocol', 'over'],
  ],
  data: [
    new Uint8Array(1000),
    ['protocol', 'protocol', 'protocol', 'receiving', 'protocol', 'protocol', 'over'],
  ],
  end: [
    { type: 'end', sha256 },
    ['protocol', 'protocol', 'protocol', 'protocol', 'protocol', 'protocol', 'over'],
  ],
  working: [
    { type: 'working' },
    ['waiting', 'opening', 'accepted', 'receiving', 'draining', 'finishing', 'over'],
  ],
  abort: [
    { type: 'abort', reason: 'cancelled', text: '' },
    ['cancelled', 'cancelled', 'cancelled', 'cancelled', 'cancelled', 'cancelled', 'over'],
  ],
  accept: [{ type: 'accept', marks: [] }, [...Array(6).fill('protocol'), 'over']],
  progress: [{ type: 'progress', writtenBytes: 1 }, [...Array(6).fill('protocol'), 'over']],
  done: [{ type: 'done', name: 'x' }, [...Array(6).fill('protocol'), 'over']],
  refuse: [{ type: 'refuse', reason: 'busy', text: '' }, [...Array(6).fill('protocol'), 'over']],
};

describe.each(Object.entries(TABLE))('%s', (_name, [message, after]) => {
  test.each(STATES.map((state, index) => ({ state, expected: after[index] })))(
    'in the state $state: $expected',
    ({ state, expected }) => {
      const receiver = receiverIn(state);
      receiver.handleMessage(1, message instanceof Uint8Array ? message : serializeControl(message));
      expect(failureOf(receiver) ?? receiver.state).toBe(expected);
    },
  );
});

describe('a receiver', () => {
  test('takes a file from its beginning to its end', () => {
    const receiver = receiverIn('receiving');
    receiver.handleMessage(1, new Uint8Array(60_000));
    receiver.handleMessage(2, new Uint8Array(40_000));
    receiver.handleMessage(3, serializeControl({ type: 'end', sha256 }));
    expect(receiver.takeActions().map(({ type }) => type)).toEqual(['write', 'write']);
    receiver.handleWritten(4, 60_000);
    receiver.handleWritten(5, 40_000);
    expect(receiver.takeActions()).toEqual([{ type: 'finish', sha256 }]);
    receiver.handleFinished('a (1).bin');
    const actions = receiver.takeActions();
    expect(actions[0]).toEqual({ type: 'send', message: { type: 'done', name: 'a (1).bin' } });
    expect(outcomeIn(actions)).toEqual({ kind: 'done', name: 'a (1).bin', sha256 });
  });

  test('goes on at a mark, and needs the rest alone', () => {
    const receiver = receiverIn('accepted');
    receiver.handleMessage(1, serializeControl({ type: 'start', offsetBytes: MARK.offsetBytes }));
    expect(receiver.takeActions()).toEqual([{ type: 'begin', offsetBytes: MARK.offsetBytes }]);
    receiver.handleMessage(2, new Uint8Array(60_000));
    receiver.handleMessage(3, serializeControl({ type: 'end', sha256 }));
    receiver.handleWritten(4, 60_000);
    expect(receiver.state).toBe('finishing');
    expect(receiver.progress).toEqual({ doneBytes: 100_000, resumedBytes: 40_000, sizeBytes: 100_000 });
  });

  test.each([1, MARK.offsetBytes - 1, MARK.offsetBytes + 1, OFFER.sizeBytes, Number.MAX_SAFE_INTEGER])(
    'does not start at %d, where nothing was proven',
    (offsetBytes) => {
      const receiver = receiverIn('accepted');
      receiver.handleMessage(1, serializeControl({ type: 'start', offsetBytes }));
      expect(failureOf(receiver)).toBe('protocol');
    },
  );

  test('takes no byte more than was offered, and no empty message', () => {
    for (const bytes of [new Uint8Array(OFFER.sizeBytes + 1), new Uint8Array(0)]) {
      const receiver = receiverIn('receiving');
      receiver.handleMessage(1, bytes);
      expect(failureOf(receiver)).toBe('protocol');
    }
  });

  test('holds no more than its window, however fast it is flooded', () => {
    const receiver = receiverIn('receiving', { ...OFFER, sizeBytes: 1e12 });
    const message = new Uint8Array(16_384);
    let [heldBytes, failure] = [0, undefined as string | undefined];
    for (let i = 0; i < 10_000 && failure === undefined; i += 1) {
      receiver.handleMessage(1, message);
      const actions = receiver.takeActions();
      heldBytes += actions.filter(({ type }) => type === 'write').length * message.length;
      failure = outcomeIn(actions)?.kind;
    }
    expect(failure).toBe('failed');
    expect(heldBytes).toBeLessThanOrEqual(WINDOW_BYTES);
  });

  test('takes an empty file', () => {
    const receiver = receiverIn('receiving', { ...OFFER, sizeBytes: 0 });
    receiver.handleMessage(1, serializeControl({ type: 'end', sha256 }));
    expect(receiver.takeActions()).toEqual([{ type: 'finish', sha256 }]);
  });

  test('tells a mismatch', () => {
    const receiver = receiverIn('finishing');
    receiver.handleFinished(undefined);
    const actions = receiver.takeActions();
    expect(actions[0]).toMatchObject({ type: 'send', message: { type: 'abort', reason: 'mismatch' } });
    expect(outcomeIn(actions)).toMatchObject({ kind: 'failed', reason: 'mismatch' });
  });

  test('passes on why the inbox refuses', () => {
    const receiver = receiverIn('opening');
    receiver.handleOpened(1, { reason: 'tooLarge', text: 'too large' });
    expect(receiver.takeActions()[0]).toMatchObject({ message: { type: 'refuse', reason: 'tooLarge' } });
  });

  test('tells its progress after a while, where little comes', () => {
    const receiver = receiverIn('receiving');
    receiver.handleMessage(0, new Uint8Array(1000));
    receiver.handleWritten(10, 1000);
    receiver.takeActions();
    expect(receiver.nextTimeoutAt()).toBe(PROGRESS_MS);
    receiver.handleTimeout(PROGRESS_MS);
    expect(receiver.takeActions()).toEqual([
      { type: 'send', message: { type: 'progress', writtenBytes: 1000 } },
    ]);
  });

  test.each(STATES.slice(0, -1).map((state) => ({ state })))('gives up in the state $state', ({ state }) => {
    const receiver = receiverIn(state);
    let now = 0;
    // It is at work, and says no more: nobody keeps a transfer open by that.
    while (receiver.state !== 'over' && now < 1e7) {
      now = receiver.nextTimeoutAt() ?? Number.POSITIVE_INFINITY;
      receiver.handleTimeout(now);
      if (state !== 'opening') receiver.handleMessage(now, serializeControl({ type: 'working' }));
    }
    expect(failureOf(receiver)).toBe('stalled');
    expect(now).toBeLessThanOrEqual(Math.max(STALL_MS, checkLimitMs(OFFER.sizeBytes)));
    expect(receiver.nextTimeoutAt()).toBeUndefined();
  });
});
