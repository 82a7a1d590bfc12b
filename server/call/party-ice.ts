// ICE with one party of a call: that of the other party, where the two may speak past the server, or the server's own.
import { addressScope, type Random } from '../../core/index.ts';
import type { LegIceSettings } from '../../media/index.ts';
import {
  createIceCredentials,
  type IceCredentials,
  type IceDescription,
  isSameCredentials,
} from '../../nat/index.ts';
import {
  audioOf,
  iceOf,
  isSameFormat,
  liteIce,
  type OwnMedia,
  passedIce,
  type SessionDescription,
  verifiedIceOf,
} from '../../signaling/index.ts';

export interface PartyIceOptions {
  readonly random: Random;
  /** Whether the party may learn how the other one is reached, and speak to it past the server. */
  readonly mayBeDirect: boolean;
  /** Whether its Contact said that it knows ICE (RFC 5768). */
  readonly knowsIce: boolean;
}

/**
 * What descriptions to a party say of ICE.
 *
 * Whether a call is direct is settled with the first answer. One that is not stays so: the party would have to take
 * other credentials for ours in the middle of a call. One that is may cease to be.
 */
export class PartyIce {
  readonly #options: PartyIceOptions;
  /** Ours as a lite agent, and of whom: a restart of the party wants others (RFC 8445 §9). */
  #lite: { readonly credentials: IceCredentials; readonly peer: string | undefined } | undefined;
  #isDirect: boolean | undefined;

  constructor(options: PartyIceOptions) {
    this.#options = options;
  }

  get mayBeDirect(): boolean {
    return this.#options.mayBeDirect && this.#isDirect !== false;
  }

  /** Undefined before the first answer. */
  get isDirect(): boolean | undefined {
    return this.#isDirect;
  }

  settle(isDirect: boolean): void {
    this.#isDirect = isDirect;
  }

  /** Of our offer, which stands for what the other party described. @param remote - the party's last description */
  ofOffer(
    other: SessionDescription,
    own: OwnMedia,
    remote: SessionDescription | undefined,
  ): IceDescription | undefined {
    const theirs = usableIceOf(other);
    if (theirs && this.mayBeDirect) return passedIce(theirs, own);
    const before = remote && usableIceOf(remote);
    return before || (!remote && this.#options.knowsIce) ? this.#liteFor(undefined, own) : undefined;
  }

  /** Of our answer. @param other - what the other party answered, where the two are to speak past us */
  ofAnswer(offer: SessionDescription, other: SessionDescription | undefined, own: OwnMedia): OwnMedia['ice'] {
    const line = audioOf(offer)?.line;
    const offered = usableIceOf(offer);
    if (!line || !offered) return line && isMismatch(offer) ? 'mismatch' : undefined;
    const theirs = other && usableIceOf(other);
    return theirs ? passedIce(theirs, own) : this.#liteFor(offered.credentials.ufrag, own);
  }

  /** What the leg is to do; undefined where no ICE was agreed on, or with credentials of which nothing came. */
  ofLeg(local: SessionDescription, remote: SessionDescription): LegIceSettings | undefined {
    const [own, theirs] = [toldIceOf(local)?.credentials, usableIceOf(remote)];
    if (!own || !theirs) return undefined;
    const isLite = this.#lite !== undefined && isSameCredentials(own, this.#lite.credentials);
    if (!isLite && !this.#isDirect) return undefined;
    const candidates = [...new Set(theirs.candidates.map(({ endpoint }) => endpoint.address))];
    return { mode: isLite ? 'lite' : 'pass', own, theirs: theirs.credentials, candidates };
  }

  /** Whether the party was told the ICE of somebody to whom it must not speak: it is to be offered ours. */
  needsOurs(local: SessionDescription | undefined, remote: SessionDescription | undefined): boolean {
    return (
      this.#isDirect === false &&
      local !== undefined &&
      remote !== undefined &&
      toldIceOf(local) !== undefined &&
      usableIceOf(remote) !== undefined &&
      this.ofLeg(local, remote) === undefined
    );
  }

  #liteFor(peer: string | undefined, own: OwnMedia): IceDescription {
    const isRestarted = peer !== undefined && this.#lite?.peer !== undefined && this.#lite.peer !== peer;
    const credentials =
      isRestarted || !this.#lite ? createIceCredentials(this.#options.random) : this.#lite.credentials;
    this.#lite = { credentials, peer: peer ?? this.#lite?.peer };
    return liteIce(credentials, own);
  }
}

/**
 * Whether an offer was answered so that the two parties understand each other without the server between them.
 *
 * @param told - the offer to the one who answered, which stood for `offer`
 */
export function isDirectAnswer(
  offer: SessionDescription,
  told: SessionDescription | undefined,
  answer: SessionDescription,
): boolean {
  const [offered, passed, answered] = [usableIceOf(offer), told && toldIceOf(told), usableIceOf(answer)];
  if (!offered || !passed || !answered) return false;
  return isSameCredentials(offered.credentials, passed.credentials) && isUnderstood(offer, answer);
}

/** Whether a party looks for paths anew (RFC 8445 §9). @param before - its last description */
export function restartsIce(
  description: SessionDescription,
  before: SessionDescription | undefined,
): boolean {
  const [now, then] = [usableIceOf(description), before && usableIceOf(before)];
  return now !== undefined && then !== undefined && !isSameCredentials(now.credentials, then.credentials);
}

/** Payload types are renumbered, copies unpacked and digits found in sound by the server alone. */
function isUnderstood(offer: SessionDescription, answer: SessionDescription): boolean {
  const [offered, answered] = [offer, answer].map((one) => audioOf(one)?.line.formats ?? []);
  if (!offered || !answered) return false;
  const hasEvents = (formats: typeof offered) =>
    formats.some(({ encoding }) => encoding === 'telephone-event');
  const isOffered = (format: (typeof offered)[number]) =>
    offered.some(
      (other) =>
        other.payloadType === format.payloadType &&
        isSameFormat(other, format) &&
        (format.encoding !== 'red' || other.formatParameters === format.formatParameters),
    );
  return hasEvents(offered) === hasEvents(answered) && answered.every(isOffered);
}

/** The ICE of a party on which we can rely: of a full agent, with RTCP on the port of RTP. */
function usableIceOf(description: SessionDescription): IceDescription | undefined {
  const line = audioOf(description)?.line;
  if (!line?.rtcpMux) return undefined;
  // RFC 3264 §8.4: a hold by 0.0.0.0 is no change of address.
  const isHeld = addressScope(line.address ?? '') === 'unspecified';
  const ice = isHeld ? iceOf(description, line) : verifiedIceOf(description, line);
  // Of two lite agents neither checks.
  return ice === undefined || ice === 'mismatch' || ice.isLite ? undefined : ice;
}

function isMismatch(description: SessionDescription): boolean {
  const line = audioOf(description)?.line;
  return line !== undefined && verifiedIceOf(description, line) === 'mismatch';
}

/** What a description of ours says. */
function toldIceOf(description: SessionDescription): IceDescription | undefined {
  const line = audioOf(description)?.line;
  return line && iceOf(description, line);
}
