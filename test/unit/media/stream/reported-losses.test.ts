import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BurstGapCounter } from '../../../../media/quality/index.ts';
import type { RunLengthBlock } from '../../../../media/rtcp/index.ts';
import { ReportedLosses } from '../../../../media/stream/reported-losses.ts';

const FIRST = 65_500;
const SENT = 200;
const STREAM = {
  span: SENT,
  behindNewest: (number: number) => (FIRST + SENT - 1 - number) & 0xffff,
};

/** A loss report on packets from so many behind the first, as bit vectors; `x` is lost. */
function blockOf(from: number, packets: string, changes: Partial<RunLengthBlock> = {}): RunLengthBlock {
  const chunks = (packets.match(/.{1,15}/g) ?? []).map(
    (part) => 0x8000 | Number.parseInt(part.padEnd(15, '.').replaceAll('.', '1').replaceAll('x', '0'), 2),
  );
  const beginSequence = (FIRST + from) & 0xffff;
  const endSequence = (beginSequence + packets.length) & 0xffff;
  return { kind: 'lossRle', ssrc: 1, thinning: 0, beginSequence, endSequence, chunks, ...changes };
}

/** What a counter says that sees the packets itself. */
function direct(packets: string) {
  const counter = new BurstGapCounter();
  for (const run of packets.matchAll(/x+/g)) counter.lose(run.index + 1, run[0].length);
  return [counter.at(packets.length, 20), counter.burstRatio(packets.length)];
}

const told = (losses: ReportedLosses) => [losses.burstGap(20), losses.burstRatio];

const LOSSY = `${'.'.repeat(30)}xx.x....xxxx${'.'.repeat(40)}x${'.'.repeat(30)}xxx`;

describe('ReportedLosses', () => {
  it('knows nothing before the first report', () => {
    expect(told(new ReportedLosses())).toEqual([null, 1]);
  });

  it.each([
    { name: 'one report', blocks: [blockOf(0, LOSSY)] },
    {
      name: 'one after the other, over the wrap',
      blocks: [blockOf(0, LOSSY.slice(0, 33)), blockOf(33, LOSSY.slice(33))],
    },
    {
      name: 'ones that tell again what was told',
      blocks: [blockOf(0, LOSSY.slice(0, 60)), blockOf(20, LOSSY.slice(20))],
    },
    {
      name: 'the same one twice',
      blocks: [blockOf(0, LOSSY), blockOf(0, LOSSY), blockOf(10, LOSSY.slice(10, 50))],
    },
    {
      name: 'one that leaves received ones out',
      blocks: [blockOf(0, LOSSY.slice(0, 45)), blockOf(80, LOSSY.slice(80))],
    },
    {
      name: 'a run, and nothing of the rest',
      blocks: [blockOf(0, LOSSY), blockOf(LOSSY.length, '.'.repeat(9), { chunks: [0x0004] })],
      packets: `${LOSSY}xxxx.....`,
    },
  ])('counts as who saw the packets: $name', ({ blocks, packets = LOSSY }) => {
    const losses = new ReportedLosses();
    for (const block of blocks) expect(losses.take(block, STREAM)).toBe(true);
    expect(told(losses)).toEqual(direct(packets));
  });

  it.each([
    { name: 'packets that were not sent yet', block: blockOf(190, 'x'.repeat(20)), isPossible: false },
    { name: 'packets from before the first', block: blockOf(-5, 'x'.repeat(20)), isPossible: false },
    {
      name: 'more than were sent',
      block: blockOf(0, '', { endSequence: (FIRST - 1) & 0xffff }),
      isPossible: false,
    },
    { name: 'thinned ones', block: blockOf(0, 'xxxx', { thinning: 1 }), isPossible: true },
    { name: 'none', block: blockOf(3, ''), isPossible: true },
  ])('takes nothing of $name', ({ block, isPossible }) => {
    const losses = new ReportedLosses();
    expect(losses.take(block, STREAM)).toBe(isPossible);
    expect(told(losses)).toEqual([null, 1]);
  });

  it('stays within what was sent, whatever is reported', () => {
    const word = fc.nat(0xffff);
    const block = fc.record({
      kind: fc.constant('lossRle' as const),
      ssrc: fc.constant(1),
      thinning: fc.constantFrom(0, 0, 3),
      beginSequence: fc.oneof(word, fc.integer({ min: FIRST, max: 0xffff })),
      endSequence: fc.oneof(word, fc.nat(163)),
      chunks: fc.array(word, { maxLength: 8 }),
    });
    fc.assert(
      fc.property(fc.array(block, { maxLength: 8 }), (blocks) => {
        const losses = new ReportedLosses();
        for (const one of blocks) losses.take(one, STREAM);
        const { burstMs = 0, gapMs = 0, burstDensity = 0 } = losses.burstGap(20) ?? {};
        expect(Math.max(burstMs, gapMs)).toBeLessThanOrEqual(20 * SENT);
        expect(burstDensity >= 0 && burstDensity <= 1).toBe(true);
        expect(losses.burstRatio).toBeGreaterThanOrEqual(1);
      }),
      { numRuns: 200 },
    );
  });
});
