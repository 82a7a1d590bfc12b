import { describe, expect, it } from 'vitest';
import { BurstGapCounter, DEFAULT_R, lossImpairment, mosFromR } from '../../../../media/quality/index.ts';
import { InboundStream } from '../../../../media/stream/index.ts';

const CODEC = { ie: 0, bpl: 25.1 };

/** A buffer whose counts a test writes. */
const createPlayout = () => ({
  discarded: 0,
  recovered: 0,
  delayMs: null as number | null,
  losses: new BurstGapCounter(),
});

interface Options {
  readonly playout?: ReturnType<typeof createPlayout>;
  readonly roundTripMs?: () => number | null;
}

function createStream(options: Options = {}) {
  const stream = new InboundStream({ concealment: true, ...options });
  stream.encoding = 'pcmu';
  let next = 0;
  /** 50 numbers, of which these did not come. */
  const second = (...missing: readonly number[]) => {
    for (let i = 0; i < 50; i += 1, next += 1)
      if (!missing.includes(i)) stream.receive(20 * next, 1, next, 160 * next, 8000);
  };
  const close = () => stream.receive(20 * next, 1, next, 160 * next, 8000);
  return { stream, second, close };
}

describe('ratings of each second of what comes', () => {
  it('is worse for losses in a run than for as many one by one (ITU-T G.107 §7.5)', () => {
    const { stream, second, close } = createStream();
    second();
    second(10, 20, 30, 40);
    second(10, 11, 12, 13);
    close();
    const [clean, spread = 0, run = 0] = stream.history().rFactor;
    expect(clean).toBe(DEFAULT_R);
    expect(spread).toBeCloseTo(DEFAULT_R - lossImpairment(CODEC, 0.08), 2);
    expect(run).toBeCloseTo(DEFAULT_R - lossImpairment(CODEC, 0.08, 4 * 0.92), 2);
  });

  it('counts what was thrown away, and not what was made good from copies', () => {
    const playout = createPlayout();
    const { stream, second, close } = createStream({ playout });
    second();
    playout.discarded = 5;
    second();
    playout.discarded = 8;
    playout.recovered = 3;
    second(7, 17);
    close();
    // What a second threw away is known when it is over.
    expect(stream.history().rFactor.slice(0, 3)).toEqual(
      [0.1, 0, 0.04].map((ratio) => expect.closeTo(DEFAULT_R - lossImpairment(CODEC, ratio), 2)),
    );
  });

  it('has the delay in R and MOS-CQ from when it is known, and MOS-LQ without', () => {
    const playout = createPlayout();
    let roundTripMs: number | null = null;
    const { stream, second, close } = createStream({ playout, roundTripMs: () => roundTripMs });
    second();
    roundTripMs = 400;
    second();
    playout.delayMs = 200;
    second();
    close();
    const { rFactor, mosLq, mosCq } = stream.history();
    const best = expect.closeTo(mosFromR(DEFAULT_R), 3);
    expect(mosLq).toEqual([best, best, best]);
    expect(rFactor).toEqual(
      [DEFAULT_R - 3.04, DEFAULT_R - 24.07, DEFAULT_R - 24.07].map((r) => expect.closeTo(r, 1)),
    );
    expect(mosCq).toEqual(rFactor.map((r) => expect.closeTo(mosFromR(r ?? 0), 2)));
  });

  it('has no MOS-CQ while nobody knows a delay', () => {
    const { stream, second, close } = createStream();
    second();
    close();
    expect(stream.history()).toEqual({
      intervalMs: 1000,
      rFactor: [DEFAULT_R],
      mosLq: [expect.closeTo(4.409, 3)],
      mosCq: [null],
    });
  });
});
