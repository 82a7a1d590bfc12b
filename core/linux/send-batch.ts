// Many datagrams sent in one system call, written one behind the other.
import type { KernelEndpoint } from './kernel-endpoint.ts';
import { LARGEST_DATAGRAM } from './kernel-memory.ts';
import { BATCH_CAPACITY, MessageHeaders } from './message-headers.ts';
import type { SystemCalls } from './system-calls.ts';

/** Bytes before each datagram that its owner may write to: room for a header. */
export const BATCH_HEADROOM = 16;

const MSG_DONTWAIT = 0x40;
const CACHE_LINE = 64;
/** Full frames of Ethernet as many as there are headers, and one of the longest. */
const TOTAL_BYTES = BATCH_CAPACITY * 1536 + BATCH_HEADROOM + LARGEST_DATAGRAM + 1;

/** Those that were added wait to be sent; {@link SendBatch.clear} makes room again. */
export class SendBatch {
  readonly bytes = new Uint8Array(new ArrayBuffer(TOTAL_BYTES));
  readonly #calls: SystemCalls;
  readonly #headers: MessageHeaders;
  readonly #bytesAt: number;
  /** The kernel is given bare pointers: until it has sent, nobody else need keep what they point to alive. */
  readonly #targets = new Array<KernelEndpoint | undefined>(BATCH_CAPACITY).fill(undefined);
  #offset = BATCH_HEADROOM;
  #count = 0;

  constructor(calls: SystemCalls) {
    this.#calls = calls;
    this.#headers = new MessageHeaders(calls, 1);
    this.#bytesAt = calls.addressOf(this.bytes);
  }

  get count(): number {
    return this.#count;
  }

  /** Whether the largest datagram still fits. */
  get hasRoom(): boolean {
    return this.#count < BATCH_CAPACITY && this.#offset + LARGEST_DATAGRAM <= TOTAL_BYTES;
  }

  /** Where the next datagram may be written, with {@link BATCH_HEADROOM} before it. */
  get offset(): number {
    return this.#offset;
  }

  /** The same for the kernel. */
  get at(): number {
    return this.#bytesAt + this.#offset;
  }

  /**
   * Adds what was written there.
   *
   * @param headerBytes - of a header that was written before it
   * @param sizeBytes - without that header
   */
  add(headerBytes: number, sizeBytes: number, target: KernelEndpoint): void {
    this.#headers.setPlace(this.#count, this.at - headerBytes, headerBytes + sizeBytes);
    this.#headers.setName(this.#count, target.low, target.high, target.sizeBytes);
    this.#targets[this.#count] = target;
    this.#count += 1;
    const end = this.#offset + sizeBytes + BATCH_HEADROOM;
    this.#offset = Math.ceil(end / CACHE_LINE) * CACHE_LINE;
  }

  /** Sends those from number `start` up to, not including, `end`; what the kernel does not take is lost. */
  send(fd: number, start: number, end: number): void {
    for (let next = start; next < end; ) {
      const taken = this.#calls.sendmmsg(fd, this.#headers.at(next), end - next, MSG_DONTWAIT);
      // The first of them failed: it is passed over, and the others have their chance.
      next += Math.max(1, taken);
    }
  }

  clear(): void {
    this.#offset = BATCH_HEADROOM;
    this.#count = 0;
  }
}
