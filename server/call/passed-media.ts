// The description of one party in a call that is secured end to end: passed on as it is, but for its origin.
import type { Random } from '../../core/index.ts';
import { DecodeError } from '../../core/index.ts';
import {
  followVersion,
  formatSdp,
  isSecured,
  parseSdp,
  type SessionDescription,
} from '../../signaling/index.ts';
import type { Party } from './party.ts';

/** A session and what it was told. */
export interface PassedParty extends Pick<Party, 'session'> {
  readonly media: PassedMedia;
}

/**
 * Our side of one party's session. There is no leg: keys, candidates and checksums of certificates are between the
 * parties, and the dialog alone is ours.
 */
export class PassedMedia {
  /** In `o=`: the party is not to learn the other's from us. */
  readonly #address: string;
  readonly #sessionId: string;
  #described: SessionDescription | undefined;
  #proposed: SessionDescription | undefined;
  #local: SessionDescription | undefined;
  #remote: SessionDescription | undefined;

  constructor(random: Random, address: string) {
    this.#address = address;
    // 31 bits: some phones read the session id of RFC 8866 §5.2 as a signed number.
    this.#sessionId = String(random.uint32() >>> 1);
  }

  /** The party's last description. */
  get remote(): SessionDescription | undefined {
    return this.#remote;
  }

  /** Ours, as last agreed on. */
  get localSdp(): string | undefined {
    return this.#local && formatSdp(this.#local);
  }

  offer(other: SessionDescription): string {
    this.#proposed = this.#describe(other);
    return formatSdp(this.#proposed);
  }

  /** Takes over the party's answer to our last offer. */
  accept(answer: SessionDescription): void {
    this.#local = this.#proposed;
    this.#remote = answer;
  }

  /** Takes over the party's offer, and answers it with what the other one answered. */
  answer(offer: SessionDescription, other: SessionDescription): string {
    this.#local = this.#describe(other);
    this.#remote = offer;
    return formatSdp(this.#local);
  }

  /** There is nothing to close. */
  async close(): Promise<void> {}

  #describe({ attributes, media }: SessionDescription): SessionDescription {
    const origin = { username: '-', sessionId: this.#sessionId, version: '1', address: this.#address };
    const description = { origin, sessionName: '-', attributes, media };
    this.#described = this.#described ? followVersion(this.#described, description) : description;
    return this.#described;
  }
}

/** Reads a description that is secured end to end; undefined where it is none. */
export function readSecuredSdp(text: string | undefined): SessionDescription | undefined {
  const description = text === undefined ? undefined : parseSdp(text);
  if (description === undefined || description instanceof DecodeError) return undefined;
  return isSecured(description) ? description : undefined;
}

/** Whether a party looks for another path: its ICE has new credentials (RFC 8445 §9). @param before - its last description */
export function renewsPath(description: SessionDescription, before: SessionDescription | undefined): boolean {
  return before !== undefined && fragmentsOf(description) !== fragmentsOf(before);
}

/** One where all sections share the path, as they do in one association. */
function fragmentsOf({ attributes, media }: SessionDescription): string {
  const all = [attributes, ...media.map((line) => line.attributes)].flat();
  return [...new Set(all.filter((text) => text.startsWith('ice-ufrag:')))].join();
}
