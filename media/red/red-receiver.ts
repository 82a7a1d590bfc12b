// Which of a RED packet's copies are wanted, and which lost packets they stand for (RFC 2198 says only how old they are).
import type { DecodeError } from '../../core/index.ts';
import type { JitterFrame } from '../jitter/types.ts';
import { RedBlocks } from './red-blocks.ts';

/** Packets behind the newest that are remembered: no copy reaches farther back. */
const WINDOW = 32;
const ALL_CAME = 0xffff_ffff;

/** The place of one packet in its stream. */
export interface RedPlace {
  /** Sequence number with cycles in the upper bits (RFC 3550 A.1). */
  readonly extendedSequenceNumber: number;
  /** RTP timestamp, modulo 2^32. */
  readonly timestamp: number;
  readonly ssrc: number;
}

/** Follows one party's stream, packets with and without copies. */
export class RedReceiver {
  /** Of the packet that is handled now: the owner decodes into it. */
  readonly blocks = new RedBlocks();
  #ssrc: number | undefined;
  #newest = 0;
  #newestTimestamp = 0;
  /** Bit n: the packet n before the newest came, itself or as a copy. */
  #came = ALL_CAME;
  /** Ticks from packet to packet, as the last two in order had it. */
  #stepTicks = 0;
  /** Of the packet that was noted last, and what lies between it and the newest before it. */
  #sequence = 0;
  #gapPackets = 0;
  #gapTicks = 0;

  /**
   * Takes a RED packet apart: first the copies of packets that did not come, then the primary.
   *
   * @param frame - the packet, its payload as RED
   * @param take - gets each block under its own payload type, a view into `frame.payload`
   * @returns an error where the payload is no RED: then nothing was taken
   */
  unpack(frame: JitterFrame, take: (frame: JitterFrame) => void): DecodeError | undefined {
    const { blocks } = this;
    const { payload, timestamp, extendedSequenceNumber } = frame;
    const error = blocks.decode(payload, 0, payload.length);
    if (error) return error;
    this.note(frame);
    const blockOf = (block: number) => ({
      payloadType: blocks.payloadTypeOf(block),
      payload: payload.subarray(blocks.startOf(block), blocks.endOf(block)),
    });
    for (let copy = 0; copy < blocks.copyCount; copy += 1) {
      const distance = this.takeDistance(copy);
      if (distance === 0) continue;
      take({
        ...frame,
        ...blockOf(copy),
        timestamp: (timestamp - blocks.timestampOffsetOf(copy)) >>> 0,
        extendedSequenceNumber: extendedSequenceNumber - distance,
        marker: false,
        isRedundant: true,
      });
    }
    take({ ...frame, ...blockOf(blocks.copyCount) });
    return undefined;
  }

  /** Takes the place of a packet: of every one in the stream, with copies or without. */
  note(place: RedPlace): void {
    const { extendedSequenceNumber: sequence, timestamp, ssrc } = place;
    const ahead = sequence - this.#newest;
    this.#sequence = sequence;
    this.#gapTicks = 0;
    if (ssrc !== this.#ssrc || Math.abs(ahead) > WINDOW) this.#restart(place);
    else if (ahead > 0) this.#advance(ahead, timestamp);
    this.#mark(sequence);
    this.#ssrc = ssrc;
  }

  /**
   * How many packets before the noted one the copy was sent as a primary, by its age.
   *
   * A pause, in which timestamps go on and sequence numbers do not, makes the age of what was sent before it a guess:
   * the nearest place that fits.
   *
   * @param copy - number of a copy in `blocks`
   * @returns 1 and more; 0 where that packet came already, itself or as another copy
   */
  takeDistance(copy: number): number {
    const age = this.blocks.timestampOffsetOf(copy);
    if (age === 0 || this.#stepTicks === 0) return 0;
    // An empty one is no sound (RFC 2198 §4 allows it), and the packet itself may still come.
    if (this.blocks.startOf(copy) === this.blocks.endOf(copy)) return 0;
    // What is younger than the packet before the gap was sent in the gap.
    const farthest = age < this.#gapTicks ? this.#gapPackets : WINDOW;
    const distance = Math.max(1, Math.min(farthest, Math.round(age / this.#stepTicks)));
    const sequence = this.#sequence - distance;
    return this.#mark(sequence) ? distance : 0;
  }

  #restart({ extendedSequenceNumber, timestamp }: RedPlace): void {
    this.#newest = extendedSequenceNumber;
    this.#newestTimestamp = timestamp;
    // Nobody waits for what was sent before we joined.
    this.#came = ALL_CAME;
    this.#stepTicks = 0;
  }

  #advance(ahead: number, timestamp: number): void {
    const ticks = (timestamp - this.#newestTimestamp) | 0;
    // The packets of one telephone-event share a timestamp (RFC 4733 §2.3), and tell nothing.
    if (ticks > 0) this.#stepTicks = ticks / ahead;
    this.#gapPackets = ahead - 1;
    this.#gapTicks = ticks;
    this.#came = ahead >= WINDOW ? 0 : this.#came << ahead;
    this.#newest += ahead;
    this.#newestTimestamp = timestamp;
  }

  /** @returns whether it had not come */
  #mark(sequence: number): boolean {
    const behind = this.#newest - sequence;
    if (behind < 0 || behind >= WINDOW) return false;
    const bit = 1 << behind;
    const isNew = (this.#came & bit) === 0;
    this.#came |= bit;
    return isNew;
  }
}
