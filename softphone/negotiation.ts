// Offers and answers of one call (RFC 3264): one audio line, whose identity lasts as long as the call.
import { DecodeError, type Random } from '../core/index.ts';
import { type CodecDescription, MEMBER_EXTENSIONS } from '../media/index.ts';
import {
  answerOffer,
  audioOf,
  COMFORT_NOISE,
  createOffer,
  type Direction,
  followVersion,
  formatSdp,
  type NegotiatedMedia,
  negotiated,
  type PayloadFormat,
  parseSdp,
  plainFormat,
  type SessionDescription,
  TELEPHONE_EVENT,
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
}

/** `auto`: offered to everybody, used towards who knows it and loses packets. */
export type Redundancy = 'auto' | 'off';

/** An answer of ours, and what it agrees to. */
export interface Answer {
  readonly sdp: string;
  readonly agreed: NegotiatedMedia;
}

/** Knows the last descriptions, by which our next one is numbered and ordered (§8). */
export class Negotiation {
  readonly #place: MediaPlace;
  readonly #formats: readonly PayloadFormat[];
  readonly #sessionId: string;
  #local: SessionDescription | undefined;
  #remote: SessionDescription | undefined;

  constructor(options: NegotiationOptions) {
    this.#place = options.place;
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
    return this.#publish(createOffer({ ...this.#own(), formats, direction, layout: this.#local }));
  }

  /**
   * Answers an offer.
   *
   * @param direction - what we would do by ourselves; the answer is what both want
   * @returns a DecodeError where it cannot be answered: 488
   */
  answer(offerSdp: string, direction: Direction): Answer | DecodeError {
    const offer = parseSdp(offerSdp);
    if (offer instanceof DecodeError) return offer;
    const answer = answerOffer(offer, { ...this.#own(), direction });
    if (answer instanceof DecodeError) return answer;
    const agreed = negotiated(answer, offer);
    if (!agreed) return new DecodeError('SDP_NO_ADDRESS', 'sdp', 'the offer names no address to send to');
    this.#remote = offer;
    return { sdp: this.#publish(answer), agreed };
  }

  /** Takes the answer to our last offer. */
  accept(answerSdp: string): NegotiatedMedia | DecodeError {
    const answer = parseSdp(answerSdp);
    if (answer instanceof DecodeError) return answer;
    const agreed = this.#local && negotiated(this.#local, answer);
    if (!agreed)
      return new DecodeError('SDP_NO_COMMON_FORMAT', 'sdp', 'the answer agrees to no sound that we know');
    this.#remote = answer;
    return agreed;
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
