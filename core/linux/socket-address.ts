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
const IPV4_WORDS = 4;
/** What can differ between two sources: of IPv4 family, port and address, of IPv6 the scope as well. */
const IPV4_TELLING_WORDS = 2;

/**
 * One endpoint in the kernel's form and in ours. Only what has changed is converted, for a socket hears the same source
 * and sends to the same target all the time.
 */
export class SocketAddress {
  /** Of the structure. */
  readonly sizeBytes: number;
  readonly #words = new Uint32Array(WORDS);
  readonly #bytes = new Uint8Array(this.#words.buffer);
  readonly #tellingWords: number;
  readonly #addressOffset: number;
  #address = '';
  #port = -1;

  constructor(family: AddressFamily) {
    const isV6 = family === 6;
    new Uint16Array(this.#words.buffer)[0] = isV6 ? AF_INET6 : AF_INET;
    this.sizeBytes = isV6 ? SOCKET_ADDRESS_BYTES : IPV4_WORDS * 4;
    this.#tellingWords = isV6 ? WORDS : IPV4_TELLING_WORDS;
    this.#addressOffset = isV6 ? 8 : 4;
  }

  /** Numeric. */
  get address(): string {
    return this.#address;
  }

  get port(): number {
    return this.#port;
  }

  /** Takes over what the kernel wrote. */
  read(words: Uint32Array): void {
    for (let i = 0; i < this.#tellingWords; i += 1) {
      if (words[i] !== this.#words[i]) return this.#adopt(words);
    }
  }

  /** Lets the kernel read it. */
  write(words: Uint32Array): void {
    for (let i = 0; i < this.#tellingWords; i += 1) words[i] = this.#words[i] ?? 0;
  }

  /** @returns false where the address is not one of this family */
  assign(address: string, port: number): boolean {
    if (port === this.#port && address === this.#address) return true;
    const bytes = addressBytes(address);
    const isV6 = this.#tellingWords === WORDS;
    if (!bytes || bytes.length !== (isV6 ? 16 : 4)) return false;
    this.#bytes[2] = port >>> 8;
    this.#bytes[3] = port;
    this.#bytes.set(bytes, this.#addressOffset);
    this.#address = address;
    this.#port = port;
    return true;
  }

  #adopt(words: Uint32Array): void {
    this.#words.set(words);
    const length = this.#tellingWords === WORDS ? 16 : 4;
    this.#port = ((this.#bytes[2] ?? 0) << 8) | (this.#bytes[3] ?? 0);
    this.#address = addressFromBytes(this.#bytes.slice(this.#addressOffset, this.#addressOffset + length));
  }
}
