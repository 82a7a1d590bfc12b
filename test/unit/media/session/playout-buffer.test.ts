import { describe, expect, it } from 'vitest';
import type { JitterFrame } from '../../../../media/jitter/types.ts';
import { PLAYOUT_DELAY_MS, PlayoutBuffer } from '../../../../media/session/index.ts';

const FRAME_MS = 20;

function frame(sequence: number, arrivedAt: number, ssrc = 1): JitterFrame {
  return {
    payloadType: 0,
    payload: Uint8Array.of(sequence & 0xff),
    timestamp: 160 * sequence,
    extendedSequenceNumber: sequence,
    ssrc,
    marker: false,
    arrivedAt,
    clockRateHz: 8000,
  };
}

/** A buffer and what came of every frame. */
function createLab() {
  const buffer = new PlayoutBuffer();
  let pushed = 0;
  const played: number[] = [];
  const pull = (now: number) => {
    const step = buffer.pull(now);
    if (step.type !== 'frame') return step.type;
    played.push(step.payload[0] ?? -1);
    return step.payload[0];
  };
  const push = (sequence: number, now: number, ssrc?: number) => {
    pushed += 1;
    buffer.push(now, frame(sequence, now, ssrc));
  };
  /** Pulls until nothing is left. */
  const drain = (from: number) => {
    const steps = [];
    for (let now = from; ; now += FRAME_MS) {
      const step = pull(now);
      if (step === 'nothing') return steps;
      steps.push(step);
    }
  };
  return { buffer, push, pull, drain, played, accounted: () => played.length + buffer.discarded === pushed };
}

describe('PlayoutBuffer', () => {
  it('plays nothing before the delay of the first frame is over', () => {
    const { push, pull } = createLab();
    expect(pull(0)).toBe('nothing');
    push(1, 100);
    expect([pull(120), pull(100 + PLAYOUT_DELAY_MS - 1), pull(100 + PLAYOUT_DELAY_MS)]).toEqual([
      'nothing',
      'nothing',
      1,
    ]);
  });

  it.each([
    { name: 'in order', arrivals: [1, 2, 3, 4], steps: [1, 2, 3, 4], discarded: 0 },
    { name: 'reordered frames in order', arrivals: [1, 3, 2, 4], steps: [1, 2, 3, 4], discarded: 0 },
    { name: 'frames that came backwards', arrivals: [4, 3, 2, 1], steps: [1, 2, 3, 4], discarded: 0 },
    { name: 'a gap as lost', arrivals: [1, 2, 5, 6], steps: [1, 2, 'lost', 'lost', 5, 6], discarded: 0 },
    { name: 'a frame that came twice once', arrivals: [1, 2, 2, 3, 1], steps: [1, 2, 3], discarded: 2 },
    {
      name: 'over the wrap of the 16 bits, which the extended number does not see',
      arrivals: [65_534, 65_535, 65_536, 65_537],
      steps: [0xfe, 0xff, 0, 1],
      discarded: 0,
    },
  ])('plays $name', ({ arrivals, steps, discarded }) => {
    const { buffer, push, drain, accounted } = createLab();
    for (const sequence of arrivals) push(sequence, 0);
    const drained = drain(PLAYOUT_DELAY_MS);
    // Behind the last frame a few are concealed, for it could still come.
    expect(drained.slice(0, steps.length)).toEqual(steps);
    expect(drained.slice(steps.length).every((step) => step === 'lost')).toBe(true);
    expect(buffer.discarded).toBe(discarded);
    expect(accounted()).toBe(true);
  });

  it('discards what comes too late, and does not play it', () => {
    const { buffer, push, pull, accounted } = createLab();
    push(1, 0);
    push(3, 0);
    expect([pull(60), pull(80)]).toEqual([1, 'lost']);
    push(2, 85);
    expect([pull(100), buffer.discarded, accounted()]).toEqual([3, 1, true]);
  });

  it('conceals a short silence, then waits for sound anew with its whole delay', () => {
    const { push, pull } = createLab();
    push(1, 0);
    const steps = Array.from({ length: 8 }, (_, i) => pull(60 + 20 * i));
    expect(steps).toEqual([1, 'lost', 'lost', 'lost', 'lost', 'lost', 'nothing', 'nothing']);
    push(2, 300);
    expect([pull(300), pull(340), pull(360)]).toEqual(['nothing', 'nothing', 2]);
  });

  it('plays a frame that was late but not too late', () => {
    const { buffer, push, pull } = createLab();
    push(1, 0);
    expect([pull(60), pull(80)]).toEqual([1, 'lost']);
    push(2, 90);
    push(3, 90);
    expect([pull(100), pull(120)]).toEqual([2, 3]);
    expect(buffer.discarded).toBe(0);
  });

  it.each([
    { name: 'another SSRC', sequence: 500, ssrc: 2 },
    { name: 'another SSRC with near numbers', sequence: 3, ssrc: 2 },
    { name: 'a jump forward', sequence: 5000, ssrc: 1 },
    { name: 'a jump backward', sequence: -5000, ssrc: 1 },
  ])('begins anew with $name, and discards what waited', ({ sequence, ssrc }) => {
    const { buffer, push, pull, accounted } = createLab();
    for (const n of [1, 2, 3, 4]) push(n, 0);
    expect([pull(60), pull(80)]).toEqual([1, 2]);
    push(sequence, 90, ssrc);
    expect(buffer.discarded).toBe(2);
    expect([pull(100), pull(149), pull(150)]).toEqual(['nothing', 'nothing', sequence & 0xff]);
    expect(accounted()).toBe(true);
  });

  it('keeps 16 frames at most, whatever a sender pours in, and the newest of them', () => {
    const { buffer, push, drain, accounted } = createLab();
    for (let n = 1; n <= 90; n += 1) push(n, 0);
    expect(buffer.discarded).toBe(90 - 16);
    expect(drain(PLAYOUT_DELAY_MS).slice(0, 16)).toEqual(Array.from({ length: 16 }, (_, i) => 75 + i));
    expect(accounted()).toBe(true);
  });

  it('goes on behind an overflow without calling the dropped frames lost as well', () => {
    const { push, pull } = createLab();
    push(1, 0);
    expect(pull(60)).toBe(1);
    for (let n = 2; n <= 21; n += 1) push(n, 60);
    expect([pull(80), pull(100)]).toEqual([6, 7]);
  });

  it('gives up a frame of delay every three seconds while a faster sender fills it', () => {
    const { buffer, push, pull, played } = createLab();
    // Eight frames at once, then one every 20 ms: the delay stays at 160 ms unless somebody trims it.
    for (let n = 0; n < 8; n += 1) push(n, 0);
    let sequence = 8;
    for (let now = 60; now < 60 + 20_000; now += FRAME_MS) {
      push(sequence, now);
      sequence += 1;
      pull(now);
    }
    expect(buffer.discarded).toBeGreaterThanOrEqual(1);
    expect(buffer.discarded).toBeLessThanOrEqual(6);
    expect(buffer.delayMs).toBeLessThan(160);
    expect(played.every((n, i) => i === 0 || n !== played[i - 1])).toBe(true);
  });

  it('trims nothing of a buffer that is sometimes near empty', () => {
    const { buffer, push, pull } = createLab();
    for (let now = 0; now < 20_000; now += FRAME_MS) {
      push(now / FRAME_MS, now);
      pull(now);
    }
    expect(buffer.discarded).toBe(0);
    expect(buffer.delayMs).toBeCloseTo(PLAYOUT_DELAY_MS, 0);
  });

  it('has no delay before the first frame plays', () => {
    const { buffer, push } = createLab();
    push(1, 0);
    expect(buffer.delayMs).toBeNull();
  });

  it('copies the payload, whose bytes the socket uses again', () => {
    const buffer = new PlayoutBuffer();
    const payload = Uint8Array.of(9);
    buffer.push(0, { ...frame(1, 0), payload });
    payload[0] = 0;
    expect(buffer.pull(PLAYOUT_DELAY_MS)).toMatchObject({ payload: Uint8Array.of(9) });
  });

  it('accounts for every frame of a rough hour', () => {
    const { buffer, push, pull, drain, accounted } = createLab();
    let word = 1;
    const chance = () => {
      word = (Math.imul(word, 1_664_525) + 1_013_904_223) >>> 0;
      return word / 2 ** 32;
    };
    let now = 0;
    for (let n = 0; n < 20_000; n += 1) {
      now += FRAME_MS;
      const toss = chance();
      if (toss > 0.1) push(toss > 0.95 ? n - 3 : n, now, n < 10_000 ? 1 : 2);
      if (toss > 0.97) push(n, now, n < 10_000 ? 1 : 2);
      if (chance() > 0.02) pull(now);
    }
    drain(now + PLAYOUT_DELAY_MS);
    expect(accounted()).toBe(true);
    expect(buffer.discarded).toBeGreaterThan(100);
  });
});
