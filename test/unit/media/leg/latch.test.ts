import { describe, expect, it } from 'vitest';
import { Latch, type LatchVerdict } from '../../../../media/leg/latch.ts';

const PROMISED = { address: '192.0.2.1', port: 4000 };

function promised(): Latch {
  const latch = new Latch();
  latch.promise(PROMISED);
  return latch;
}

type Step = readonly [now: number, address: string, port: number, expected: LatchVerdict];

const cases: readonly { name: string; steps: readonly Step[] }[] = [
  {
    name: 'takes the promised endpoint at once, and keeps it',
    steps: [
      [0, '192.0.2.1', 4000, 'learned'],
      [1, '192.0.2.1', 4000, 'known'],
      [2, '192.0.2.1', 4002, 'newly-refused'],
    ],
  },
  {
    name: 'makes another port of the promised address wait like any stranger',
    steps: [
      [0, '192.0.2.1', 61_000, 'wait'],
      [199.9, '192.0.2.1', 61_000, 'wait'],
      [200, '192.0.2.1', 61_000, 'learned'],
      [201, '192.0.2.1', 61_000, 'known'],
    ],
  },
  {
    name: 'prefers the promised endpoint to a stranger who is faster',
    steps: [
      [0, '203.0.113.9', 5000, 'wait'],
      [100, '203.0.113.9', 5000, 'wait'],
      [150, '192.0.2.1', 4000, 'learned'],
      [300, '203.0.113.9', 5000, 'newly-refused'],
    ],
  },
  {
    name: 'takes another address once the promised one had its 200 ms',
    steps: [
      [1000, '203.0.113.9', 5000, 'wait'],
      [1199.9, '203.0.113.9', 5000, 'wait'],
      [1200, '203.0.113.9', 5000, 'learned'],
      [1201, '203.0.113.9', 5000, 'known'],
      [1202, '192.0.2.1', 4002, 'newly-refused'],
    ],
  },
  {
    name: 'lets the promised endpoint take over from a stranger, once and for good',
    steps: [
      [0, '203.0.113.9', 5000, 'wait'],
      [200, '203.0.113.9', 5000, 'learned'],
      [5000, '192.0.2.1', 4000, 'learned'],
      [5001, '203.0.113.9', 5000, 'newly-refused'],
      [5002, '192.0.2.1', 4000, 'known'],
      [9000, '203.0.113.9', 5000, 'refused'],
    ],
  },
  {
    name: 'lets the promised endpoint take over from another port of its address',
    steps: [
      [0, '192.0.2.1', 4002, 'wait'],
      [200, '192.0.2.1', 4002, 'learned'],
      [201, '192.0.2.1', 4000, 'learned'],
      [202, '192.0.2.1', 4002, 'newly-refused'],
      [203, '192.0.2.1', 4000, 'known'],
    ],
  },
  {
    name: 'tells of each stranger once, and of four at most',
    steps: [
      [0, '192.0.2.1', 4000, 'learned'],
      [1, '203.0.113.1', 1, 'newly-refused'],
      [2, '203.0.113.1', 1, 'refused'],
      [3, '203.0.113.1', 2, 'newly-refused'],
      [4, '203.0.113.2', 1, 'newly-refused'],
      [5, '203.0.113.3', 1, 'newly-refused'],
      [6, '203.0.113.4', 1, 'refused'],
      [7, '192.0.2.1', 4000, 'known'],
    ],
  },
];

describe('Latch', () => {
  it.each(cases)('$name', ({ steps }) => {
    const latch = promised();
    const verdicts = steps.map(([now, address, port]) => latch.check(now, address, port));
    expect(verdicts).toEqual(steps.map(([, , , expected]) => expected));
  });

  it('has no source before one was learned', () => {
    const latch = promised();
    latch.check(0, '203.0.113.9', 5000);
    expect(latch.source).toBeUndefined();
    latch.check(10, '192.0.2.1', 4000);
    expect(latch.source).toEqual(PROMISED);
  });

  it('stays where a repeated SDP promises the same', () => {
    const latch = promised();
    latch.check(0, '203.0.113.9', 5000);
    latch.check(200, '203.0.113.9', 5000);
    latch.promise({ ...PROMISED });
    expect(latch.source).toEqual({ address: '203.0.113.9', port: 5000 });
    expect(latch.check(300, '192.0.2.1', 4000)).toBe('learned');
    latch.promise({ ...PROMISED });
    expect(latch.check(400, '203.0.113.9', 5000)).toBe('newly-refused');
  });

  it('learns once more where signaling promises another endpoint, with the same preference', () => {
    const latch = promised();
    latch.check(0, '192.0.2.1', 4000);
    latch.promise({ address: '192.0.2.7', port: 4000 });
    expect(latch.source).toBeUndefined();
    expect(latch.check(1000, '192.0.2.1', 4000)).toBe('wait');
    expect(latch.check(1010, '192.0.2.7', 4000)).toBe('learned');
    expect(latch.check(2000, '192.0.2.1', 4000)).toBe('newly-refused');
    expect(latch.check(2010, '192.0.2.7', 4000)).toBe('known');
  });

  it('lets a newly promised endpoint take over from who was faster, once more', () => {
    const latch = promised();
    latch.check(0, '192.0.2.1', 4000);
    latch.promise({ address: '192.0.2.7', port: 4000 });
    latch.check(1000, '203.0.113.9', 5000);
    expect(latch.check(1200, '203.0.113.9', 5000)).toBe('learned');
    expect(latch.check(1300, '192.0.2.7', 4000)).toBe('learned');
    expect(latch.check(1400, '203.0.113.9', 5000)).toBe('newly-refused');
  });
});
