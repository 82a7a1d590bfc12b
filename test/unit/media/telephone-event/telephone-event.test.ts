import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rtpTimestamp } from '../../../../media/rtp/index.ts';
import {
  DIGITS,
  TelephoneEventReceiver,
  TelephoneEventSender,
} from '../../../../media/telephone-event/index.ts';

const STEP = 160;
const DURATION = 800;

interface Arrival {
  readonly payload: Uint8Array;
  readonly timestamp: number;
}

/** All packets of the digits, each digit at a timestamp of its own. */
function play(digits: string): Arrival[] {
  const sender = new TelephoneEventSender(STEP, DURATION);
  sender.push(digits);
  const packets: Arrival[] = [];
  let timestamp = 0;
  for (let packet = sender.next(); packet; packet = sender.next()) {
    if (packet.marker) timestamp += 10_000;
    packets.push({ payload: packet.payload, timestamp });
  }
  return packets;
}

/** What a receiver tells where a packet comes every 20 ms, and then nothing any more. */
function heard(packets: readonly Arrival[]): string {
  const receiver = new TelephoneEventReceiver();
  const digits = packets.map(({ payload, timestamp }, i) =>
    receiver.receive(20 * i, payload, { timestamp, clockRateHz: 8000 }),
  );
  while (receiver.isOpen) digits.push(receiver.expire(20 * packets.length + 200));
  return digits.map((digit) => digit?.digit ?? '').join('');
}

const chance = (share: number) => fc.integer({ min: 1, max: 100 }).map((drawn) => drawn <= 100 * share);

const isEnd = ({ payload }: Arrival) => ((payload[1] ?? 0) & 0x80) !== 0;

describe('TelephoneEventSender', () => {
  it('sends updates that grow and the end three times, under one timestamp and one marker (RFC 4733 §2.5.1)', () => {
    const sender = new TelephoneEventSender(STEP, DURATION);
    expect(sender.push('5')).toBe(1);
    const packets = Array.from({ length: 7 }, () => sender.next());
    expect(packets.map((packet) => packet && [...packet.payload])).toEqual([
      [5, 10, 0, 160],
      [5, 10, 1, 64],
      [5, 10, 1, 224],
      [5, 10, 2, 128],
      [5, 0x8a, 3, 32],
      [5, 0x8a, 3, 32],
      [5, 0x8a, 3, 32],
    ]);
    expect(packets.map((packet) => packet?.marker)).toEqual([true, ...Array(6).fill(false)]);
    expect(packets.map((packet) => packet?.isLast)).toEqual([...Array(6).fill(false), true]);
    expect(sender.next()).toBeUndefined();
    expect(sender.pending).toBe(0);
  });

  it('takes digits in lower case, and nothing that is none', () => {
    expect(new TelephoneEventSender(STEP, DURATION).push('a1x #')).toBe(3);
  });
});

describe('TelephoneEventReceiver', () => {
  it('hears every digit once (RFC 4733 §3.2)', () => {
    expect(heard(play(DIGITS))).toBe(DIGITS);
  });

  it('hears the same digit twice where it was pressed twice', () => {
    expect(heard(play('55'))).toBe('55');
  });

  it.each([
    { name: 'every update', lost: (packet: Arrival) => !isEnd(packet) },
    { name: 'the first end', lost: (_: Arrival, index: number) => index % 7 === 4 },
    { name: 'the first two ends', lost: (_: Arrival, index: number) => index % 7 === 4 || index % 7 === 5 },
    { name: 'the last two ends', lost: (_: Arrival, index: number) => index % 7 >= 5 },
  ])('hears each digit once where $name are lost', ({ lost }) => {
    expect(heard(play('0815').filter((packet, index) => !lost(packet, index)))).toBe('0815');
  });

  it('hears a digit whose ends are all lost with the next one, or when its packets stop', () => {
    expect(heard(play('12').filter((packet) => packet.payload[0] !== 1 || !isEnd(packet)))).toBe('12');
    expect(heard(play('12').filter((packet) => !isEnd(packet)))).toBe('12');
    const receiver = new TelephoneEventReceiver();
    receiver.receive(0, Uint8Array.of(1, 10, 0, 160), { timestamp: 5, clockRateHz: 8000 });
    expect([receiver.isOpen, receiver.expire(199)]).toEqual([true, undefined]);
    expect(receiver.expire(200)).toEqual({ digit: '1', durationMs: 20 });
    expect([receiver.isOpen, receiver.expire(400)]).toEqual([false, undefined]);
  });

  it('hears a digit of which one packet came, whichever', () => {
    for (let kept = 0; kept < 7; kept += 1) {
      expect(heard(play('789').filter((_, i) => i % 7 === kept))).toBe('789');
      expect(heard(play('8').filter((_, i) => i === kept))).toBe('8');
    }
  });

  it('hears a digit whose only packet was overtaken by the next digit', () => {
    const packets = play('12');
    const [only, ...two] = [packets[3], ...packets.slice(7)] as [Arrival, ...Arrival[]]; // Seven packets a digit.
    expect(heard([...two.slice(0, 4), only, ...two.slice(4)])).toBe('12');
    expect(heard([...two, only, only])).toBe('21');
  });

  it('hears each digit once where a repeated end comes after the next digit has begun, or ended', () => {
    const [one, two] = [play('12').slice(0, 7), play('12').slice(7)];
    const late = one.at(-1) as Arrival; // Seven packets a digit.
    expect(heard([...one.slice(0, 6), ...two.slice(0, 1), late, ...two.slice(1)])).toBe('12');
    expect(heard([...one.slice(0, 6), ...two, late])).toBe('12');
  });

  it('hears each digit once where every packet comes twice', () => {
    expect(heard(play('*43').flatMap((packet) => [packet, packet]))).toBe('*43');
  });

  it('hears a digit before the wrap of the timestamp, and one behind it', () => {
    const end = Uint8Array.of(7, 0x8a, 3, 32);
    expect(
      heard([
        { payload: end, timestamp: 0xffff_ff00 },
        { payload: end, timestamp: 0x1000 },
      ]),
    ).toBe('77');
  });

  it.each([
    { clockRateHz: 8000, expected: 100 },
    { clockRateHz: 48_000, expected: 800 / 48 },
  ])('tells the duration in milliseconds at $clockRateHz Hz', ({ clockRateHz, expected }) => {
    const digit = new TelephoneEventReceiver().receive(0, Uint8Array.of(1, 0x8a, 3, 32), {
      timestamp: 9,
      clockRateHz,
    });
    expect(digit?.durationMs).toBeCloseTo(expected, 9);
  });

  it.each([
    { name: 'a payload that is cut', payload: [1, 0x80, 3] },
    { name: 'no payload', payload: [] },
    { name: 'an event that is no digit (flash)', payload: [16, 0x80, 3, 32] },
    { name: 'an unknown event', payload: [255, 0x80, 3, 32] },
    { name: 'an end without a duration', payload: [1, 0x80, 0, 0] },
  ])('hears nothing in $name', ({ payload }) => {
    expect(heard([{ payload: Uint8Array.from(payload), timestamp: 9 }])).toBe('');
  });

  it('hears one digit where a phone gives every packet of an event a timestamp of its own', () => {
    expect(heard(play('5').map((packet, i) => ({ ...packet, timestamp: i * STEP })))).toBe('5');
  });

  it('hears one digit where such a phone counts no duration, and a packet is lost', () => {
    const packets = play('5').map(({ payload }, i) => ({
      payload: Uint8Array.of(5, payload[1] ?? 0, 0, STEP),
      timestamp: i * STEP,
    }));
    expect(heard(packets.filter((_, i) => i !== 2))).toBe('5');
  });

  it('hears the same key again after exactly as long as a segment lasts', () => {
    const again = play('5').map((packet) => ({ ...packet, timestamp: packet.timestamp + 0xffff }));
    expect(heard([...play('5'), ...again])).toBe('55');
  });

  it('hears no digit again where the timestamp leaps and comes back', () => {
    const [five, six] = [play('5'), play('6').map((packet) => ({ ...packet, timestamp: 0x4000_0000 }))];
    expect(heard([...five, ...six, ...five, ...six])).toBe('56');
  });

  it('hears the first digit alone where two claim one timestamp', () => {
    expect(heard([...play('5'), ...play('6')])).toBe('5');
  });

  describe('a digit longer than its field of duration (RFC 4733 §2.5.1.3)', () => {
    const SEGMENT = 0xffff;
    /** A digit of that many ticks as an update every 50 ms: three at the end of a segment, three at the end of all. */
    const longDigit = (ticks: number): Arrival[] => {
      const packets: Arrival[] = [];
      for (let start = 0; start < ticks; start += SEGMENT) {
        const length = Math.min(SEGMENT, ticks - start);
        const isLast = start + length === ticks;
        for (let at = 400; at < length + 1200; at += 400) {
          const duration = Math.min(at, length);
          const flags = isLast && duration === length ? 0x8a : 10;
          packets.push({ payload: Uint8Array.of(4, flags, duration >> 8, duration & 255), timestamp: start });
        }
      }
      return packets;
    };
    const durations = (packets: readonly Arrival[]) => {
      const receiver = new TelephoneEventReceiver();
      return packets.flatMap(
        ({ payload, timestamp }, i) =>
          receiver.receive(50 * i, payload, { timestamp, clockRateHz: 8000 })?.durationMs ?? [],
      );
    };

    it.each([8, 20, 90])('of %i s is one digit with its whole duration', (seconds) => {
      expect(durations(longDigit(seconds * 8000))).toEqual([seconds * 1000]);
    });

    it('is one where the ends of its segments are lost', () => {
      const packets = longDigit(160_000).filter(({ payload }) => payload[2] !== 0xff || payload[3] !== 0xff);
      expect(durations(packets)).toEqual([20_000]);
    });

    it('is one where a packet of it comes behind the next digit', () => {
      const packets = longDigit(100_000);
      const late = packets.filter(({ timestamp }) => timestamp === SEGMENT).slice(0, 3);
      const next = play('7').map((packet) => ({ ...packet, timestamp: 101_000 }));
      expect(heard([...packets, ...next, ...late])).toBe('47');
    });

    it('is one where the last packets of a segment are overtaken by the next segment', () => {
      const packets = longDigit(160_000);
      const seam = packets.findIndex(({ timestamp }) => timestamp > 0);
      const swapped = [...packets.slice(0, seam - 2), ...packets.slice(seam, seam + 2)];
      const rest = [...packets.slice(seam - 2, seam), ...packets.slice(seam + 2)];
      expect(durations([...swapped, ...rest])).toEqual([20_000]);
    });
  });

  it('hears each digit once and none too many under any loss, repetition and reordering of a fifth', () => {
    const fate = fc.record({
      isLost: chance(0.2),
      isTwice: chance(0.2),
      lateBy: fc.integer({ min: 0, max: 4 }),
    });
    const digits = fc.array(fc.constantFrom(...DIGITS), { minLength: 1, maxLength: 12 });
    const fates = fc.array(fate, { minLength: 12 * 7, maxLength: 12 * 7 });
    fc.assert(
      fc.property(digits, fates, (pressed, packetFates) => {
        const sent = play(pressed.join(''));
        const arrived = sent
          .flatMap((packet, i) => {
            const { isLost = false, isTwice = false, lateBy = 0 } = packetFates[i] ?? {};
            // A fifth of the packets is late, by up to four places.
            const place = i + (lateBy > 3 ? lateBy : 0);
            return isLost ? [] : Array.from({ length: isTwice ? 2 : 1 }, () => ({ packet, place }));
          })
          .sort((one, other) => one.place - other.place)
          .map(({ packet }) => packet);
        const reached = pressed.filter((_, i) =>
          arrived.some(({ timestamp }) => timestamp === 10_000 * (i + 1)),
        );
        expect([...heard(arrived)].sort()).toEqual(reached.sort());
      }),
      { numRuns: 500, seed: 4733 },
    );
  });
});

const pcaps = resolve(
  process.env.PATCHCORD_DATA ?? resolve(import.meta.dirname, '../../../../../shared/data'),
  'pcaps/sipp',
);

/** The RTP packets of a capture: Ethernet, IPv4, UDP. */
function rtpOf(file: string): readonly Uint8Array[] {
  const bytes = readFileSync(resolve(pcaps, file));
  const packets: Uint8Array[] = [];
  for (let at = 24; at < bytes.length; ) {
    const length = bytes.readUInt32LE(at + 8);
    packets.push(bytes.subarray(at + 16 + 14 + 20 + 8, at + 16 + length));
    at += 16 + length;
  }
  return packets;
}

describe.skipIf(!existsSync(pcaps))(
  'TelephoneEventReceiver and the digits of sipp (skipped without the data)',
  () => {
    it.each([
      ...[...'0123456789'].map((digit) => ({ digit, name: digit })),
      { digit: '#', name: 'pound' },
      { digit: '*', name: 'star' },
    ])('hears $digit once', ({ digit, name }) => {
      const arrivals = rtpOf(`dtmf_2833_${name}.pcap`)
        .filter((packet) => packet.length === 12 + 4)
        .map((packet) => ({ payload: packet.subarray(12), timestamp: rtpTimestamp(packet) }));
      expect(arrivals.length).toBeGreaterThan(3);
      expect(heard(arrivals)).toBe(digit);
    });
  },
);
