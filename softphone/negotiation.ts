// Offers and answers of one call (RFC 3264): one audio line, whose identity lasts as long as the call.
import { DecodeError, type Random } from '../core/index.ts';
import { type CodecDescription, MEMBER_EXTENSIONS } from '../media/index.ts';
import type { IceDescription } from '../nat/index.ts';
import {
  answerOffer,
  audioOf,
  COMFORT_NOISE,
  createOffer,
  type Direction,
  followVersion,
  formatSdp,
  ICE_MISMATCH,
  iceAttributes,
  type NegotiatedMedia,
  negotiated,
  type PayloadFormat,
  parseSdp,
  plainFormat,
  type SessionDescription,
  TELEPHONE_EVENT,
  verifiedIceOf,
  withKnownPayloadTypes,
  withRedundancy,
} from '../signaling/index.ts';

/** Where our sockets are, as the far end shall see them. */
export interface MediaPlace {
  readonly address: string;
  readonly rtpPort: number;
  readonly rtcpPort: number;
}

export interface NegotiationOptions {
  readonly codecs: readonly CodecDescription[];
  readonly place: MediaPlace;
  readonly random: Random;
  /** Whether packets may carry copies of earlier ones (RFC 2198); `auto` where not given. */
  readonly redundancy?: Redundancy | undefined;
  /** Our end of ICE; not given where we do without. */
  readonly ice?: LocalIce | undefined;
}

/** The part of a path that descriptions need. */
export interface LocalIce {
  /** As of now. */
  readonly local: IceDescription;
  /**
   * New credentials, for an answer to an offer that has new ones (RFC 8839 §4.4.3.1.1). Resolves when the candidates are
   * those of now: a NAT may have forgotten the ones before.
   */
  renew(): Promise<void>;
}

/** What both sides have agreed on. */
export interface AgreedSound extends NegotiatedMedia {
  /** The peer's end of ICE; undefined where sound just goes to where the description says. */
  readonly ice?: IceDescription | undefined;
  /** It is another peer than the one that was agreed with before: a fork of the call. False where not given. */
  readonly isOther?: boolean;
}

/** `auto`: offered to everybody, used towards who knows it and loses packets. */
export type Redundancy = 'auto' | 'off';

/** An answer of ours, and what it agrees to. */
export interface Answer {
  readonly sdp: string;
  readonly agreed: AgreedSound;
}

/** What a call needs of its negotiation. */
export type CallNegotiation = Pick<Negotiation, 'offer' | 'answer' | 'accept'>;

/** Knows the last descriptions, by which our next one is numbered and ordered (§8). */
export class Negotiation {
  readonly #place: MediaPlace;
  readonly #formats: readonly PayloadFormat[];
  readonly #sessionId: string;
  readonly #ice: LocalIce | undefined;
  #remoteIce: IceDescription | undefined;
  /** The peer names candidates later. Whom we call is not asked to: each line brings an INVITE nearer to TCP (RFC 3261 §18.1.1). */
  #takesMore = false;
  #local: SessionDescription | undefined;
  #remote: SessionDescription | undefined;

  constructor(options: NegotiationOptions) {
    this.#place = options.place;
    this.#ice = options.ice;
    const { codecs } = options;
    const hasNoise = codecs.some(({ clockRateHz }) => clockRateHz === COMFORT_NOISE.clockRateHz);
    const formats = [...codecs.map(plainFormat), TELEPHONE_EVENT, ...(hasNoise ? [COMFORT_NOISE] : [])];
    this.#formats = options.redundancy === 'off' ? formats : withRedundancy(formats);
    // 31 bits: some phones read the session id of RFC 8866 §5.2 as a signed number.
    this.#sessionId = String(options.random.uint32() >>> 1);
  }

  /** Our offer. @param direction - as we mean it */
  offer(direction: Direction): string {
    const known = [this.#local, this.#remote].flatMap((one) => (one && audioOf(one)?.line.formats) ?? []);
    const formats = withKnownPayloadTypes(this.#formats, known);
    // The same again with every offer (RFC 8839 §4.4.1), also where the last answer had none: the server may have put
    // somebody else in its place.
    const attributes = this.#ice ? iceAttributes(this.#ice.local, { takesMore: this.#takesMore }) : [];
    return this.#publish(
      createOffer({ ...this.#own(), formats, direction, layout: this.#local, attributes }),
    );
  }

  /**
   * Answers an offer.
   *
   * @param direction - what we would do by ourselves; the answer is what both want
   * @returns a DecodeError where it cannot be answered: 488
   */
  async answer(offerSdp: string, direction: Direction): Promise<Answer | DecodeError> {
    const offer = parseSdp(offerSdp);
    if (offer instanceof DecodeError) return offer;
    const ice = this.#iceIn(offer);
    // What is refused must change nothing, so that the credentials change last.
    const trial = answerOffer(offer, { ...this.#own(), direction });
    if (trial instanceof DecodeError) return trial;
    const agreed = negotiated(trial, offer);
    if (!agreed) return new DecodeError('SDP_NO_ADDRESS', 'sdp', 'the offer names no address to send to');
    const attributes = await this.#attributesTo(ice);
    const answer = answerOffer(offer, { ...this.#own(), direction, attributes });
    if (answer instanceof DecodeError) return answer;
    this.#remote = offer;
    return { sdp: this.#publish(answer), agreed: { ...agreed, ice: this.#agreeIce(ice) } };
  }

  /** Takes the answer to our last offer. */
  accept(answerSdp: string): AgreedSound | DecodeError {
    const answer = parseSdp(answerSdp);
    if (answer instanceof DecodeError) return answer;
    const agreed = this.#local && negotiated(this.#local, answer);
    if (!agreed)
      return new DecodeError('SDP_NO_COMMON_FORMAT', 'sdp', 'the answer agrees to no sound that we know');
    this.#remote = answer;
    return { ...agreed, ice: this.#agreeIce(this.#iceIn(answer)) };
  }

  #iceIn(description: SessionDescription): IceDescription | 'mismatch' | undefined {
    const line = this.#ice && audioOf(description)?.line;
    return line && verifiedIceOf(description, line);
  }

  /** What our answer says of ICE, new credentials where the offer has some (RFC 8839 §4.4.3.1.1). */
  async #attributesTo(offered: IceDescription | 'mismatch' | undefined): Promise<readonly string[]> {
    if (!this.#ice || offered === undefined) return [];
    if (offered === 'mismatch') return [ICE_MISMATCH];
    const known = this.#remoteIce?.credentials;
    const { ufrag, password } = offered.credentials;
    if (known && (known.ufrag !== ufrag || known.password !== password)) await this.#ice.renew();
    if (offered.isTrickling) this.#takesMore = true;
    return iceAttributes(this.#ice.local, { takesMore: this.#takesMore });
  }

  #agreeIce(ice: IceDescription | 'mismatch' | undefined): IceDescription | undefined {
    if (ice === 'mismatch' || ice === undefined) return undefined;
    this.#remoteIce = ice;
    return ice;
  }

  #own() {
    return {
      ...this.#place,
      sessionId: this.#sessionId,
      version: 1,
      formats: this.#formats,
      // How loud we are is told to rooms, and who is heard there is read.
      extensions: MEMBER_EXTENSIONS,
    };
  }

  #publish(description: SessionDescription): string {
    this.#local = this.#local ? followVersion(this.#local, description) : description;
    return formatSdp(this.#local);
  }
}
