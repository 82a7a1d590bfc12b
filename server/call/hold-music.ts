// What a party hears while the other has put it on hold.
import { type Log, messageOf } from '../../core/index.ts';
import type { MediaEngine } from '../../media/index.ts';
import { canSend } from '../../signaling/index.ts';
import type { PartyMedia } from './party.ts';

/** Whether the party wants to hear nothing, and so holds the other (RFC 3264 §8.4). */
export function isHolding(party: PartyMedia): boolean {
  const direction = party.agreed?.remote.direction;
  return direction !== undefined && !canSend(direction);
}

/** Plays one file, over and over, to whoever is held. */
export class HoldMusic {
  readonly #media: MediaEngine;
  readonly #log: Log;
  readonly #path: string;

  constructor(dependencies: { readonly media: MediaEngine; readonly log: Log }, path: string) {
    this.#media = dependencies.media;
    this.#log = dependencies.log;
    this.#path = path;
  }

  /** To be called when the two have just been connected, which ended what either heard. */
  play(one: PartyMedia, other: PartyMedia): void {
    if (isHolding(one) && !isHolding(other)) this.#playTo(other);
    if (isHolding(other) && !isHolding(one)) this.#playTo(one);
  }

  #playTo(held: PartyMedia): void {
    this.#media.playFile(held.legId, { path: this.#path, loop: true }).catch((error: unknown) => {
      this.#log.warn({ file: this.#path, reason: messageOf(error) }, 'hold music not played');
    });
  }
}
