// Brings events of media legs to the call that owns the leg, in constant time.
import type { MediaEngine } from '../../media/index.ts';

/** What can befall a leg without signaling having asked for it. */
export type LegTrouble = 'inactive' | 'failed';

/** One subscription to the engine for all calls. */
export class MediaWatch {
  readonly #owners = new Map<number, (trouble: LegTrouble, reason: string) => void>();

  constructor(media: MediaEngine) {
    media.on('inactive', ({ legId }) =>
      this.#owners.get(legId)?.('inactive', 'neither RTP nor RTCP arrived any more'),
    );
    media.on('failed', ({ legIds, reason }) => {
      for (const legId of legIds) this.#owners.get(legId)?.('failed', reason);
    });
  }

  watch(legId: number, onTrouble: (trouble: LegTrouble, reason: string) => void): void {
    this.#owners.set(legId, onTrouble);
  }

  unwatch(legId: number): void {
    this.#owners.delete(legId);
  }

  get size(): number {
    return this.#owners.size;
  }
}
