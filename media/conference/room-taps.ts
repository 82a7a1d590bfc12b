// Who listens to a room from within the engine, as recorders do.

import { BEAT_FRAMES } from './mix.ts';
import type { RoomMember } from './room-member.ts';
import type { RoomTap, RoomVoice } from './types.ts';

export class RoomTaps {
  readonly #taps = new Set<RoomTap>();
  /** Reused from beat to beat: those of this beat, and all that there were. */
  readonly #voices: RoomVoice[] = [];
  readonly #kept: KeptVoice[] = [];

  /** Tells the tap who is there already. @returns what ends it */
  add(now: number, tap: RoomTap, members: readonly RoomMember[]): () => void {
    this.#taps.add(tap);
    for (const { leg } of members) tap.handleJoined(now, leg);
    return () => this.#taps.delete(tap);
  }

  handleJoined(now: number, { leg }: RoomMember): void {
    for (const tap of this.#taps) tap.handleJoined(now, leg);
  }

  handleLeft(now: number, legId: number): void {
    for (const tap of this.#taps) tap.handleLeft(now, legId);
  }

  handleTalking(now: number, legId: number, isTalking: boolean): void {
    for (const tap of this.#taps) tap.handleTalking(now, legId, isTalking);
  }

  /** @param mix - of the whole room */
  handleBeat(now: number, talkers: readonly RoomMember[], mix: Int16Array): void {
    if (this.#taps.size === 0) return;
    this.#voices.length = 0;
    for (const member of talkers) this.#voices.push(this.#keep(this.#voices.length, member));
    for (const tap of this.#taps) tap.handleBeat(now, this.#voices, mix);
  }

  #keep(index: number, { legId, voice, input }: RoomMember): RoomVoice {
    const kept = this.#kept[index] ?? { legId, pcm: new Int16Array(BEAT_FRAMES), delayMs: 0 };
    this.#kept[index] = kept;
    kept.legId = legId;
    kept.delayMs = input.playedDelayMs;
    for (let i = 0; i < BEAT_FRAMES; i += 1) kept.pcm[i] = Math.max(-32_768, Math.min(32_767, voice[i]!));
    return kept;
  }
}

interface KeptVoice extends RoomVoice {
  legId: number;
  delayMs: number;
}
