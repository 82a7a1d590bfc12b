// RTP packets that we make ourselves for one party: converted sound, files, digits.
import type { Leg } from '../leg/index.ts';
import { encodeRtp } from '../rtp/index.ts';

/** A beat that is late by more is not caught up with. */
const LATEST_BEAT_MS = 200;

/** How late a beat is, in milliseconds, where its packets are not sent any more: that time passes in the stream. */
export function missedMs(now: number, plannedAt: number): number {
  return now - plannedAt > LATEST_BEAT_MS ? now - plannedAt : 0;
}

/** One source of a leg's sound, with numbers of its own; the leg brings them in line with what it sent before. */
export class PacketStream {
  readonly to: Leg;
  #sequenceNumber = 0;
  #timestamp = 0;
  #markNext = true;

  constructor(to: Leg) {
    this.to = to;
  }

  /** Of what is sent now, modulo 2^32. */
  get timestamp(): number {
    return this.#timestamp;
  }

  /** Time passes in the stream, whether something was sent or not. @param ticks - of the RTP clock */
  advance(ticks: number): void {
    this.#timestamp = (this.#timestamp + ticks) >>> 0;
  }

  /** Leaves a hole that the party can tell from silence: packets were lost. */
  skip(packets: number, ticks: number): void {
    this.#sequenceNumber = (this.#sequenceNumber + packets) & 0xffff;
    this.advance(ticks);
  }

  /** @param payload - empty where the encoder has nothing to send */
  sendSound(now: number, payloadType: number, payload: Uint8Array): void {
    if (payload.length > 0) {
      this.#send(now, { payloadType, payload, marker: this.#markNext, timestamp: this.#timestamp });
    }
    // RFC 3551 §4.1: the first packet after a silence is marked.
    this.#markNext = payload.length === 0;
  }

  /** @param event.timestamp - of the beginning of the event, in this stream */
  sendEvent(now: number, event: OutgoingEvent): void {
    this.#send(now, event);
  }

  #send(now: number, packet: OutgoingEvent): void {
    // Another source than any party's, so that the leg goes on with its stream's numbers.
    const fields = { ...packet, sequenceNumber: this.#sequenceNumber, ssrc: this.to.ssrc };
    this.#sequenceNumber = (this.#sequenceNumber + 1) & 0xffff;
    this.to.send(now, encodeRtp(fields, packet.payload));
  }
}

export interface OutgoingEvent {
  readonly payloadType: number;
  readonly payload: Uint8Array;
  readonly timestamp: number;
  readonly marker: boolean;
}
