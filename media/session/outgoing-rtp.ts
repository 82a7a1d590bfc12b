// What a phone sends as one stream: sound, digits in its place, and copies of what was sent before (RFC 2198).
import type { Random } from '../../core/index.ts';
import type { HeaderExtension, PayloadFormat } from '../engine/types.ts';
import { eventFormatFor, isSoundFormat } from '../leg/index.ts';
import { type RedLevel, RedSender, redTypesOf } from '../red/index.ts';
import {
  CLIENT_LEVEL_BYTES,
  CLIENT_LEVEL_URI,
  extensionIdOf,
  RTP_HEADER_BYTES,
  writeClientLevel,
  writeRtpHeader,
} from '../rtp/index.ts';
import type { OutboundStream } from '../stream/index.ts';
import { DigitQueue } from './digit-queue.ts';
import type { SendFrameOptions } from './types.ts';

/** The payload of one packet, and what of its header changes from packet to packet. */
interface Packet {
  readonly payload: Uint8Array;
  readonly payloadType: number;
  readonly timestamp: number;
  readonly marker: boolean;
}

interface Kind {
  readonly isEvent: boolean;
  readonly level?: SendFrameOptions['level'];
}

export class OutgoingRtp {
  readonly #outbound: OutboundStream;
  readonly #digits = new DigitQueue();
  readonly #red = new RedSender();
  #sound: PayloadFormat | undefined;
  /** The payload type of RED by that of what it carries. */
  #redTypes: ReadonlyMap<number, number> = new Map();
  /** 0 where the far end does not want to know how loud we are. */
  #levelId = 0;
  #sequenceNumber: number;
  #timestamp: number;
  /** RFC 3551 §4.1: the first packet of a talk spurt is marked. */
  #wasSilent = true;

  constructor(options: { readonly random: Random; readonly outbound: OutboundStream }) {
    this.#outbound = options.outbound;
    // RFC 3550 §5.1: both begin at random; the first number leaves room before its wrap.
    this.#sequenceNumber = options.random.uint32() & 0x7fff;
    this.#timestamp = options.random.uint32();
  }

  /** The format of sound that the far end prefers. */
  get sound(): PayloadFormat | undefined {
    return this.#sound;
  }

  /** Copies that each packet carries, where RED was negotiated. */
  set redLevel(level: RedLevel) {
    this.#red.level = level;
  }

  /** What the far end takes. */
  setFormats(formats: readonly PayloadFormat[]): void {
    this.#sound = formats.find(isSoundFormat);
    this.#digits.setFormat(this.#sound && eventFormatFor(this.#sound, formats));
    this.#redTypes = redTypesOf(formats);
  }

  /** Header extensions that were agreed on. */
  setExtensions(extensions: readonly HeaderExtension[] | undefined): void {
    this.#levelId = extensionIdOf(extensions, CLIENT_LEVEL_URI, 'sent');
  }

  /** @returns false where the far end takes no telephone-events */
  sendDigits(digits: string): boolean {
    return this.#digits.push(digits);
  }

  /**
   * The packet of this beat; undefined where there is none.
   *
   * @param payload - empty where there is no sound to send (DTX): digits go out all the same
   */
  next(now: number, payload: Uint8Array, options: SendFrameOptions): Uint8Array | undefined {
    const { payloadType = this.#sound?.payloadType, timestampStep } = options;
    if (payloadType === undefined) return undefined;
    const timestamp = this.#timestamp;
    const digit = this.#digits.next(timestamp, this.#msOf(timestampStep));
    // Between copies and their packet lies nothing else, so that their age tells which packets they were.
    if (digit) this.#red.forget();
    else if (payload.length === 0) return this.skip(timestampStep);
    const sound = { payload, payloadType, timestamp, marker: this.#wasSilent };
    this.#timestamp = (timestamp + timestampStep) >>> 0;
    this.#wasSilent = false;
    return digit
      ? this.#encode(now, digit, { isEvent: true })
      : this.#encode(now, this.#withCopies(sound), { isEvent: false, level: options.level });
  }

  /** Time in which nothing is sent (RFC 3550 §5.1: the timestamp counts on). */
  skip(timestampStep: number): undefined {
    this.#timestamp = (this.#timestamp + timestampStep) >>> 0;
    this.#wasSilent = true;
  }

  #msOf(timestampStep: number): number {
    return (timestampStep * 1000) / (this.#sound?.clockRateHz ?? 8000);
  }

  #withCopies(packet: Packet): Packet {
    const payloadType = this.#redTypes.get(packet.payloadType);
    if (payloadType === undefined) return packet;
    const payload = this.#red.encode(packet.payloadType, packet.payload, packet.timestamp);
    return payload ? { ...packet, payloadType, payload } : packet;
  }

  #encode(now: number, packet: Packet, { isEvent, level }: Kind): Uint8Array {
    const { payloadType, timestamp, payload, marker } = packet;
    const { ssrc } = this.#outbound;
    const sequenceNumber = this.#sequenceNumber;
    this.#sequenceNumber = (sequenceNumber + 1) & 0xffff;
    const hasLevel = level !== undefined && this.#levelId > 0;
    const offset = RTP_HEADER_BYTES + (hasLevel ? CLIENT_LEVEL_BYTES : 0);
    const bytes = new Uint8Array(offset + payload.length);
    writeRtpHeader(bytes, { payloadType, marker, sequenceNumber, timestamp, ssrc });
    if (hasLevel) writeClientLevel(bytes, RTP_HEADER_BYTES, { id: this.#levelId, ...level });
    bytes.set(payload, offset);
    // An event of another clock stands in the stream of the sound, and is counted on its clock.
    this.#outbound.adopt(now, bytes, this.#sound?.clockRateHz ?? 8000, isEvent);
    return bytes;
  }
}
