// Memory that the kernel reads and writes, by address: handing over numbers costs a third of handing over arrays.
import type { SystemCalls } from './system-calls.ts';

/** No datagram is longer (RFC 768: a length of 16 bits). */
export const LARGEST_DATAGRAM = 65_535;
/** Room for sockaddr_in6, and in its place for sockaddr_in. */
export const SOCKET_ADDRESS_BYTES = 28;

/** Sound fits, on every path: views of what is longer are not kept. */
const LONGEST_KEPT = 2048;
const DATAGRAM_BYTES = LARGEST_DATAGRAM + 1;
const SOURCE_OFFSET = 2 * DATAGRAM_BYTES;
const TARGET_OFFSET = SOURCE_OFFSET + 32;
const SIZE_OFFSET = TARGET_OFFSET + 32;
const TOTAL_BYTES = SIZE_OFFSET + 8;
const ADDRESS_WORDS = SOCKET_ADDRESS_BYTES / 4;

/**
 * What all sockets of one thread share, for only one of them reads or sends at a time: room for a datagram that came and
 * for one that leaves, and for one address of each.
 */
export class KernelMemory {
  /** Where the kernel finds each part. */
  readonly received: number;
  readonly outgoing: number;
  readonly source: number;
  readonly target: number;
  readonly size: number;
  /** The same parts for us. */
  readonly sourceWords: Int32Array;
  readonly targetWords: Int32Array;
  readonly sizeWords: Uint32Array;
  readonly #bytes: Uint8Array;
  /** Views of the first bytes received, by length: sound comes in few lengths, and each would cost an object a packet. */
  readonly #views = new Array<Uint8Array | undefined>(LONGEST_KEPT + 1).fill(undefined);

  constructor(calls: SystemCalls) {
    const memory = new ArrayBuffer(TOTAL_BYTES);
    this.#bytes = new Uint8Array(memory);
    // An ArrayBuffer never moves while it lives, and it lives as long as this object.
    const start = calls.addressOf(this.#bytes);
    this.received = start;
    this.outgoing = start + DATAGRAM_BYTES;
    this.source = start + SOURCE_OFFSET;
    this.target = start + TARGET_OFFSET;
    this.size = start + SIZE_OFFSET;
    this.sourceWords = new Int32Array(memory, SOURCE_OFFSET, ADDRESS_WORDS);
    this.targetWords = new Int32Array(memory, TARGET_OFFSET, ADDRESS_WORDS);
    this.sizeWords = new Uint32Array(memory, SIZE_OFFSET, 1);
  }

  /** The datagram that came, valid until the next one does. */
  receivedBytes(length: number): Uint8Array {
    const known = this.#views[length];
    if (known) return known;
    const view = this.#bytes.subarray(0, length);
    if (length <= LONGEST_KEPT) this.#views[length] = view;
    return view;
  }

  /**
   * Where the kernel finds these bytes: a relayed packet leaves from where it came, any other is copied.
   *
   * @param bytes - at most {@link LARGEST_DATAGRAM}
   */
  addressFor(bytes: Uint8Array): number {
    if (bytes === this.#views[bytes.length]) return this.received;
    this.#bytes.set(bytes, DATAGRAM_BYTES);
    return this.outgoing;
  }
}
