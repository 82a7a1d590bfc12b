// What stands between speech: comfort noise, and digits as tones.
import { expect } from 'vitest';
import { DecodeError } from '../../../core/index.ts';
import { ComfortNoiseGenerator, decodeComfortNoise, encodeComfortNoise } from '../../../media/codec/index.ts';
import { DIGITS, DTMF_RATE_HZ, DtmfDetector, DtmfTones } from '../../../media/telephone-event/index.ts';
import { type Fed, fuzz } from '../support/fuzz.ts';

/** A level, and 24 coefficients: more are passed over. */
const MOST_NOISE_BYTES = 25;

/** RFC 3389 §3: a level, and ten reflection coefficients. What is read is written as it was, and is played. */
const NOISE = Uint8Array.of(60, 127, 127, 100, 127, 127, 127, 127, 127, 127, 127);

function comfortNoise(): Fed {
  const generator = new ComfortNoiseGenerator();
  return {
    feed: (payload, random) => {
      const noise = decodeComfortNoise(payload);
      if (noise instanceof DecodeError) return;
      expect(encodeComfortNoise(noise)).toEqual(Uint8Array.from(payload.subarray(0, MOST_NOISE_BYTES)));
      generator.update(noise);
      const count = 1 + (random.uint32() % 1000);
      expect(generator.generate(count)).toHaveLength(count);
    },
  };
}

/** Every key, as samples. */
function keys(): Uint8Array {
  const tones = new DtmfTones(DTMF_RATE_HZ);
  tones.push(DIGITS);
  const pcm = new Int16Array(DIGITS.length * 0.18 * DTMF_RATE_HZ);
  tones.read(pcm);
  return new Uint8Array(pcm.buffer);
}

/** Frames of any length: each digit that is heard is one, and lasted as long as one must. */
function digitDetector(): Fed {
  const detector = new DtmfDetector((digit, durationMs) => {
    expect(DIGITS).toContain(digit);
    expect(durationMs).toBeGreaterThan(20);
  });
  return {
    feed: (bytes) =>
      detector.handleSound(new Int16Array(Uint8Array.from(bytes).buffer, 0, bytes.length >> 1)),
  };
}

fuzz([
  { name: 'comfort noise', corpus: [NOISE], open: comfortNoise },
  { name: 'DTMF tones', corpus: [keys()], open: digitDetector },
]);
