// RTP packets of one party, as they come, into what its receiver takes.
import type { Codec } from '../codec/index.ts';
import type { JitterFrame } from '../jitter/index.ts';
import {
  rtpMarker,
  rtpPayloadEnd,
  rtpPayloadType,
  rtpSequenceNumber,
  rtpSsrc,
  rtpTimestamp,
} from '../rtp/index.ts';

/** The part of a `VoiceReceiver` that is fed. */
export interface FedReceiver {
  setCodecs(codecs: ReadonlyMap<number, Codec>, comfortNoise: readonly number[]): void;
  /** Copies what it keeps: the frame is filled anew for the next packet. */
  push(now: number, frame: JitterFrame): void;
  skip(ssrc: number, extendedSequenceNumber: number): void;
}

export interface PacketFeedOptions {
  readonly receiver: FedReceiver;
  /** Of the sound formats that come, by payload type; the caller's. */
  readonly decoders: ReadonlyMap<number, Codec>;
  /** Payload types of comfort noise (RFC 3389). */
  readonly comfortNoise: readonly number[];
  /** Clocks of the payload types above. */
  readonly clockRatesHz: ReadonlyMap<number, number>;
}

const NO_PAYLOAD: Uint8Array = new Uint8Array(0);

/** Numbers the packets, and tells sound from what is none. */
export class PacketFeed {
  readonly #options: PacketFeedOptions;
  #extendedSequence: number | undefined;
  #ssrc = 0;
  /** Of the packet that was taken last: filled anew for each, for the receiver copies what it keeps. */
  readonly #frame = {
    payloadType: 0,
    payload: NO_PAYLOAD,
    timestamp: 0,
    extendedSequenceNumber: 0,
    ssrc: 0,
    marker: false,
    arrivedAt: 0,
    clockRateHz: 0,
    isRedundant: false,
  };

  constructor(options: PacketFeedOptions) {
    this.#options = options;
    options.receiver.setCodecs(options.decoders, options.comfortNoise);
  }

  /** Of the sound that was taken last; valid as long as its packet. */
  get payload(): Uint8Array {
    return this.#frame.payload;
  }

  /**
   * Takes a packet whose payload begins at `offset`; what is kept of it is copied.
   *
   * @param isRedundant - whether a later packet carried it (RFC 2198)
   * @returns false where it is no sound; its number is then nobody's loss
   */
  push(now: number, packet: Uint8Array, offset: number, isRedundant: boolean): boolean {
    const { receiver, decoders, comfortNoise, clockRatesHz } = this.#options;
    const payloadType = rtpPayloadType(packet);
    const extendedSequenceNumber = this.#extend(packet);
    if (!decoders.has(payloadType) && !comfortNoise.includes(payloadType)) {
      receiver.skip(rtpSsrc(packet), extendedSequenceNumber);
      return false;
    }
    const frame = this.#frame;
    frame.payloadType = payloadType;
    frame.payload = packet.subarray(offset, rtpPayloadEnd(packet));
    frame.timestamp = rtpTimestamp(packet);
    frame.extendedSequenceNumber = extendedSequenceNumber;
    frame.ssrc = rtpSsrc(packet);
    frame.marker = rtpMarker(packet);
    frame.arrivedAt = now;
    frame.clockRateHz = clockRatesHz.get(payloadType) ?? 0;
    frame.isRedundant = isRedundant;
    receiver.push(now, frame);
    return true;
  }

  /** RFC 3550 A.1: the nearest number to the one before, of which the packet has the lower 16 bits. */
  #extend(packet: Uint8Array): number {
    const sequence = rtpSequenceNumber(packet);
    const ssrc = rtpSsrc(packet);
    const last = this.#extendedSequence;
    const isNew = last === undefined || ssrc !== this.#ssrc;
    this.#ssrc = ssrc;
    // The first is lifted by a cycle, so that one that it overtook is not below zero.
    const extended = isNew ? sequence + 0x1_0000 : last + (((sequence - last) << 16) >> 16);
    this.#extendedSequence = isNew ? extended : Math.max(last, extended);
    return extended;
  }
}
