// Memory for what is sent one at a time, and for the address of who sent what was received one at a time.
import { type Endpoint, KernelEndpoint, type SystemCalls } from '../../../../core/index.ts';

const MSG_DONTWAIT = 0x40;
const LARGEST_DATAGRAM_BYTES = 65_535;
/** Of struct sockaddr_in6. */
const ADDRESS_BYTES = 28;

/** Shared by all relays of a thread. */
export class SendMemory {
  readonly #calls: SystemCalls;
  readonly #bytes = new Uint8Array(new ArrayBuffer(LARGEST_DATAGRAM_BYTES));
  readonly #size = new Uint32Array(new ArrayBuffer(64));
  /** Who sent what was received last, as the kernel wrote it. */
  readonly source = new Int32Array(new ArrayBuffer(64));
  readonly sourceAt: number;
  readonly #bytesAt: number;
  readonly #sizeAt: number;

  constructor(calls: SystemCalls) {
    this.#calls = calls;
    this.#bytesAt = calls.addressOf(this.#bytes);
    this.#sizeAt = calls.addressOf(this.#size);
    this.sourceAt = calls.addressOf(this.source);
  }

  /** Where the kernel reads how much room there is for an address, and writes how much it took. */
  addressSizeAt(): number {
    this.#size[0] = ADDRESS_BYTES;
    return this.#sizeAt;
  }

  send(fd: number, bytes: Uint8Array, endpoint: Endpoint): void {
    if (bytes.length > LARGEST_DATAGRAM_BYTES) return;
    this.#bytes.set(bytes);
    const target = new KernelEndpoint(this.#calls, endpoint);
    this.#calls.sendto(fd, this.#bytesAt, bytes.length, MSG_DONTWAIT, target.at, target.sizeBytes);
  }
}
