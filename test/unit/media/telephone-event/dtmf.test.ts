import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../../core/index.ts';
import { parseWav, remix, resample } from '../../../../media/audio/index.ts';
import { aLaw, decodeG711, encodeG711 } from '../../../../media/codec/index.ts';
import { DIGITS, DtmfDetector, DtmfTones } from '../../../../media/telephone-event/index.ts';
import { toneLevelDbov } from '../../../support/index.ts';

const RATE = 8000;
const ROWS = [697, 770, 852, 941];
const COLUMNS = [1209, 1336, 1477, 1633];
const KEYS = [...'123A456B789C*0#D'];

interface Tone {
  readonly ms?: number;
  /** Of the two tones together. */
  readonly dbm0?: number;
  /** The column against the row, in decibels. */
  readonly twistDb?: number;
  /** In percent, of row and column. */
  readonly offsets?: readonly [number, number];
  readonly snrDb?: number;
  /** Milliseconds of silence in the middle, as long as they are. */
  readonly gapMs?: number;
  /** Samples by which the tone begins later: where it lies between the detector's looks. */
  readonly late?: number;
}

/** A tone by the formula and not by our generator, with silence on both sides. */
function sound(key: number, tone: Tone): Int16Array {
  const { ms = 50, dbm0 = -10, twistDb = 0, offsets = [0, 0], gapMs = 0, late = 0 } = tone;
  const amplitude = 32_767 * 10 ** ((dbm0 - 3.14) / 20);
  const omega = (hz: number, offset: number) => (2 * Math.PI * hz * (1 + offset / 100)) / RATE;
  const row = omega(ROWS[key >> 2] ?? 0, offsets[0]);
  const column = omega(COLUMNS[key & 3] ?? 0, offsets[1]);
  const random = new SeededRandom(key + 1);
  const noise = tone.snrDb === undefined ? 0 : amplitude * 10 ** (-tone.snrDb / 20);
  const samples = (ms + gapMs) * 8;
  return Int16Array.from({ length: samples + 1600 }, (_, i) => {
    const at = i - 800 - late;
    const isGap = at >= ms * 4 && at < (ms / 2 + gapMs) * 8;
    const level = at < 0 || at >= samples || isGap ? 0 : amplitude;
    const both = 10 ** (-twistDb / 40) * Math.sin(row * at) + 10 ** (twistDb / 40) * Math.sin(column * at);
    // Uniform noise of the power that the ratio says: two sines of the amplitude have its square.
    return Math.max(
      -32_768,
      Math.min(32_767, level * both + noise * (2 * random.float() - 1) * Math.sqrt(3)),
    );
  });
}

function heard(pcm: Int16Array, frame = 160): { readonly digit: string; readonly durationMs: number }[] {
  const digits: { digit: string; durationMs: number }[] = [];
  const detector = new DtmfDetector((digit, durationMs) => digits.push({ digit, durationMs }));
  for (let at = 0; at < pcm.length; at += frame) detector.handleSound(pcm.subarray(at, at + frame));
  return digits;
}

const digitsOf = (pcm: Int16Array, frame?: number) =>
  heard(pcm, frame)
    .map(({ digit }) => digit)
    .join('');

/** What all keys give, each at four places between the detector's looks. */
function allKeys(tone: Tone): readonly string[] {
  return KEYS.flatMap((_, key) =>
    Array.from({ length: 4 }, (_unused, place) => digitsOf(sound(key, { ...tone, late: 9 * place }))),
  );
}

const eachOnce = KEYS.flatMap((key) => Array<string>(4).fill(key));
const eachTwice = eachOnce.map((key) => key + key);
const none = eachOnce.map(() => '');

describe('DtmfDetector (ITU-T Q.24)', () => {
  it.each<Tone & { readonly name: string }>([
    { name: '40 ms', ms: 40 },
    { name: 'a quarter of a second', ms: 250 },
    { name: '0 dBm0', ms: 40, dbm0: 0 },
    { name: '-29 dBm0', ms: 40, dbm0: -29 },
    { name: 'a column louder by 4 dB', ms: 40, twistDb: 4 },
    { name: 'a column softer by 8 dB', ms: 40, twistDb: -8 },
    { name: 'both tones 1.5 % too high', ms: 40, offsets: [1.5, 1.5] },
    { name: 'both tones 1.5 % too low', ms: 40, offsets: [-1.5, -1.5] },
    { name: 'twist and offset', ms: 40, offsets: [-1.5, 1.5], twistDb: -8 },
    { name: 'noise 15 dB below', ms: 40, snrDb: 15 },
    { name: 'a gap of 10 ms', ms: 100, gapMs: 10 },
  ])('hears $name as one digit', (tone) => {
    expect(allKeys(tone)).toEqual(eachOnce);
  });

  it.each<Tone & { readonly name: string }>([
    { name: '23 ms', ms: 23 },
    { name: '23 ms with noise', ms: 23, snrDb: 15 },
    { name: '-55 dBm0', dbm0: -55 },
    { name: 'a column louder by 7 dB', twistDb: 7 },
    { name: 'a column softer by 11 dB', twistDb: -11 },
    { name: 'a row 3.5 % too high', offsets: [3.5, 0] },
    { name: 'a row 3.5 % too low', offsets: [-3.5, 0] },
    { name: 'a column 3.5 % too high', offsets: [0, 3.5] },
    { name: 'a column 3.5 % too low', offsets: [0, -3.5] },
  ])('does not hear $name', (tone) => {
    expect(allKeys(tone)).toEqual(none);
  });

  it('hears two digits where 40 ms of silence part them', () => {
    expect(allKeys({ ms: 100, gapMs: 40 })).toEqual(eachTwice);
  });

  it.each([40, 60, 100, 250])('tells a duration of %i ms within 6 ms', (ms) => {
    for (const key of KEYS.keys()) {
      const [digit] = heard(sound(key, { ms }));
      expect(Math.abs((digit?.durationMs ?? 0) - ms)).toBeLessThanOrEqual(6);
    }
  });

  it.each([1, 7, 80, 160, 480, 100_000])('hears the same in frames of %i samples', (frame) => {
    const tones = new DtmfTones(RATE);
    tones.push(DIGITS);
    const pcm = new Int16Array(RATE * 4);
    tones.read(pcm);
    expect(digitsOf(pcm, frame)).toBe(DIGITS);
    expect(digitsOf(decodeG711(aLaw, encodeG711(aLaw, pcm)), frame)).toBe(DIGITS);
  });

  it('hears digits that follow one another without a pause', () => {
    const pcm = [1, 5, 9].flatMap((key) => [...sound(key, { ms: 60 }).subarray(800, 800 + 480)]);
    expect(digitsOf(Int16Array.from([...pcm, ...Array<number>(800).fill(0)]))).toBe('258');
  });

  it('hears nothing in loud noise', () => {
    const random = new SeededRandom(3);
    expect(digitsOf(Int16Array.from({ length: 10 * RATE }, () => 20_000 * (random.float() - 0.5)))).toBe('');
  });
});

const speech = resolve(
  process.env.PATCHCORD_DATA ?? resolve(import.meta.dirname, '../../../../../shared/data'),
  'speech',
);

describe.skipIf(!existsSync(speech))('DtmfDetector and people (skipped without the data)', () => {
  it.each(['pjsua/input.8.wav', 'pjsua/input.16.wav', 'talking.wav', 'visqol/CA01_01.wav'])(
    'takes nothing in %s for a digit',
    (file) => {
      const wav = parseWav(readFileSync(resolve(speech, file)), file);
      const pcm = resample(remix(wav.pcm, wav.channels, 1), wav.sampleRateHz, RATE);
      expect(pcm.length).toBeGreaterThan(RATE);
      expect(digitsOf(pcm)).toBe('');
    },
  );
});

describe('DtmfTones', () => {
  it.each([8000, 16_000, 48_000])('plays -8 and -6 dBm0 at %i Hz for 100 ms, and a pause', (rate) => {
    const tones = new DtmfTones(rate);
    expect(tones.push('5x')).toBe(1);
    const pcm = new Int16Array(rate / 10);
    tones.read(pcm);
    const middle = pcm.subarray(rate / 100, rate / 100 + (8 * rate) / 100);
    // 0 dBm0 is 6.15 dB below the square wave that is 0 dBov.
    expect(toneLevelDbov(middle, { frequencyHz: 770, clockRateHz: rate })).toBeCloseTo(-8 - 6.15, 0);
    expect(toneLevelDbov(middle, { frequencyHz: 1336, clockRateHz: rate })).toBeCloseTo(-6 - 6.15, 0);
    expect(tones.isEnded).toBe(false);
    const pause = new Int16Array(rate / 10).fill(1);
    tones.read(pause);
    expect(pause.every((sample) => sample === 0)).toBe(true);
    expect(tones.isEnded).toBe(true);
  });

  it('plays the same in frames of any length', () => {
    const whole = new Int16Array(4000);
    const parts = new Int16Array(4000);
    const [one, two] = [new DtmfTones(RATE), new DtmfTones(RATE)];
    for (const tones of [one, two]) tones.push('0d');
    one.read(whole);
    for (let at = 0; at < parts.length; at += 7) two.read(parts.subarray(at, at + 7));
    expect(parts).toEqual(whole);
  });
});
