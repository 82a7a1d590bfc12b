// What a party hears while the other has put it on hold.
import { type Log, messageOf } from '../../core/index.ts';
import type { MediaEngine } from '../../media/index.ts';
import {
  audioOf,
  canSend,
  isOnHold,
  isSameFormat,
  isSoundFormat,
  type SessionDescription,
  withDirection,
} from '../../signaling/index.ts';
import type { PartyMedia } from './party.ts';

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

  /**
   * Who is held is told nothing of it, nor of the end of it.
   *
   * @returns what to answer the offer of a party with, where the other one need not be asked; undefined where it must
   */
  answerFor(party: PartyMedia, other: PartyMedia, offer: SessionDescription): SessionDescription | undefined {
    const line = audioOf(offer)?.line;
    const { remote, agreed } = other;
    if (!line || !remote || !agreed) return undefined;
    const isShared = line.formats.some((format) =>
      agreed.sendFormats.some((entry) => isSoundFormat(entry) && isSameFormat(entry, format)),
    );
    const isBetweenUs = isOnHold(line) || (isHolding(party) && isShared);
    return isBetweenUs ? withDirection(remote, 'sendrecv') : undefined;
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

/** Whether the party wants to hear nothing, and so holds the other (RFC 3264 §8.4). */
export function isHolding(party: PartyMedia): boolean {
  const direction = party.agreed?.remote.direction;
  return direction !== undefined && !canSend(direction);
}
