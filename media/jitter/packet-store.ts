// Packets that wait for their turn: a ring by sequence number whose payload buffers are used again and again.
import type { JitterFrame, JitterPacket } from './types.ts';

/** A longer payload is no sound: 20 ms of stereo L16 at 48 kHz takes 3840 bytes. */
export const MAX_PAYLOAD_BYTES = 8192;

const FIRST_PAYLOAD_BYTES = 256;

/** One waiting packet, with what its playing needs. */
export interface StoredPacket extends JitterPacket {
  /** When it was sent, in milliseconds on the sender's clock, unwrapped. */
  readonly sentAt: number;
  readonly isRedundant: boolean;
  readonly hasFec: boolean;
  readonly isDtx: boolean;
}

/** Holds packets of a window of `capacity` sequence numbers; the caller keeps the window. */
export class PacketStore {
  readonly #slots: Slot[];
  readonly #mask: number;
  /** The slot that was taken last: its payload stays valid while its place in the ring is filled anew. */
  #taken = new Slot();
  #size = 0;
  /** Highest sequence number put in since the last clear. */
  #highest = -1;

  /** @param capacity - a power of two */
  constructor(capacity: number) {
    this.#slots = Array.from({ length: capacity }, () => new Slot());
    this.#mask = capacity - 1;
  }

  get capacity(): number {
    return this.#slots.length;
  }

  /** Packets in it. */
  get size(): number {
    return this.#size;
  }

  /** Copies the frame in, over what is there under its number. @returns false where the payload is too long */
  put(frame: JitterFrame, sentAt: number): boolean {
    const slot = this.#slotOf(frame.extendedSequenceNumber);
    if (frame.payload.length > MAX_PAYLOAD_BYTES) return false;
    if (!slot.isUsed) this.#size += 1;
    slot.fill(frame, sentAt);
    this.#highest = Math.max(this.#highest, frame.extendedSequenceNumber);
    return true;
  }

  get(sequenceNumber: number): StoredPacket | undefined {
    const slot = this.#slotOf(sequenceNumber);
    return slot.isUsed && slot.extendedSequenceNumber === sequenceNumber ? slot : undefined;
  }

  /** The packet with the lowest number that is at least this one. */
  firstFrom(sequenceNumber: number): StoredPacket | undefined {
    if (this.#size === 0) return undefined;
    for (let number = sequenceNumber; number <= this.#highest; number += 1) {
      const packet = this.get(number);
      if (packet) return packet;
    }
    return undefined;
  }

  /** Takes a packet out; its payload is valid until the next is taken. */
  take(sequenceNumber: number): StoredPacket | undefined {
    const index = sequenceNumber & this.#mask;
    const slot = this.#slotOf(sequenceNumber);
    if (!slot.isUsed || slot.extendedSequenceNumber !== sequenceNumber) return undefined;
    this.#slots[index] = this.#taken;
    this.#taken = slot;
    slot.isUsed = false;
    this.#size -= 1;
    return slot;
  }

  /** @returns how many packets were thrown away, copies from other packets not counted */
  clear(): number {
    let thrown = 0;
    for (const slot of this.#slots) {
      if (slot.isUsed && !slot.isRedundant) thrown += 1;
      slot.isUsed = false;
    }
    this.#size = 0;
    this.#highest = -1;
    return thrown;
  }

  #slotOf(sequenceNumber: number): Slot {
    // The mask keeps the index within the ring.
    return this.#slots[sequenceNumber & this.#mask] as Slot;
  }
}

class Slot implements StoredPacket {
  isUsed = false;
  payloadType = 0;
  timestamp = 0;
  extendedSequenceNumber = 0;
  sentAt = 0;
  isRedundant = false;
  hasFec = false;
  isDtx = false;
  #bytes = new Uint8Array(0);
  payload = this.#bytes;

  fill(frame: JitterFrame, sentAt: number): void {
    this.isUsed = true;
    this.payloadType = frame.payloadType;
    this.timestamp = frame.timestamp;
    this.extendedSequenceNumber = frame.extendedSequenceNumber;
    this.sentAt = sentAt;
    this.isRedundant = frame.isRedundant === true;
    this.hasFec = frame.hasFec === true;
    this.isDtx = frame.isDtx === true;
    this.#copy(frame.payload);
  }

  /** Views are made anew only where the length changed: never for codecs of constant rate. */
  #copy(payload: Uint8Array): void {
    if (payload.length > this.#bytes.length) {
      const sizeBytes = Math.max(FIRST_PAYLOAD_BYTES, 2 ** Math.ceil(Math.log2(payload.length)));
      this.#bytes = new Uint8Array(sizeBytes);
      this.payload = this.#bytes.subarray(0, payload.length);
    } else if (payload.length !== this.payload.length) {
      this.payload = this.#bytes.subarray(0, payload.length);
    }
    this.payload.set(payload);
  }
}
