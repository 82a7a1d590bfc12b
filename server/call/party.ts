// One party of a call: its SIP session, its media leg, and the SDP by which it knows us.
import { DecodeError, OperationError, type Random } from '../../core/index.ts';
import type { LegReport, MediaEngine, OpenedLeg, PayloadFormat } from '../../media/index.ts';
import type { LocalPeer } from '../../nat/index.ts';
import {
  answerOffer,
  type Capability,
  type ExtensionCapability,
  type Flow,
  followVersion,
  formatSdp,
  type NegotiatedMedia,
  negotiated,
  type RelayOptions,
  relayAnswer,
  relayOffer,
  remoteMediaOf,
  type Session,
  type SessionDescription,
} from '../../signaling/index.ts';
import type { MediaAddress, MediaAddresses } from '../addresses/index.ts';
import { DigitNotes, type PartyFacts, type PartyReport } from './party-facts.ts';
import { isDirectAnswer, PartyIce } from './party-ice.ts';
import type { RelayDoor } from './types.ts';

/** What opening a party's leg takes. */
export interface OpenPartyOptions {
  readonly media: MediaEngine;
  readonly addresses: MediaAddresses;
  readonly relays: RelayDoor;
  readonly random: Random;
  /** Where the party is: decides from which of our addresses it is served. */
  readonly flow: Flow | undefined;
  readonly host: string;
  readonly callKey: string;
  readonly label: string;
  readonly capabilities: MediaCapabilities;
  /** Whether the party may speak to the other one past the server; false where not given. */
  readonly mayBeDirect?: boolean;
  /** Whether it is known to speak ICE; false where not given. */
  readonly knowsIce?: boolean;
}

/** What the server can do with sound besides passing it on. */
export interface MediaCapabilities {
  /** What it can play, record and convert, most preferred first, events included. */
  readonly formats: readonly Capability[];
  /** Whether a party may have formats that the other party has not. */
  readonly isTranscoding: boolean;
}

/** A session and the media leg that belongs to it. */
export interface Party {
  readonly session: Session;
  readonly media: PartyMedia;
}

/** How a leg is set up for who is at the other end of the call. */
export interface LegSettings {
  /** What was agreed on with the party, most preferred first; as the party has it where not given. */
  readonly formats?: readonly PayloadFormat[];
  readonly detectsTones?: boolean;
}

/** How an offer of a party is answered. */
export interface PartyAnswerOptions {
  /** Whose answer it stands for; nobody's where the call ends here. */
  readonly answerer?: PartyMedia | undefined;
  /** Header extensions that a service knows (RFC 8285); between two parties there are none. */
  readonly extensions?: readonly ExtensionCapability[] | undefined;
}

/**
 * The media side of one party. Owns the leg: whoever opens a party closes it.
 *
 * Its SDP has one origin for the whole call, whoever's description is behind it, with a version that grows with
 * every change (RFC 3264 §8).
 */
export class PartyMedia {
  readonly legId: number;
  readonly label: string;
  readonly digitNotes = new DigitNotes();
  readonly #media: MediaEngine;
  readonly #leg: OpenedLeg;
  readonly #address: MediaAddress;
  readonly #signalingAddress: string | null;
  readonly #sessionId: string;
  readonly #capabilities: MediaCapabilities;
  readonly #mayBeDirect: boolean;
  readonly #ice: PartyIce;
  /** Relays no longer speak with the leg. */
  readonly #dismiss: () => void;
  /** The last description that we sent: the next one is numbered by it (RFC 3264 §8). */
  #described: SessionDescription | undefined;
  #local: SessionDescription | undefined;
  /** Our offer, until the party answers it; one that it refuses changes nothing (RFC 3261 §14.1). */
  #proposed: SessionDescription | undefined;
  #remote: SessionDescription | undefined;
  #settings: LegSettings = {};
  #sendsInfoDigits = false;
  #closing: Promise<PartyReport> | undefined;

  static async open(options: OpenPartyOptions): Promise<PartyMedia> {
    const address = await options.addresses.toward(options.flow?.remote.address ?? options.host);
    const { callKey, label } = options;
    const leg = await options.media.openLeg({ callKey, label, localAddress: address.bind });
    return new PartyMedia(options, leg, address);
  }

  private constructor(options: OpenPartyOptions, leg: OpenedLeg, address: MediaAddress) {
    this.#media = options.media;
    this.#leg = leg;
    this.legId = leg.legId;
    this.label = options.label;
    this.#address = address;
    this.#dismiss = options.relays.admit(socketsOf(leg, address));
    this.#signalingAddress = options.flow?.remote.address ?? null;
    this.#capabilities = options.capabilities;
    const { random, mayBeDirect = false, knowsIce = false } = options;
    this.#mayBeDirect = mayBeDirect;
    this.#ice = new PartyIce({ random, mayBeDirect, knowsIce });
    // 31 bits: some phones read the session id of RFC 8866 §5.2 as a signed number.
    this.#sessionId = String(random.uint32() >>> 1);
  }

  /** The party's last description. */
  get remote(): SessionDescription | undefined {
    return this.#remote;
  }

  /** Our description, as last agreed on. */
  get localSdp(): string | undefined {
    return this.#local && formatSdp(this.#local);
  }

  /** What was agreed on with the party; undefined before that. */
  get agreed(): NegotiatedMedia | undefined {
    return this.#local && this.#remote && negotiated(this.#local, this.#remote);
  }

  /** Our offer to the party that stands for what the other one described. */
  offer(other: SessionDescription): string {
    const session = { local: this.#local, remote: this.#remote };
    const place = this.#placeFor(this.isDirect);
    const ice = this.#ice.ofOffer(other, place, this.#remote);
    this.#proposed = this.#describe(relayOffer(other, { ...place, ice }, session));
    return formatSdp(this.#proposed);
  }

  /** Takes over the party's answer to our last offer. */
  accept(answer: SessionDescription): void {
    this.#local = this.#proposed;
    this.#remote = answer;
  }

  /**
   * Takes over the party's offer, and answers for what the other one described; for a service that ends here, where
   * there is no other. Whether the two speak past the server from now on is settled by it.
   *
   * @returns undefined where no sound can be agreed on; then nothing has changed
   */
  answer(
    offer: SessionDescription,
    other?: SessionDescription,
    { answerer, extensions = [] }: PartyAnswerOptions = {},
  ): string | undefined {
    const isDirect =
      other !== undefined && this.#mayBeDirect && answerer?.isDirectAnswerTo(offer, other) === true;
    const place = this.#placeFor(isDirect);
    const ice = this.#ice.ofAnswer(offer, isDirect ? other : undefined, place);
    const answer = other
      ? relayAnswer(offer, other, { ...place, ice })
      : answerOffer(offer, { ...place, ice, formats: this.#capabilities.formats, extensions });
    if (answer instanceof DecodeError || !negotiated(answer, offer)) return undefined;
    this.#ice.settle(isDirect);
    answerer?.settlePath(isDirect);
    this.#local = this.#describe(answer);
    this.#remote = offer;
    return formatSdp(this.#local);
  }

  /** Whether the two parties try to speak past the server. */
  get isDirect(): boolean {
    return this.#ice.isDirect === true;
  }

  /** Whether the party has ICE of the other one, to whom it must not speak: a new offer brings it back to us. */
  get isAstray(): boolean {
    return this.#ice.needsOurs(this.#local, this.#remote);
  }

  /** Whether our last offer, which stood for that of the other party, was answered so that the two need no server. */
  isDirectAnswerTo(offer: SessionDescription, answer: SessionDescription): boolean {
    return this.#ice.mayBeDirect && isDirectAnswer(offer, this.#local, answer);
  }

  settlePath(isDirect: boolean): void {
    this.#ice.settle(isDirect);
  }

  /** Brings the leg to what was agreed on. */
  async apply(settings: LegSettings = {}): Promise<void> {
    const { agreed } = this;
    if (!agreed) throw new OperationError('CALL_NO_AUDIO', `${this.label} agreed on no audio`);
    const ice = this.#local && this.#remote && this.#ice.ofLeg(this.#local, this.#remote);
    const { remote, receiveFormats, sendFormats } = agreed;
    const { formats = sendFormats } = settings;
    const detectsTones = settings.detectsTones === true && !this.#sendsInfoDigits;
    this.#settings = settings;
    await this.#media.setRemote(this.#leg.legId, {
      ...remote,
      formats,
      receiveFormats,
      detectsTones,
      ...(ice ? { ice } : {}),
    });
  }

  /** The party sends its digits by INFO: tones within its sound are not to be read as the same digits again. */
  async expectInfoDigits(): Promise<void> {
    if (this.#sendsInfoDigits) return;
    this.#sendsInfoDigits = true;
    if (this.#settings.detectsTones) await this.apply(this.#settings);
  }

  /** The leg as it stands. */
  async report(): Promise<PartyReport> {
    return this.#closing ?? this.#withFacts(await this.#media.report(this.#leg.legId));
  }

  /** Closes the leg. @returns its last report, also when called again */
  close(): Promise<PartyReport> {
    this.#closing ??= this.#closeLeg();
    return this.#closing;
  }

  async #closeLeg(): Promise<PartyReport> {
    this.#dismiss();
    return this.#withFacts(await this.#media.closeLeg(this.#leg.legId));
  }

  #withFacts(report: LegReport): PartyReport {
    return { ...report, party: this.#facts() };
  }

  #facts(): PartyFacts {
    const { bind, shown } = this.#address;
    const described = this.#remote && remoteMediaOf(this.#remote);
    return {
      signalingAddress: this.#signalingAddress,
      boundAddress: bind,
      told: { address: shown, port: this.#leg.rtpPort },
      described: described
        ? { rtp: described.rtp, direction: described.direction, formats: described.formats }
        : null,
      digits: this.digitNotes.facts(),
    };
  }

  #describe(description: SessionDescription): SessionDescription {
    this.#described = this.#described ? followVersion(this.#described, description) : description;
    return this.#described;
  }

  /** @param isDirect - then nothing can be converted on the way */
  #placeFor(isDirect: boolean): RelayOptions {
    const { rtpPort, rtcpPort } = this.#leg;
    const { formats, isTranscoding } = this.#capabilities;
    const transcodable = isTranscoding && !isDirect ? formats : [];
    const [address, sessionId] = [this.#address.shown, this.#sessionId];
    return { address, rtpPort, rtcpPort, sessionId, version: 1, transcodable };
  }
}

/** Of a leg: as the party is told of them, and as they are bound. */
function socketsOf({ rtpPort, rtcpPort }: OpenedLeg, { bind, shown }: MediaAddress): readonly LocalPeer[] {
  return [rtpPort, rtcpPort].map((port) => ({
    peer: { address: shown, port },
    local: { address: bind, port },
  }));
}
