// One party of a call: its SIP session, its media leg, and the SDP by which it knows us.
import { DecodeError, OperationError, type Random } from '../../core/index.ts';
import type { LegReport, MediaEngine, OpenedLeg, PayloadFormat } from '../../media/index.ts';
import {
  type Flow,
  formatSdp,
  type OwnMedia,
  relayDescription,
  remoteMediaOf,
  reverseDirection,
  type SessionDescription,
} from '../../signaling/index.ts';
import type { MediaAddresses } from './media-addresses.ts';

/** What opening a party's leg takes. */
export interface OpenPartyOptions {
  readonly media: MediaEngine;
  readonly addresses: MediaAddresses;
  readonly random: Random;
  /** Where the party is: decides from which of our addresses it is served. */
  readonly flow: Flow | undefined;
  readonly host: string;
  readonly callKey: string;
  readonly label: string;
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
  /** Our last SDP to the party. */
  localSdp: string | undefined;
  readonly #media: MediaEngine;
  readonly #leg: OpenedLeg;
  readonly #address: string;
  readonly #sessionId: string;
  #version = 0;
  #remote: SessionDescription | undefined;
  #closing: Promise<LegReport> | undefined;

  static async open(options: OpenPartyOptions): Promise<PartyMedia> {
    const { bind, shown } = await options.addresses.toward(options.flow?.remote.address ?? options.host);
    const { callKey, label } = options;
    const leg = await options.media.openLeg({ callKey, label, localAddress: bind });
    // 31 bits: some phones read the session id of RFC 8866 §5.2 as a signed number.
    return new PartyMedia(options.media, leg, label, shown, String(options.random.uint32() >>> 1));
  }

  private constructor(media: MediaEngine, leg: OpenedLeg, label: string, address: string, sessionId: string) {
    this.#media = media;
    this.#leg = leg;
    this.legId = leg.legId;
    this.label = label;
    this.#address = address;
    this.#sessionId = sessionId;
  }

  /** The party's last description. */
  get remote(): SessionDescription | undefined {
    return this.#remote;
  }

  /** Our SDP to this party that stands for what the other one described. */
  describe(other: SessionDescription): string {
    return this.#publish((version) => relayDescription(other, this.#placeAt(version), this.#remote));
  }

  /** Our SDP to this party, made from where the leg listens: for services that end here. */
  answerWith(make: (own: OwnMedia) => SessionDescription | DecodeError): SessionDescription | DecodeError {
    const made = make(this.#placeAt(this.#version + 1));
    if (!(made instanceof DecodeError)) this.#publish(() => made);
    return made;
  }

  /**
   * Takes over what the party described.
   *
   * @param formats - what offer and answer agreed on; the party's own formats where not given
   */
  async accept(remote: SessionDescription, formats?: readonly PayloadFormat[]): Promise<void> {
    this.#remote = remote;
    const media = remoteMediaOf(remote);
    if (!media) throw new OperationError('CALL_NO_AUDIO', `${this.label} described no audio`);
    await this.#media.setRemote(this.#leg.legId, {
      ...media,
      formats: formats ?? media.formats,
      direction: reverseDirection(media.direction),
    });
  }

  /** Closes the leg. @returns its last report, also when called again */
  close(): Promise<LegReport> {
    const closing = this.#closing ?? this.#media.closeLeg(this.#leg.legId);
    this.#closing = closing;
    return closing;
  }

  #publish(make: (version: number) => SessionDescription): string {
    this.#version += 1;
    const sdp = formatSdp(make(this.#version));
    this.localSdp = sdp;
    return sdp;
  }

  #placeAt(version: number): OwnMedia {
    const { rtpPort, rtcpPort } = this.#leg;
    return { address: this.#address, rtpPort, rtcpPort, sessionId: this.#sessionId, version };
  }
}
