// The payload of a RED packet (RFC 2198 §3), read in place: one object a stream, none a packet.
//
// Header of a copy, as often as there are copies:
//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// |1|   block PT  |      timestamp offset     |   block length    |
//
// Header of the primary, after them; then the blocks in the same order:
// |0|   block PT  |
import { DecodeError } from '../../core/index.ts';
import { byteAt } from '../rtp/index.ts';

/** Bytes of the header of a copy. */
export const RED_HEADER_BYTES = 4;
/** Ticks that a copy is older than its packet lie under this: 14 bits. */
export const RED_OFFSET_LIMIT = 0x4000;
/** Bytes of a copy lie under this: 10 bits. */
export const RED_LENGTH_LIMIT = 0x400;

/** Nobody sends more than a few: more of them are an attack on our time. */
const MAX_COPIES = 16;

/** Errors are constants: a peer can send wrong bytes at line rate. */
const ERRORS = {
  truncated: new DecodeError('RED_TRUNCATED', 'red', 'ends within its headers'),
  overrun: new DecodeError('RED_OVERRUN', 'red.length', 'a block is longer than the packet'),
  copies: new DecodeError('RED_TOO_MANY_BLOCKS', 'red', `has more than ${MAX_COPIES} copies`),
} as const;

/** The blocks of the packet that was decoded last: the copies, oldest first as a rule, and the primary behind them. */
export class RedBlocks {
  #copyCount = 0;
  readonly #payloadTypes = new Uint8Array(MAX_COPIES + 1);
  readonly #timestampOffsets = new Uint16Array(MAX_COPIES + 1);
  /** Block n reaches from here to the next one's begin. */
  readonly #starts = new Uint32Array(MAX_COPIES + 2);

  /** The primary is the block of this number. */
  get copyCount(): number {
    return this.#copyCount;
  }

  payloadTypeOf(block: number): number {
    return this.#payloadTypes[block] ?? 0;
  }

  /** Ticks that the block is older than its packet's timestamp; 0 for the primary. */
  timestampOffsetOf(block: number): number {
    return this.#timestampOffsets[block] ?? 0;
  }

  /** Where the block begins in the bytes that were decoded. */
  startOf(block: number): number {
    return this.#starts[block] ?? 0;
  }

  endOf(block: number): number {
    return this.#starts[block + 1] ?? 0;
  }

  /**
   * Reads the headers of one payload, which reaches from `start` to `end` of `bytes`; the blocks stay where they are.
   *
   * @returns an error where they do not fit: then there are no blocks, also no primary
   */
  decode(bytes: Uint8Array, start: number, end: number): DecodeError | undefined {
    this.#copyCount = 0;
    let at = start;
    let copies = 0;
    while (at < end && byteAt(bytes, at) >= 0x80) {
      if (copies === MAX_COPIES) return ERRORS.copies;
      if (at + RED_HEADER_BYTES > end) return ERRORS.truncated;
      this.#readCopy(bytes, at, copies);
      at += RED_HEADER_BYTES;
      copies += 1;
    }
    if (at >= end) return ERRORS.truncated;
    this.#payloadTypes[copies] = byteAt(bytes, at) & 0x7f;
    this.#timestampOffsets[copies] = 0;
    return this.#place(at + 1, end, copies);
  }

  /** The length stands, for the moment, where the next block's begin belongs. */
  #readCopy(bytes: Uint8Array, at: number, block: number): void {
    const third = byteAt(bytes, at + 2);
    this.#payloadTypes[block] = byteAt(bytes, at) & 0x7f;
    this.#timestampOffsets[block] = (byteAt(bytes, at + 1) << 6) | (third >> 2);
    this.#starts[block + 1] = ((third & 0x03) << 8) | byteAt(bytes, at + 3);
  }

  /** Turns lengths into places. RFC 2198 §3: the primary has what the copies leave. */
  #place(start: number, end: number, copies: number): DecodeError | undefined {
    this.#starts[0] = start;
    for (let block = 1; block <= copies; block += 1) {
      this.#starts[block] = this.startOf(block) + this.startOf(block - 1);
    }
    if (this.startOf(copies) > end) return ERRORS.overrun;
    this.#starts[copies + 1] = end;
    this.#copyCount = copies;
    return undefined;
  }
}
