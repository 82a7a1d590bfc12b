// What a listener hears of a beat: the plain sum of all voices, or what reaches the place where it is.
import { Mix } from './mix.ts';
import type { RoomMember } from './room-member.ts';

/** A mix that several listeners share, and that each talker among them hears without itself. */
export interface Hearing {
  readonly mix: Mix;
  /** Takes the member's own voice out of a copy of the sum. */
  subtract(member: RoomMember, sum: Float32Array): void;
}

/** Everybody as they are, at no distance. */
export class PlainHearing implements Hearing {
  readonly mix: Mix;

  constructor(channels: 1 | 2) {
    this.mix = new Mix(channels);
  }

  /** Sums one beat. @param sound - mono, for all; undefined where none plays */
  sum(
    voices: readonly RoomMember[],
    lastWords: readonly Float32Array[],
    sound: Float32Array | undefined,
  ): void {
    const { sum } = this.mix;
    sum.fill(0);
    if (sound) addMono(sum, this.mix.channels, sound, 1);
    for (const word of lastWords) addMono(sum, this.mix.channels, word, 1);
    for (const member of voices) this.#add(member, sum, 1);
    this.mix.finish();
  }

  subtract(member: RoomMember, sum: Float32Array): void {
    this.#add(member, sum, -1);
  }

  #add({ voice, side }: RoomMember, sum: Float32Array, factor: 1 | -1): void {
    addMono(sum, this.mix.channels, voice, factor);
    if (side && this.mix.channels === 2) addSide(sum, side, factor);
  }
}

/** @param voice - one beat of mono */
export function addMono(sum: Float32Array, channels: 1 | 2, voice: Float32Array, factor: 1 | -1): void {
  // Within both: a beat has as many frames in each.
  if (channels === 1) {
    for (let i = 0; i < voice.length; i += 1) sum[i]! += factor * voice[i]!;
    return;
  }
  for (let i = 0, at = 0; i < voice.length; i += 1, at += 2) {
    const sample = factor * voice[i]!;
    sum[at]! += sample;
    sum[at + 1]! += sample;
  }
}

/** By how much the left channel is above the mean of both, and the right one below. */
function addSide(sum: Float32Array, side: Float32Array, factor: 1 | -1): void {
  for (let i = 0, at = 0; i < side.length; i += 1, at += 2) {
    const sample = factor * side[i]!;
    sum[at]! += sample;
    sum[at + 1]! -= sample;
  }
}
