// A mouth and an ear on one clock: chirps whose every sample has the moment at which it was spoken, and was heard.
import type { AudioSink, AudioSource } from '../../media/index.ts';

const RATE_HZ = 48_000;
const RATE_KHZ = RATE_HZ / 1000;
const CHIRP_SAMPLES = 30 * RATE_KHZ;
/** No multiple of a frame, so that chirps stand at any place of one. */
const PERIOD_SAMPLES = Math.round(407.3 * RATE_KHZ);
const [LOW_HZ, HIGH_HZ] = [400, 3200];
const AMPLITUDE = 12_000;
/** Found where this much of it is found again: a codec keeps over 0.8, what is left of another chirp is under 0.4. */
const LEAST_CORRELATION = 0.6;
/** Steps of the search: an eighth of a millisecond. */
const STEP = 6;

/** A sweep whose correlation with itself has one sharp peak. */
const CHIRP = Float64Array.from({ length: CHIRP_SAMPLES }, (_, i) => {
  const share = i / CHIRP_SAMPLES;
  const cycles = (i / RATE_HZ) * (LOW_HZ + ((HIGH_HZ - LOW_HZ) * share) / 2);
  return Math.sin(Math.PI * share) * Math.sin(2 * Math.PI * cycles);
});

/**
 * What a microphone gives: at each read the sound of the frame that has just ended. The samples are its clock, as those
 * of a sound card are; the promptest read says where it stands, for none can come before its frame was spoken.
 */
export class Mouth implements AudioSource {
  readonly sampleRateHz = RATE_HZ;
  readonly isEnded = false;
  /** When the first sample was spoken, on the clock of `performance.now()`. */
  #startedAt = Number.POSITIVE_INFINITY;
  #latestStart = Number.NEGATIVE_INFINITY;
  #next = 0;

  /** How long after the end of its frame the latest read came: a beat that is late makes a frame late. */
  get latestReadMs(): number {
    return this.#latestStart - this.#startedAt;
  }

  read(pcm: Int16Array): void {
    const start = performance.now() - (this.#next + pcm.length) / RATE_KHZ;
    this.#startedAt = Math.min(this.#startedAt, start);
    this.#latestStart = Math.max(this.#latestStart, start);
    for (let i = 0; i < pcm.length; i += 1) {
      pcm[i] = AMPLITUDE * (CHIRP[(this.#next + i) % PERIOD_SAMPLES] ?? 0);
    }
    this.#next += pcm.length;
  }

  /** When the sample was spoken. */
  momentOf(sample: number): number {
    return this.#startedAt + sample / RATE_KHZ;
  }

  /** When each whole chirp so far began. */
  get chirpedAt(): readonly number[] {
    const count = Math.max(0, Math.floor((this.#next - CHIRP_SAMPLES) / PERIOD_SAMPLES) + 1);
    return Array.from({ length: count }, (_, i) => this.momentOf(i * PERIOD_SAMPLES));
  }
}

/** A loudspeaker without a buffer: a frame sounds from the moment at which it is written. */
export class Ear implements AudioSink {
  readonly sampleRateHz = RATE_HZ;
  readonly #frames: { readonly at: number; readonly pcm: Int16Array }[] = [];

  write(pcm: Int16Array): void {
    this.#frames.push({ at: performance.now(), pcm: pcm.slice() });
  }

  async close(): Promise<void> {}

  /** @returns when the chirp began to sound that was spoken at that moment; undefined where it is not found */
  heardAt(spokenAt: number, longestMs: number): number | undefined {
    const first = this.#frames.findIndex(({ at }) => at > spokenAt);
    const last = this.#frames.findLastIndex(({ at }) => at < spokenAt + longestMs);
    if (first < 0 || last < first) return undefined;
    // The frame before, for its end may have sounded after that moment.
    const from = Math.max(0, first - 1);
    const place = findChirp(joined(this.#frames.slice(from, last + 3).map(({ pcm }) => pcm)));
    return place === undefined ? undefined : this.#momentOf(from, place);
  }

  #momentOf(from: number, place: number): number | undefined {
    let left = place;
    for (const { at, pcm } of this.#frames.slice(from)) {
      if (left < pcm.length) return at + left / RATE_KHZ;
      left -= pcm.length;
    }
    return undefined;
  }
}

/** @returns the sample at which the sound is most like a chirp */
export function findChirp(sound: Int16Array): number | undefined {
  let best = { at: 0, correlation: 0 };
  for (let at = 0; at + CHIRP_SAMPLES <= sound.length; at += STEP) {
    const correlation = correlationAt(sound, at);
    if (correlation > best.correlation) best = { at, correlation };
  }
  return best.correlation >= LEAST_CORRELATION ? best.at : undefined;
}

function correlationAt(sound: Int16Array, at: number): number {
  let [product, power, own] = [0, 1, 0];
  for (let i = 0; i < CHIRP_SAMPLES; i += STEP / 2) {
    const [heard, said] = [sound[at + i] ?? 0, CHIRP[i] ?? 0];
    product += heard * said;
    power += heard * heard;
    own += said * said;
  }
  return product / Math.sqrt(power * own);
}

function joined(frames: readonly Int16Array[]): Int16Array {
  const sound = new Int16Array(frames.reduce((length, pcm) => length + pcm.length, 0));
  let at = 0;
  for (const pcm of frames) {
    sound.set(pcm, at);
    at += pcm.length;
  }
  return sound;
}
