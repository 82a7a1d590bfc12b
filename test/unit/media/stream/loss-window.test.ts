// Through InboundStream: a receiver that waits for 30 packets, and then counts what did not come.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InboundStream } from '../../../../media/stream/index.ts';
import { reference } from '../quality/burst-reference.ts';

const WINDOW = 30;

/** Takes the numbers in this order, one every 20 ms. */
function streamOf(order: readonly number[], from = 0): InboundStream {
  const stream = new InboundStream({ concealment: true });
  for (const [i, place] of order.entries())
    stream.receive(20 * i, 1, (from + place) & 0xffff, 160 * place, 8000);
  return stream;
}

/** What became of each place up to the highest: it counts as received where it came before 30 others had gone by. */
function fatesOf(order: readonly number[]): string {
  const last = Math.max(...order);
  const fates = Array.from({ length: last + 1 }, () => 'x');
  let highest = -1;
  for (const place of order) {
    if (highest - place <= WINDOW) fates[place] = '.';
    highest = Math.max(highest, place);
  }
  return fates.join('');
}

function expectLike(stream: InboundStream, sequence: string): void {
  const { burstGap } = stream;
  const expected = reference(sequence);
  expect(burstGap?.burstDensity).toBeCloseTo(expected.burstDensity, 9);
  expect(burstGap?.gapDensity).toBeCloseTo(expected.gapDensity, 9);
  // In packets: how long one is depends on how many were expected in each second.
  const packetMs = (burstGap?.gapMs ?? 0) / (expected.gapMs / 20);
  expect(burstGap?.burstMs).toBeCloseTo((expected.burstMs / 20) * packetMs, 6);
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

describe('losses of a stream, in order', () => {
  it.each([
    { name: 'nothing', order: range(0, 100) },
    { name: 'one packet lost', order: [...range(0, 40), ...range(41, 100)] },
    { name: 'a burst', order: [...range(0, 40), ...range(43, 45), ...range(47, 100)] },
    { name: 'two neighbours that changed places', order: [...range(0, 40), 41, 40, ...range(42, 100)] },
    { name: 'one that comes 30 packets late', order: [0, ...range(2, 32), 1, ...range(32, 100)] },
    { name: 'one that comes 31 packets late', order: [0, ...range(2, 33), 1, ...range(33, 100)] },
    { name: 'a hole as wide as the window', order: [...range(0, 40), ...range(70, 100)] },
    { name: 'a hole one wider', order: [...range(0, 40), ...range(71, 100)] },
    { name: 'a hole of two seconds', order: [...range(0, 40), ...range(140, 200)] },
    { name: 'a hole, and a late packet of it', order: [...range(0, 40), 80, 75, ...range(81, 120)] },
    { name: 'losses at the end that nobody judged yet', order: [...range(0, 40), 43, 45] },
    { name: 'doubled packets', order: [...range(0, 40), 39, 39, ...range(41, 60), 50] },
  ])('$name', ({ order }) => {
    for (const from of [0, 65_500]) expectLike(streamOf(order, from), fatesOf(order));
  });

  it('equals what a look at the whole sequence gives, for any loss and reordering', () => {
    const step = fc.record({
      skip: fc.oneof({ weight: 8, arbitrary: fc.constant(0) }, fc.nat(3), fc.nat(80)),
      late: fc.oneof({ weight: 6, arbitrary: fc.constant(0) }, fc.nat(40)),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 5, maxLength: 150 }), (steps) => {
        let next = 0;
        const places = steps.map(({ skip, late }, i) => {
          next += 1 + (i === 0 ? 0 : skip);
          return { place: next - 1, at: i === 0 ? -1 : next - 1 + late };
        });
        const order = places.sort((a, b) => a.at - b.at || a.place - b.place).map(({ place }) => place);
        expectLike(streamOf(order), fatesOf(order));
      }),
      { numRuns: 200 },
    );
  });

  it('goes on over a new SSRC and a restart, and what was missing before is lost', () => {
    const stream = new InboundStream({ concealment: true });
    const take = (ssrc: number, sequences: readonly number[]) => {
      for (const sequence of sequences) stream.receive(0, ssrc, sequence, 0, 8000);
    };
    take(1, [...range(0, 20), 22]);
    take(2, range(500, 520));
    // A jump that the next in order confirms: the first of it was dropped (RFC 3550 A.1).
    take(2, range(30_000, 30_021));
    const sequence = `${'.'.repeat(20)}xx${'.'.repeat(41)}`;
    const expected = reference(sequence);
    expect(stream.expected).toBe(sequence.length);
    expect(stream.burstGap).toMatchObject({ burstDensity: 1, gapDensity: 0 });
    expect(stream.burstGap?.burstMs).toBeCloseTo(expected.burstMs, 9);
    expect(stream.burstGap?.gapMs).toBeCloseTo(expected.gapMs, 9);
  });

  it('has neither bursts nor gaps before anything came', () => {
    expect(new InboundStream({ concealment: true }).burstGap).toBeNull();
  });
});
