// Packets with copies of the ones before them (RFC 2198): what a lossy way gets, and a clean one does not pay for.
import { RED_HEADER_BYTES, RED_LENGTH_LIMIT, RED_OFFSET_LIMIT } from './red-blocks.ts';

/** How many earlier payloads each packet carries; 0 sends none, and no RED. */
export type RedLevel = 0 | 1 | 2;

/** Largest payload with its copies: with the headers of IPv6, UDP, RTP and SRTP under every path's MTU (RFC 8200 §5). */
export const RED_MAX_PAYLOAD_BYTES = 1200;

const MAX_LEVEL = 2;

/** A payload that was sent, for the packets behind it. */
interface Copy {
  readonly bytes: Uint8Array;
  sizeBytes: number;
  payloadType: number;
  timestamp: number;
}

/** Keeps the last payloads of one stream. */
export class RedSender {
  #level: RedLevel = 0;
  /** Newest first. */
  readonly #copies: Copy[] = [];
  readonly #spare: Copy[] = [];
  readonly #packet = new Uint8Array(RED_MAX_PAYLOAD_BYTES);

  get level(): RedLevel {
    return this.#level;
  }

  /** At 0 nothing is kept: the first packets after a rise have fewer copies. */
  set level(level: RedLevel) {
    this.#level = level;
    while (this.#copies.length > level) this.#dropOldest();
  }

  /** What follows does not go on where the last payload ended: after digits, or another format. */
  forget(): void {
    while (this.#copies.length > 0) this.#dropOldest();
  }

  /**
   * Takes the next payload of the stream.
   *
   * @param payloadType - of the payload, as the receiver knows it
   * @param timestamp - of the packet, modulo 2^32
   * @returns the payload of a RED packet, valid until the next call; undefined where the payload shall go as it is
   */
  encode(payloadType: number, payload: Uint8Array, timestamp: number): Uint8Array | undefined {
    if (this.#level === 0) return undefined;
    const count = this.#fittingCopies(payload.length, timestamp);
    const packet = count === 0 ? undefined : this.#write(payloadType, payload, timestamp, count);
    this.#keep(payloadType, payload, timestamp);
    return packet;
  }

  /** Copies that the headers and the packet have room for; without the newest, the older ones do not go either. */
  #fittingCopies(primaryBytes: number, timestamp: number): number {
    let roomBytes = RED_MAX_PAYLOAD_BYTES - 1 - primaryBytes;
    let count = 0;
    for (const { sizeBytes, timestamp: earlier } of this.#copies) {
      roomBytes -= RED_HEADER_BYTES + sizeBytes;
      const isNear = (timestamp - earlier) >>> 0 < RED_OFFSET_LIMIT;
      if (roomBytes < 0 || !isNear) break;
      count += 1;
    }
    return count;
  }

  /** RFC 2198 §3: headers, then blocks, the oldest first and the primary last. */
  #write(payloadType: number, payload: Uint8Array, timestamp: number, count: number): Uint8Array {
    const packet = this.#packet;
    let at = 0;
    let blockAt = RED_HEADER_BYTES * count + 1;
    for (let n = count - 1; n >= 0; n -= 1) {
      const copy = this.#copies[n];
      if (!copy) continue;
      writeHeader(packet, at, copy, timestamp);
      packet.set(copy.bytes.subarray(0, copy.sizeBytes), blockAt);
      at += RED_HEADER_BYTES;
      blockAt += copy.sizeBytes;
    }
    packet[at] = payloadType;
    packet.set(payload, blockAt);
    return packet.subarray(0, blockAt + payload.length);
  }

  #keep(payloadType: number, payload: Uint8Array, timestamp: number): void {
    // One that no header can describe would leave a hole in the row of copies.
    if (payload.length >= RED_LENGTH_LIMIT) return this.forget();
    if (this.#copies.length === this.#level) this.#dropOldest();
    const copy = this.#spare.pop() ?? emptyCopy();
    copy.bytes.set(payload);
    copy.sizeBytes = payload.length;
    copy.payloadType = payloadType;
    copy.timestamp = timestamp;
    this.#copies.unshift(copy);
  }

  #dropOldest(): void {
    const copy = this.#copies.pop();
    if (copy && this.#spare.length < MAX_LEVEL) this.#spare.push(copy);
  }
}

function emptyCopy(): Copy {
  return { bytes: new Uint8Array(RED_LENGTH_LIMIT - 1), sizeBytes: 0, payloadType: 0, timestamp: 0 };
}

function writeHeader(packet: Uint8Array, at: number, copy: Copy, timestamp: number): void {
  const offset = (timestamp - copy.timestamp) >>> 0;
  packet[at] = 0x80 | copy.payloadType;
  packet[at + 1] = offset >> 6;
  packet[at + 2] = ((offset & 0x3f) << 2) | (copy.sizeBytes >> 8);
  packet[at + 3] = copy.sizeBytes & 0xff;
}
