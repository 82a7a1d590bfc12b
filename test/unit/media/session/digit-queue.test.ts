import { describe, expect, it } from 'vitest';
import type { PayloadFormat } from '../../../../media/engine/types.ts';
import { type DigitPacket, DigitQueue } from '../../../../media/session/digit-queue.ts';

const EVENTS: PayloadFormat = {
  payloadType: 101,
  encoding: 'telephone-event',
  clockRateHz: 8000,
  channels: 1,
};
const EVENTS_48: PayloadFormat = { ...EVENTS, payloadType: 110, clockRateHz: 48_000 };

function queue(format: PayloadFormat | undefined = EVENTS): DigitQueue {
  const made = new DigitQueue();
  made.setFormat(format);
  return made;
}

/** Event, E bit and duration of RFC 4733 §2.3. */
const read = ({ payload }: DigitPacket) => {
  const [event = 0, flags = 0, high = 0, low = 0] = payload;
  return { event, isEnd: flags >= 0x80, duration: (high << 8) | low };
};

/** Beats until nothing was sent for as long as any pause. */
function drain(digits: DigitQueue, frameMs: number): (DigitPacket | undefined)[] {
  const beats: (DigitPacket | undefined)[] = [];
  for (let silentMs = 0, beat = 0; silentMs <= 200; beat += 1) {
    const packet = digits.next(1000 * beat, frameMs);
    silentMs = packet ? 0 : silentMs + frameMs;
    beats.push(packet);
  }
  return beats;
}

describe('DigitQueue', () => {
  it.each([
    { frameMs: 10, format: EVENTS, packets: 12, ends: 800 },
    { frameMs: 20, format: EVENTS, packets: 7, ends: 800 },
    { frameMs: 30, format: EVENTS, packets: 6, ends: 800 },
    { frameMs: 40, format: EVENTS, packets: 5, ends: 800 },
    { frameMs: 60, format: EVENTS, packets: 4, ends: 800 },
    { frameMs: 20, format: EVENTS_48, packets: 7, ends: 4800 },
    { frameMs: 60, format: EVENTS_48, packets: 4, ends: 4800 },
  ])(
    'sends a digit of 100 ms in frames of $frameMs ms, its end three times',
    ({ frameMs, format, packets, ends }) => {
      const digits = queue(format);
      digits.push('5');
      const sent = drain(digits, frameMs).filter((packet) => packet !== undefined);
      expect(sent).toHaveLength(packets);
      expect(sent.map(({ marker }) => marker)).toEqual(sent.map((_, n) => n === 0));
      expect(
        sent.every(({ payloadType, timestamp }) => payloadType === format.payloadType && timestamp === 0),
      ).toBe(true);
      const events = sent.map(read);
      const step = (frameMs * format.clockRateHz) / 1000;
      expect(events.map(({ duration }) => duration)).toEqual(
        events.map((_, n) => Math.min(ends, step * (n + 1))),
      );
      expect(events.filter(({ isEnd }) => isEnd)).toEqual(
        Array(3).fill({ event: 5, isEnd: true, duration: ends }),
      );
    },
  );

  it.each([10, 20, 30, 60])(
    'lets sound pass for 80 ms and no frame less between two digits, in frames of %i ms',
    (frameMs) => {
      const digits = queue();
      digits.push('12');
      const beats = drain(digits, frameMs);
      const firstEnd = beats.findIndex((packet) => !packet);
      const nextStart = beats.findIndex((packet, n) => n > firstEnd && packet);
      expect((nextStart - firstEnd) * frameMs).toBeGreaterThanOrEqual(80);
      expect((nextStart - firstEnd - 1) * frameMs).toBeLessThan(80);
    },
  );

  it('takes all digits or none', () => {
    const digits = queue();
    expect([digits.push('1x'), digits.push('1'.repeat(65))]).toEqual([false, false]);
    expect(digits.next(0, 20)).toBeUndefined();
    expect([digits.push('1'.repeat(64)), digits.push('1')]).toEqual([true, false]);
  });

  it('ends a digit as it began it, and begins the next in the format that was agreed on meanwhile', () => {
    const digits = queue();
    digits.push('12');
    digits.next(0, 20);
    digits.setFormat(EVENTS_48);
    const sent = drain(digits, 20).filter((packet) => packet !== undefined);
    expect(sent.map(({ payloadType }) => payloadType)).toEqual([
      ...Array(6).fill(101),
      ...Array(7).fill(110),
    ]);
    expect(
      sent
        .map(read)
        .filter(({ isEnd }) => isEnd)
        .map(({ duration }) => duration),
    ).toEqual([800, 800, 800, 4800, 4800, 4800]);
  });

  it('sends nothing more where the far end no longer takes digits', () => {
    const digits = queue();
    digits.push('12');
    digits.next(0, 20);
    digits.setFormat(undefined);
    digits.setFormat(EVENTS);
    expect(drain(digits, 20).every((packet) => packet === undefined)).toBe(true);
  });
});
