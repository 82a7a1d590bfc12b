// Addresses as the kernel writes them: sockaddr_in and sockaddr_in6.
//
// IPv4   | family (2, host order) | port (2, network order) | address (4) | zero (8) |
// IPv6   | family (2) | port (2) | flow (4) | address (16) | scope (4) |
import { type AddressFamily, addressBytes, addressFromBytes } from '../address.ts';
import { SOCKET_ADDRESS_BYTES } from './kernel-memory.ts';

/** Of the kernel: AF_INET and AF_INET6. */
export const AF_INET = 2;
export const AF_INET6 = 10;

const WORDS = SOCKET_ADDRESS_BYTES / 4;
const IPV4_BYTES = 16;

/**
 * One endpoint in the kernel's form and in ours. Only what has changed is converted, for a socket hears the same source
 * and sends to the same target all the time. Family, port and an IPv4 address are kept as two signed numbers, so that an
 * endpoint of IPv4 is one object.
 */
export class SocketAddress {
  /** Of the structure. */
  readonly sizeBytes: number;
  #first: number;
  #second = 0;
  /** The whole structure, of IPv6 alone. */
  readonly #words: Int32Array | undefined;
  #address = '';
  #port = -1;

  constructor(family: AddressFamily) {
    const isV6 = family === 6;
    this.#first = isV6 ? AF_INET6 : AF_INET;
    this.sizeBytes = isV6 ? SOCKET_ADDRESS_BYTES : IPV4_BYTES;
    this.#words = isV6 ? new Int32Array(WORDS) : undefined;
  }

  /** Numeric. */
  get address(): string {
    return this.#address;
  }

  get port(): number {
    return this.#port;
  }

  /** Takes over what the kernel wrote, at the beginning of the words. */
  read(words: Int32Array): void {
    if (
      words[0] !== this.#first ||
      words[1] !== this.#second ||
      (this.#words && isOther(words, this.#words))
    ) {
      this.#adopt(words);
    }
  }

  /** Lets the kernel read it. */
  write(words: Int32Array): void {
    if (this.#words) words.set(this.#words);
    words[0] = this.#first;
    words[1] = this.#second;
  }

  /** @returns false where the address is not one of this family */
  assign(address: string, port: number): boolean {
    if (port === this.#port && address === this.#address) return true;
    const digits = addressBytes(address);
    if (!digits || digits.length !== (this.#words ? 16 : 4)) return false;
    const words = new Int32Array(WORDS);
    const bytes = new Uint8Array(words.buffer);
    words[0] = this.#words ? AF_INET6 : AF_INET;
    bytes[2] = port >>> 8;
    bytes[3] = port;
    bytes.set(digits, this.#words ? 8 : 4);
    this.#adopt(words);
    // As it was given, so that the next comparison is one of references.
    this.#address = address;
    return true;
  }

  #adopt(words: Int32Array): void {
    const bytes = new Uint8Array(words.buffer, words.byteOffset, SOCKET_ADDRESS_BYTES);
    this.#first = words[0] ?? 0;
    this.#second = words[1] ?? 0;
    this.#words?.set(words.subarray(0, WORDS));
    this.#port = ((bytes[2] ?? 0) << 8) | (bytes[3] ?? 0);
    this.#address = addressFromBytes(this.#words ? bytes.slice(8, 24) : bytes.slice(4, 8));
  }
}

function isOther(a: Int32Array, b: Int32Array): boolean {
  for (let i = 2; i < WORDS; i += 1) if (a[i] !== b[i]) return true;
  return false;
}
