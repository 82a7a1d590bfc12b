import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JitterFrame } from '../../../../media/jitter/types.ts';
import { type RedLevel, RedReceiver, RedSender } from '../../../../media/red/index.ts';

const RED = 63;
const OPUS = 111;
const STEP = 960;

/** The packets of a sender: number n, at n steps unless told otherwise, carries the byte n. */
function packets(count: number, level: RedLevel, timestampOf = (n: number) => STEP * n) {
  const red = new RedSender();
  red.level = level;
  return Array.from({ length: count }, (_, n): JitterFrame => {
    const timestamp = timestampOf(n) >>> 0;
    const packet = red.encode(OPUS, Uint8Array.of(n), timestamp)?.slice();
    return {
      payloadType: packet ? RED : OPUS,
      payload: packet ?? Uint8Array.of(n),
      timestamp,
      extendedSequenceNumber: 65_530 + n,
      ssrc: 1,
      marker: n === 0,
      arrivedAt: 20 * n,
      clockRateHz: 48_000,
    };
  });
}

/** `n` for a packet, `n*` for a copy; checks that number, timestamp and payload say the same. */
function createLab(timestampOf = (n: number) => STEP * n) {
  const receiver = new RedReceiver();
  return (packet: JitterFrame | undefined): string[] => {
    const taken: string[] = [];
    const take = (frame: JitterFrame) => {
      const n = frame.payload[0] ?? -1;
      expect(frame.timestamp).toBe(timestampOf(n) >>> 0);
      expect(frame.payloadType).toBe(OPUS);
      taken.push(`${frame.extendedSequenceNumber - 65_530}${frame.isRedundant ? '*' : ''}`);
      expect(frame.extendedSequenceNumber - 65_530).toBe(n);
    };
    if (!packet) return taken;
    if (packet.payloadType === RED) expect(receiver.unpack(packet, take)).toBeUndefined();
    else {
      receiver.note(packet);
      take(packet);
    }
    return taken;
  };
}

const play = (arrivals: readonly number[], level: RedLevel, timestampOf?: (n: number) => number) => {
  const sent = packets(40, level, timestampOf);
  const receive = createLab(timestampOf);
  return arrivals.flatMap((n) => receive(sent[n]));
};

describe('RedReceiver', () => {
  it.each([
    { name: 'no copy of what came', level: 1, arrivals: [0, 1, 2, 3], expected: ['0', '1', '2', '3'] },
    {
      name: 'the copy of a lost packet, before the one that carries it',
      level: 1,
      arrivals: [0, 1, 3, 4],
      expected: ['0', '1', '2*', '3', '4'],
    },
    {
      name: 'the newer of two lost packets from one copy',
      level: 1,
      arrivals: [0, 1, 4],
      expected: ['0', '1', '3*', '4'],
    },
    {
      name: 'both of two lost packets from two copies',
      level: 2,
      arrivals: [0, 1, 4, 5],
      expected: ['0', '1', '2*', '3*', '4', '5'],
    },
    {
      name: 'a copy once, though two packets carry it',
      level: 2,
      arrivals: [0, 1, 3, 4],
      expected: ['0', '1', '2*', '3', '4'],
    },
    {
      name: 'the copy in a packet that was overtaken itself',
      level: 1,
      arrivals: [0, 1, 4, 3],
      expected: ['0', '1', '3*', '4', '2*', '3'],
    },
    {
      name: 'a late packet, though its copy came before it',
      level: 1,
      arrivals: [0, 1, 3, 2],
      expected: ['0', '1', '2*', '3', '2'],
    },
    {
      name: 'no copy of what was sent before the first packet',
      level: 2,
      arrivals: [5, 6],
      expected: ['5', '6'],
    },
    {
      name: 'copies after a long gap as soon as two packets told the step',
      level: 1,
      arrivals: [0, 34, 36],
      expected: ['0', '34', '35*', '36'],
    },
  ] as const)('gives $name', ({ level, arrivals, expected }) => {
    expect(play(arrivals, level)).toEqual(expected);
  });

  it('finds the packet before a pause, in which timestamps went on and numbers did not', () => {
    const withPause = (n: number) => STEP * (n < 5 ? n : n + 10);
    expect(play([0, 1, 2, 3, 5, 6], 1, withPause)).toEqual(['0', '1', '2', '3', '4*', '5', '6']);
  });

  it('takes the first packet of another SSRC as a beginning', () => {
    const receive = createLab();
    const sent = packets(8, 1);
    expect(receive(sent[1])).toEqual(['1']);
    const [, , , , , fifth, , seventh] = sent.map((packet) => ({ ...packet, ssrc: 2 }));
    expect([receive(fifth), receive(seventh)]).toEqual([['5'], ['6*', '7']]);
  });

  it('takes nothing of a payload that is no RED, and goes on afterwards as if it had not come', () => {
    const receiver = new RedReceiver();
    const sent = packets(5, 1);
    const taken: number[] = [];
    const unpack = (packet: JitterFrame | undefined) =>
      packet && receiver.unpack(packet, (frame) => taken.push(frame.extendedSequenceNumber - 65_530));
    unpack(sent[1]);
    unpack(sent[2]);
    const third = sent[3] as JitterFrame; // There are five.
    expect(unpack({ ...third, payload: Uint8Array.of(0xff, 0, 0) })).toMatchObject({ code: 'RED_TRUNCATED' });
    unpack(sent[4]);
    expect(taken).toEqual([1, 2, 3, 4]);
  });

  it('gives every packet but lost ones once, and a lost one exactly where a carrier of it came', () => {
    fc.assert(
      fc.property(
        fc.array(fc.boolean(), { minLength: 40, maxLength: 40 }),
        fc.constantFrom(1, 2),
        (lost, level) => {
          const came = (n: number) => n < 3 || lost[n] === false;
          const arrivals = Array.from({ length: 40 }, (_, n) => n).filter(came);
          const taken = play(arrivals, level);
          const expected = Array.from({ length: 40 }, (_, n) => n).flatMap((n) => {
            if (came(n)) return [`${n}`];
            const isCarried = (n + 1 < 40 && came(n + 1)) || (level === 2 && n + 2 < 40 && came(n + 2));
            return isCarried ? [`${n}*`] : [];
          });
          // A gap as wide as the window is a beginning anew; random loss never makes one.
          expect(taken).toEqual(expected);
        },
      ),
    );
  });
});

describe('an empty copy', () => {
  it('stands for no packet, which may still come', () => {
    const receiver = new RedReceiver();
    const [first, second, third] = packets(3, 0);
    if (!first || !second || !third) throw new Error('three packets were made');
    receiver.note(first);
    // F and payload type, 14 bits of offset, 10 bits of length: none; then the primary.
    const payload = Uint8Array.of(0x80 | OPUS, STEP >> 6, (STEP & 0x3f) << 2, 0, OPUS, 2);
    const taken: number[] = [];
    const error = receiver.unpack({ ...third, payloadType: RED, payload }, ({ extendedSequenceNumber }) => {
      taken.push(extendedSequenceNumber);
    });
    expect([error, taken]).toEqual([undefined, [third.extendedSequenceNumber]]);
  });
});
