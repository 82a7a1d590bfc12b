// Brings events of media legs to the call that owns the leg, in constant time.
import type { MediaEngine } from '../../media/index.ts';
import { REASONS } from './reasons.ts';

/** What can befall a leg without signaling having asked for it. */
export type LegTrouble = 'inactive' | 'failed';

/** Whoever opened a leg. */
export interface LegOwner {
  handleTrouble(trouble: LegTrouble, reason: string): void;
  handleDigit(digit: { readonly digit: string; readonly durationMs: number }): void;
}

/** One subscription to the engine for all calls. */
export class MediaWatch {
  readonly #owners = new Map<number, LegOwner>();

  constructor(media: MediaEngine) {
    media.on('inactive', ({ legId }) => this.#owners.get(legId)?.handleTrouble('inactive', REASONS.inactive));
    media.on('digit', ({ legId, ...digit }) => this.#owners.get(legId)?.handleDigit(digit));
    media.on('failed', ({ legIds, reason }) => {
      const told = `${REASONS.mediaFailed}${reason}`;
      for (const legId of legIds) this.#owners.get(legId)?.handleTrouble('failed', told);
    });
  }

  watch(legId: number, owner: LegOwner): void {
    this.#owners.set(legId, owner);
  }

  unwatch(legId: number): void {
    this.#owners.delete(legId);
  }

  get size(): number {
    return this.#owners.size;
  }
}
