// Turns down what is between the words of a talker, so that five talkers do not bring five rooms with them.
import { clamp, dbovOfMeanSquare, factorOfDb, meanSquare, scale } from './block.ts';
import { NoiseFloor } from './noise-floor.ts';

/** How far the noise between words is turned down; mute would sound as if the line had died. */
export const GATE_DEPTH_DB = -20;

/** The knee: shut up to so much above the noise, open from so much on. */
const SHUT_ABOVE_NOISE_DB = 4;
const OPEN_ABOVE_NOISE_DB = 10;
/** A block has four parts, and is as loud as its loudest: a consonant of 5 ms opens. */
const PARTS = 4;
/** The gate stays as open as it was for so many blocks: words end softly. */
const HOLD_BLOCKS = 10;
/** Then it shuts by so much a block: within 200 ms. */
const RELEASE_DB = 2;

/**
 * Noise gate of one voice. It knows each block before it decides, so that it is open 5 ms into the block in which a
 * word begins. Noise louder than -45 dBov passes.
 */
export class NoiseGate {
  readonly #noise = new NoiseFloor();
  #gainDb = 0;
  #gain = 1;
  #hold = HOLD_BLOCKS;

  /** From {@link GATE_DEPTH_DB}, shut, to 0, open: as the last block ended. */
  get gainDb(): number {
    return this.#gainDb;
  }

  /** @param voice - 20 ms at 48 kHz, mono; scaled in place */
  process(voice: Float32Array): void {
    const part = voice.length / PARTS;
    let sum = 0;
    let loudest = 0;
    for (let start = 0; start < voice.length; start += part) {
      const power = meanSquare(voice, start, start + part);
      sum += power;
      if (power > loudest) loudest = power;
    }
    const noiseDbov = this.#noise.update(dbovOfMeanSquare(sum / PARTS));
    const before = this.#gain;
    this.#move(openness(dbovOfMeanSquare(loudest) - noiseDbov));
    if (this.#gain > before) {
      scale(voice, before, this.#gain, 0, part);
      scale(voice, this.#gain, this.#gain, part);
    } else {
      scale(voice, before, this.#gain);
    }
  }

  #move(wantedDb: number): void {
    if (wantedDb >= this.#gainDb) {
      this.#hold = HOLD_BLOCKS;
    } else if (this.#hold > 0) {
      this.#hold -= 1;
      return;
    }
    const next = Math.max(wantedDb, this.#gainDb - RELEASE_DB);
    if (next === this.#gainDb) return;
    this.#gainDb = next;
    this.#gain = factorOfDb(next);
  }
}

/** @returns the gain in decibels for a sound so much above the noise */
function openness(aboveNoiseDb: number): number {
  const share = (aboveNoiseDb - SHUT_ABOVE_NOISE_DB) / (OPEN_ABOVE_NOISE_DB - SHUT_ABOVE_NOISE_DB);
  return GATE_DEPTH_DB + -GATE_DEPTH_DB * clamp(share, 0, 1);
}
