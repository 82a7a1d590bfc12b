import { describe, expect, it } from 'vitest';
import { PitchConcealment } from '../../../../media/codec/index.ts';
import { firstDifference, Vectors } from './vectors.ts';

const vectors = new Vectors('g711iplc/test_data');
const ERASED = 0x6b20; // ITU-T G.192

describe.skipIf(!vectors.isPresent)(
  'G.711 appendix I against the ITU-T software tools (skipped without the data)',
  () => {
    it.each([
      { pattern: 'fe10.g192', output: 'f2_10.raw' },
      { pattern: 'fe10_2.g192', output: 'f2_10_2.raw' },
    ])('$output is bit-exact', ({ pattern, output }) => {
      const speech = vectors.words('f2.le');
      const erasures = vectors.words(pattern);
      const concealment = new PitchConcealment();
      const played = new Int16Array(speech.length);
      for (let block = 0; (block + 1) * 80 <= speech.length; block += 1) {
        const pcm = speech.slice(block * 80, (block + 1) * 80);
        if (erasures[block % erasures.length] === ERASED) played.set(concealment.conceal(80), block * 80);
        else {
          concealment.receive(pcm);
          played.set(pcm, block * 80);
        }
      }
      const end = speech.length - concealment.delaySamples;
      const expected = vectors.words(output).subarray(0, end);
      expect(firstDifference(played.subarray(concealment.delaySamples), expected)).toBe(-1);
    });
  },
);

const RATES = [8000, 16_000, 32_000, 48_000];

describe.each(RATES)('PitchConcealment at %i Hz', (rate) => {
  const ms = rate / 1000;
  const tone = (length: number) =>
    Int16Array.from({ length }, (_, i) => Math.round(8000 * Math.sin((2 * Math.PI * 100 * i) / rate)));

  it('plays what arrived 3.75 ms later, unchanged', () => {
    const concealment = new PitchConcealment(rate);
    const pcm = tone(100 * ms);
    const played = pcm.slice();
    concealment.receive(played);
    expect(concealment.delaySamples).toBe(3.75 * ms);
    expect(played.subarray(concealment.delaySamples)).toEqual(pcm.subarray(0, -concealment.delaySamples));
  });

  it('goes on with a steady tone for the first 10 ms of an erasure', () => {
    const concealment = new PitchConcealment(rate);
    const pcm = tone(100 * ms);
    concealment.receive(pcm.slice(0, 80 * ms));
    const madeUp = concealment.conceal(10 * ms);
    const expected = pcm.slice(80 * ms - concealment.delaySamples);
    expect(largestDifference(madeUp, expected)).toBeLessThan(400);
  });

  it('is silent after 60 ms of loss', () => {
    const concealment = new PitchConcealment(rate);
    concealment.receive(tone(100 * ms));
    expect(concealment.conceal(60 * ms).some((sample) => sample !== 0)).toBe(true);
    concealment.conceal(10 * ms);
    expect(concealment.conceal(20 * ms).every((sample) => sample === 0)).toBe(true);
  });

  it.each([1, 2.5, 5, 7, 35])('makes up the same sound in pieces of %d ms as in blocks', (pieceMs) => {
    const [inBlocks, inPieces] = [new PitchConcealment(rate), new PitchConcealment(rate)];
    inBlocks.receive(tone(100 * ms));
    inPieces.receive(tone(100 * ms));
    const expected = inBlocks.conceal(70 * ms);
    const pieces = Array.from({ length: 70 / pieceMs }, () => inPieces.conceal(pieceMs * ms));
    const madeUp = Int16Array.from(pieces.flatMap((piece) => [...piece]));
    // The gain is summed in another order, and where the pitch is lengthened a short piece cuts the cross-fade short.
    expect(largestDifference(madeUp, expected)).toBeLessThan(pieceMs < 4 ? 400 : 2);
    const [tail, same] = [tone(20 * ms), tone(20 * ms)];
    inBlocks.receive(tail);
    inPieces.receive(same);
    expect(same).toEqual(tail);
  });

  it.each([1, 7, 79, 81, 159, 161, 240, 1000])(
    'takes packets of %i samples in any order with losses',
    (length) => {
      const concealment = new PitchConcealment(rate);
      for (let i = 0; i < 8; i += 1) {
        const pcm = tone(length);
        concealment.receive(pcm);
        expect(pcm).toHaveLength(length);
        expect(concealment.conceal(length)).toHaveLength(length);
      }
    },
  );
});

/** Over the length of the first. */
function largestDifference(samples: Int16Array, expected: Int16Array): number {
  return samples.reduce((largest, sample, i) => Math.max(largest, Math.abs(sample - (expected[i] ?? 0))), 0);
}
