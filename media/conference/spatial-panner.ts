// One talker as one listener hears it with two ears: from where, and how far away.
import { clamp } from './block.ts';
import type { Position } from './types.ts';

/** Where somebody is, and where they look to. */
export interface Place {
  /** Undefined: in the middle of whoever hears, at no distance. */
  readonly position: Position | undefined;
  /** Degrees clockwise from north (y). */
  readonly facingDegrees: number;
}

/** Between the ears, for sound from straight aside: a head of 8.75 cm radius (Woodworth), 0.66 ms. */
const HEAD_SECONDS = 0.0875 / 343;
const RATE_HZ = 48_000;
/** Samples of the past that the far ear still hears, and one more to interpolate. */
const HISTORY = Math.ceil(HEAD_SECONDS * (Math.PI / 2 + 1) * RATE_HZ) + 1;
/** Straight aside, the far ear has 15 dB less: no voice leaves an ear altogether. */
const MOST_PAN_RADIANS = (35 / 180) * Math.PI;
/** Cut-offs of the one-pole low-passes: the shadow of the head, and of the ears for what is behind. */
const SHADOW_HZ = 3000;
const BEHIND_HZ = 6000;
/** Nearer than this a voice has no direction to speak of. */
const NO_DIRECTION_METRES = 0.3;
/** Level falls with the distance from 1 m on, and not below this: in a large room one still hears that somebody talks. */
const FULL_LEVEL_METRES = 1;
const LEAST_GAIN = 0.05;
/** How open a low-pass is that does nothing. */
const OPEN = 1;

/** The block with what came before it; all panners of a thread work in it, one after the other. */
let work = new Float32Array(HISTORY + 960);

/**
 * Places one talker for one listener: equal-power pan, difference of time between the ears (up to 0.66 ms), shadow of
 * the head, duller from behind, softer with distance. In front at up to 1 m both ears hear the voice as it is.
 * Whatever changes, moves there within the next block.
 *
 * Costs six multiplications and fourteen additions a sample, for each pair of talker and listener.
 */
export class SpatialPanner {
  /** The last samples of the block before. */
  readonly #history = new Float32Array(HISTORY);
  readonly #left = new Ear();
  readonly #right = new Ear();
  #isPlaced = false;

  /** Where the voice comes from, from the next block on; the first place of all holds at once. */
  place(listener: Place, talker: Place): void {
    this.#aim(listener, talker);
    if (!this.#isPlaced) {
      this.#left.jump();
      this.#right.jump();
    }
    this.#isPlaced = true;
  }

  /**
   * Adds the next block of the voice to what the listener hears.
   *
   * @param voice - mono, 48 kHz; stays as it is
   * @param into - interleaved stereo, twice as long
   */
  mix(voice: Float32Array, into: Float32Array): void {
    if (work.length < HISTORY + voice.length) work = new Float32Array(HISTORY + voice.length);
    work.set(this.#history);
    work.set(voice, HISTORY);
    this.#left.add(work, voice.length, into, 0);
    this.#right.add(work, voice.length, into, 1);
    this.#history.set(work.subarray(voice.length, voice.length + HISTORY));
  }

  #aim(listener: Place, talker: Place): void {
    const { lateral, ahead, metres } = directionOf(listener, talker);
    const level = Math.max(LEAST_GAIN, FULL_LEVEL_METRES / Math.max(FULL_LEVEL_METRES, metres));
    const pan = Math.PI / 4 + lateral * MOST_PAN_RADIANS;
    const delay = HEAD_SECONDS * RATE_HZ * (Math.asin(lateral) + lateral);
    const behind = OPEN + (opennessAt(BEHIND_HZ) - OPEN) * Math.max(0, -ahead);
    this.#left.aim(level * Math.SQRT2 * Math.cos(pan), Math.max(0, delay), behind * shadow(lateral));
    this.#right.aim(level * Math.SQRT2 * Math.sin(pan), Math.max(0, -delay), behind * shadow(-lateral));
  }
}

/** What one ear hears of a voice: later, duller, softer. */
class Ear {
  #gain = 1;
  #delay = 0;
  #openness = OPEN;
  #nextGain = 1;
  #nextDelay = 0;
  #nextOpenness = OPEN;
  /** State of the low-pass. */
  #last = 0;

  /** @param delay - in samples, up to {@link HISTORY} - 1 */
  aim(gain: number, delay: number, openness: number): void {
    this.#nextGain = gain;
    this.#nextDelay = delay;
    this.#nextOpenness = openness;
  }

  jump(): void {
    this.#gain = this.#nextGain;
    this.#delay = this.#nextDelay;
    this.#openness = this.#nextOpenness;
  }

  add(samples: Float32Array, length: number, into: Float32Array, channel: number): void {
    const delayStep = (this.#nextDelay - this.#delay) / length;
    const gainStep = (this.#nextGain - this.#gain) / length;
    const opennessStep = (this.#nextOpenness - this.#openness) / length;
    let gain = this.#gain;
    let openness = this.#openness;
    let last = this.#last;
    let place = HISTORY - this.#delay;
    for (let i = 0, at = channel; i < length; i += 1, at += 2) {
      place -= delayStep;
      gain += gainStep;
      openness += opennessStep;
      const whole = place | 0;
      // From 0 to the end of the samples, since the delay is less than the history; beyond the newest nothing is needed.
      const older = samples[whole]!;
      const newer = whole + 1 < samples.length ? samples[whole + 1]! : older;
      last += openness * (older + (place - whole) * (newer - older) - last);
      into[at]! += gain * last;
      place += 1;
    }
    // Too small to hear, and slow to compute with.
    this.#last = Math.abs(last) < 1e-6 ? 0 : last;
    this.jump();
  }
}

/** @returns `lateral` from -1, left, to 1, right; `ahead` from -1, behind, to 1 */
function directionOf(listener: Place, talker: Place): { lateral: number; ahead: number; metres: number } {
  const [from, to] = [listener.position, talker.position];
  if (!from || !to) return { lateral: 0, ahead: 1, metres: 0 };
  const [east, north, up] = [to.x - from.x, to.y - from.y, to.z - from.z];
  const metres = Math.hypot(east, north, up);
  const facing = (listener.facingDegrees / 180) * Math.PI;
  if (!Number.isFinite(metres + facing)) return { lateral: 0, ahead: 1, metres: 0 };
  const [sin, cos] = [Math.sin(facing), Math.cos(facing)];
  const scale = 1 / Math.max(NO_DIRECTION_METRES, metres);
  const lateral = clamp((east * cos - north * sin) * scale, -1, 1);
  return { lateral, ahead: clamp((east * sin + north * cos) * scale, -1, 1), metres };
}

/** The shadow on the ear that is turned away. @param away - 1 where the voice comes from the other side */
function shadow(away: number): number {
  return away <= 0 ? OPEN : OPEN + (opennessAt(SHADOW_HZ) - OPEN) * away;
}

function opennessAt(cutoffHz: number): number {
  return 1 - Math.exp((-2 * Math.PI * cutoffHz) / RATE_HZ);
}
