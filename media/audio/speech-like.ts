// Sound that is like speech and says nothing: made here, the same for the same seed.
import { type Random, SeededRandom } from '../../core/index.ts';
import type { AudioSource } from './types.ts';

/** First three formants of a few vowels, in hertz (male speaker). */
const VOWELS: readonly (readonly [number, number, number])[] = [
  [730, 1090, 2440],
  [270, 2290, 3010],
  [300, 870, 2240],
  [530, 1840, 2480],
  [570, 840, 2410],
  [660, 1720, 2410],
];
const FORMANT_BANDWIDTHS_HZ: readonly number[] = [80, 110, 160];
const FORMANT_GAINS: readonly number[] = [1, 0.55, 0.28];
const PEAK = 16_000;

/** One piece of an utterance. */
interface Segment {
  readonly kind: 'vowel' | 'fricative' | 'pause';
  readonly lengthSamples: number;
  readonly formants: readonly [number, number, number];
  readonly pitchHz: number;
  readonly glide: number;
}

/**
 * Syllables of a vowel (a pulse train through three resonators) and often a hiss before it, in phrases with pauses:
 * the spectrum, the envelope and the activity of speech, so that codecs and detectors treat it as such.
 */
export class SpeechLikeSource implements AudioSource {
  readonly sampleRateHz: number;
  readonly isEnded = false;
  readonly #random: Random;
  readonly #resonators: readonly Resonator[];
  #segment: Segment;
  #at = 0;
  #phase = 0;
  #syllablesLeft = 0;
  #voicePitchHz: number;

  constructor(seed: number, sampleRateHz = 48_000) {
    this.sampleRateHz = sampleRateHz;
    this.#random = new SeededRandom(seed);
    this.#voicePitchHz = 95 + 110 * this.#random.float();
    this.#resonators = FORMANT_BANDWIDTHS_HZ.map((bandwidthHz) => new Resonator(bandwidthHz, sampleRateHz));
    this.#segment = this.#nextSegment();
  }

  read(pcm: Int16Array): void {
    for (let i = 0; i < pcm.length; i += 1) {
      if (this.#at >= this.#segment.lengthSamples) {
        this.#segment = this.#nextSegment();
        this.#at = 0;
      }
      pcm[i] = Math.round(Math.max(-1, Math.min(1, this.#sample())) * PEAK);
      this.#at += 1;
    }
  }

  #sample(): number {
    const { kind, lengthSamples, formants } = this.#segment;
    const progress = this.#at / lengthSamples;
    const excitation = this.#excitation(progress);
    let sum = 0;
    for (let k = 0; k < FORMANT_GAINS.length; k += 1) {
      const resonator = this.#resonators[k]!; // There are as many resonators as formants.
      if (this.#at === 0) resonator.tune(formants[k] ?? 0);
      sum += resonator.process(excitation) * (FORMANT_GAINS[k] ?? 0);
    }
    return kind === 'fricative' ? excitation * 0.5 : sum;
  }

  #excitation(progress: number): number {
    const { kind, pitchHz, glide } = this.#segment;
    if (kind === 'pause') return 0;
    // A syllable swells quickly and dies away slowly.
    const envelope = Math.min(1, progress * 6) * Math.min(1, (1 - progress) * 2.5);
    if (kind === 'fricative') return (this.#random.float() - 0.5) * 0.35 * envelope;
    this.#phase += (pitchHz * (1 + glide * progress)) / this.sampleRateHz;
    if (this.#phase >= 1) this.#phase -= 1;
    // A rounded saw: the pulse of the vocal cords, falling by about 12 dB an octave.
    const pulse = this.#phase < 0.6 ? Math.sin((Math.PI * this.#phase) / 0.6) ** 2 : 0;
    return (pulse - 0.3 + (this.#random.float() - 0.5) * 0.04) * envelope * 0.4;
  }

  #nextSegment(): Segment {
    if (this.#syllablesLeft <= 0) {
      this.#syllablesLeft = 3 + Math.floor(6 * this.#random.float());
      return this.#segmentOf('pause', 180 + 320 * this.#random.float());
    }
    if (this.#segment?.kind === 'fricative' || this.#random.float() < 0.55) {
      this.#syllablesLeft -= 1;
      return this.#segmentOf('vowel', 110 + 140 * this.#random.float());
    }
    return this.#segmentOf('fricative', 50 + 60 * this.#random.float());
  }

  #segmentOf(kind: Segment['kind'], lengthMs: number): Segment {
    const vowel = VOWELS[Math.floor(VOWELS.length * this.#random.float())];
    return {
      kind,
      lengthSamples: Math.round((lengthMs * this.sampleRateHz) / 1000),
      formants: vowel ?? [500, 1500, 2500],
      pitchHz: this.#voicePitchHz * (0.85 + 0.3 * this.#random.float()),
      glide: -0.2 * this.#random.float(),
    };
  }
}

/** Two-pole resonator with a gain of about one at its peak. */
class Resonator {
  readonly #sampleRateHz: number;
  readonly #radius: number;
  #a1 = 0;
  #gain = 0;
  #y1 = 0;
  #y2 = 0;

  constructor(bandwidthHz: number, sampleRateHz: number) {
    this.#sampleRateHz = sampleRateHz;
    this.#radius = Math.exp((-Math.PI * bandwidthHz) / sampleRateHz);
  }

  tune(frequencyHz: number): void {
    const angle = (2 * Math.PI * frequencyHz) / this.#sampleRateHz;
    this.#a1 = 2 * this.#radius * Math.cos(angle);
    this.#gain = 12 * (1 - this.#radius) * Math.sin(angle);
  }

  process(x: number): number {
    const y = this.#gain * x + this.#a1 * this.#y1 - this.#radius ** 2 * this.#y2;
    this.#y2 = this.#y1;
    this.#y1 = y;
    return y;
  }
}
