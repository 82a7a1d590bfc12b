import { describe, expect, it } from 'vitest';
import { aLaw, decodeG711, encodeG711, muLaw } from '../../../../media/codec/index.ts';
import { firstDifference, Vectors } from './vectors.ts';

const vectors = new Vectors('g711/test_data');

describe.skipIf(!vectors.isPresent)(
  'G.711 against the ITU-T software tools (skipped without the data)',
  () => {
    it.each([
      { name: 'mu-law', law: muLaw, encoded: 'sweep-r.u', decoded: 'sweep-r.reu' },
      { name: 'A-law', law: aLaw, encoded: 'sweep-r.a', decoded: 'sweep-r.rea' },
    ])('$name: all 65,536 inputs are bit-exact', ({ law, encoded, decoded }) => {
      const codes = encodeG711(law, vectors.words('sweep.src'));
      expect(firstDifference(codes, vectors.words(encoded))).toBe(-1);
      expect(firstDifference(decodeG711(law, codes), vectors.words(decoded))).toBe(-1);
    });
  },
);

describe.each([
  { name: 'mu-law', law: muLaw, silence: 0xff, largest: 32_124 },
  { name: 'A-law', law: aLaw, silence: 0xd5, largest: 32_256 },
])('$name', ({ law, silence, largest }) => {
  it('gives each code back after decoding and encoding, but for the second zero', () => {
    const codes = Uint8Array.from({ length: 256 }, (_, code) => code);
    const again = encodeG711(law, decodeG711(law, codes));
    const changed = codes.filter((code, i) => again[i] !== code);
    expect([...changed]).toEqual(law === muLaw ? [0x7f] : []);
  });

  it('codes silence as every phone does', () => {
    expect(encodeG711(law, Int16Array.of(0))[0]).toBe(silence);
  });

  it('clips at its largest step instead of wrapping', () => {
    expect([...decodeG711(law, encodeG711(law, Int16Array.of(32_767, -32_768)))]).toEqual([
      largest,
      -largest,
    ]);
  });
});
