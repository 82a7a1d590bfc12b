import { describe, expect, it } from 'vitest';
import { G722Codec, G722Decoder, G722Encoder, g722Description } from '../../../../media/codec/index.ts';
import { levelDbov, makeTone, SILENCE_DBOV, toneLevelDbov } from '../../../support/index.ts';
import { firstDifference, Vectors } from './vectors.ts';

const vectors = new Vectors('g722/test_data');
/** One byte of code in each word. */
const codes = () => Uint8Array.from(vectors.words('codspw.cod'));

describe.skipIf(!vectors.isPresent)(
  'G.722 against the ITU-T software tools (skipped without the data)',
  () => {
    it('encodes speech bit-exactly', () => {
      expect(firstDifference(new G722Encoder().encode(vectors.words('inpsp.bin')), codes())).toBe(-1);
    });

    it.each([
      { mode: 1, bits: 6, output: 'outsp1.bin' },
      { mode: 2, bits: 5, output: 'outsp2.bin' },
      { mode: 3, bits: 4, output: 'outsp3.bin' },
    ] as const)('decodes mode $mode bit-exactly', ({ bits, output }) => {
      expect(firstDifference(new G722Decoder(bits).decode(codes()), vectors.words(output))).toBe(-1);
    });
  },
);

const RATE = 16_000;
const FRAME = 320;

/** What comes out where each frame whose index `isLost` names is lost. */
function received(sent: Int16Array, isLost: (frame: number) => boolean): Int16Array {
  const codec = new G722Codec();
  const heard = new Int16Array(sent.length);
  for (let frame = 0; frame * FRAME < sent.length; frame += 1) {
    const payload = codec.encode(sent.subarray(frame * FRAME, (frame + 1) * FRAME));
    heard.set(isLost(frame) ? codec.conceal(FRAME) : codec.decode(payload), frame * FRAME);
  }
  return heard;
}

const tone = (frequencyHz: number) =>
  makeTone({ frequencyHz, clockRateHz: RATE, durationMs: 1000, levelDbov: -12 });
const level = (samples: Int16Array, frequencyHz: number) =>
  toneLevelDbov(samples, { frequencyHz, clockRateHz: RATE });

describe('G722Codec', () => {
  it('has 160 bytes in 20 ms, and a clock of 8000 under payload type 9 (RFC 3551 §4.5.2)', () => {
    expect(new G722Codec().encode(new Int16Array(FRAME))).toHaveLength(160);
    expect(g722Description).toMatchObject({ payloadType: 9, clockRateHz: 8000, sampleRateHz: RATE });
  });

  it.each([100, 440, 1000, 3000, 5000, 6500])(
    'carries a tone of %i Hz at its level, and little else',
    (hz) => {
      const heard = received(tone(hz), () => false).subarray(RATE / 2);
      expect(level(heard, hz)).toBeCloseTo(-12, 0);
      expect(levelDbov(heard)).toBeLessThan(-11.5);
    },
  );

  it('goes on with the tone where one frame in ten is lost', () => {
    const heard = received(tone(400), (frame) => frame % 10 === 9).subarray(RATE / 2);
    expect(level(heard, 400)).toBeGreaterThan(-13);
  });

  it('is silent in a long loss, and back within 20 ms after it', () => {
    const heard = received(tone(400), (frame) => frame >= 10 && frame < 30);
    expect(levelDbov(heard.subarray(20 * FRAME, 30 * FRAME))).toBe(SILENCE_DBOV);
    expect(level(heard.subarray(31 * FRAME), 400)).toBeGreaterThan(-13);
  });

  it('takes a payload of any length and any bytes', () => {
    const codec = new G722Codec();
    for (const length of [0, 1, 33, 160, 1400])
      expect(codec.decode(new Uint8Array(length).fill(0xaa))).toHaveLength(2 * length);
  });

  it('starts silent and stays so', () => {
    expect(levelDbov(received(new Int16Array(10 * FRAME), () => false))).toBeLessThan(-80);
  });
});
