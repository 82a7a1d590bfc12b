// Addresses as the kernel writes them: sockaddr_in and sockaddr_in6.
//
// IPv4   | family (2, host order) | port (2, network order) | address (4) | zero (8) |
// IPv6   | family (2) | port (2) | flow (4) | address (16) | scope (4) |
import { type AddressFamily, addressBytes, addressFamily, addressFromBytes } from '../address.ts';
import { invariant } from '../errors.ts';

/** Of the kernel: AF_INET and AF_INET6. */
export const AF_INET = 2;
export const AF_INET6 = 10;
/** Room for either family. */
export const SOCKET_ADDRESS_BYTES = 28;

const IPV4_BYTES = 16;

/**
 * One endpoint in the kernel's form and in ours: either a source, which the kernel writes, or a target, which we do.
 * Only what has changed is converted, for a socket hears the same source and sends to the same target all the time.
 */
export class SocketAddress {
  /** What the kernel reads and writes. */
  readonly bytes = new Uint8Array(SOCKET_ADDRESS_BYTES);
  readonly sizeBytes: number;
  readonly #words = new Uint32Array(this.bytes.buffer);
  readonly #seen = new Uint32Array(SOCKET_ADDRESS_BYTES / 4);
  readonly #addressOffset: number;
  #address = '';
  #port = -1;

  constructor(family: AddressFamily) {
    const isV6 = family === 6;
    new Uint16Array(this.bytes.buffer)[0] = isV6 ? AF_INET6 : AF_INET;
    this.sizeBytes = isV6 ? SOCKET_ADDRESS_BYTES : IPV4_BYTES;
    this.#addressOffset = isV6 ? 8 : 4;
  }

  /** Of what the kernel wrote last: call {@link SocketAddress.refresh} first. */
  get address(): string {
    return this.#address;
  }

  get port(): number {
    return this.#port;
  }

  /** Reads what the kernel has written. */
  refresh(): void {
    const [words, seen] = [this.#words, this.#seen];
    // Family and port, then an IPv4 address or (of IPv6) the flow, which is the same as long as the rest is.
    if (words[0] === seen[0] && words[1] === seen[1] && this.#isSameV6(words, seen)) return;
    seen.set(words);
    this.#port = ((this.bytes[2] ?? 0) << 8) | (this.bytes[3] ?? 0);
    const length = this.sizeBytes === IPV4_BYTES ? 4 : 16;
    this.#address = addressFromBytes(this.bytes.slice(this.#addressOffset, this.#addressOffset + length));
  }

  /** Writes an endpoint of the same family. @returns false where the address is of another */
  assign(address: string, port: number): boolean {
    if (address === this.#address && port === this.#port) return true;
    const bytes = addressBytes(address);
    const isV6 = this.sizeBytes !== IPV4_BYTES;
    if (!bytes || bytes.length !== (isV6 ? 16 : 4)) return false;
    this.bytes[2] = port >>> 8;
    this.bytes[3] = port;
    this.bytes.set(bytes, this.#addressOffset);
    this.#address = address;
    this.#port = port;
    return true;
  }

  #isSameV6(words: Uint32Array, seen: Uint32Array): boolean {
    if (this.sizeBytes === IPV4_BYTES) return true;
    for (let i = 2; i < 6; i += 1) if (words[i] !== seen[i]) return false;
    return true;
  }
}

/** @throws where the address is not numeric: whoever binds has resolved it */
export function familyOf(address: string): AddressFamily {
  const family = addressFamily(address);
  invariant(family, 'sockets are bound to numeric addresses');
  return family;
}
