// Addresses as attributes have them, plain and under the exclusive or (RFC 8489 §14.1, §14.2).
//
//   0                   1                   2                   3
//   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |0 0 0 0 0 0 0 0|    Family     |         (X-)Port              |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |                (X-)Address (32 or 128 bits)                   |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
import { addressBytes, addressFromBytes, type Endpoint, invariant } from '../../core/index.ts';
import { COOKIE_OFFSET, setUint16, uint16At } from './header.ts';

const IPV4 = 1;
const IPV6 = 2;

/**
 * @param header - the message with its cookie and transaction id, for an address under the exclusive or
 * @returns undefined where the value is none; an IPv4-mapped address stays as it is, so that it can be refused
 */
export function decodeAddress(value: Uint8Array, header?: Uint8Array): Endpoint | undefined {
  const length = value[1] === IPV4 ? 4 : value[1] === IPV6 ? 16 : 0;
  if (length === 0 || value.length !== 4 + length) return undefined;
  const bytes = value.slice(4);
  let port = uint16At(value, 2);
  if (header) {
    port ^= uint16At(header, COOKIE_OFFSET);
    applyKey(bytes, header);
  }
  return { address: addressFromBytes(bytes), port };
}

/** @param endpoint - with a numeric address */
export function encodeAddress({ address, port }: Endpoint, header?: Uint8Array): Uint8Array {
  const bytes = addressBytes(address);
  invariant(bytes, 'addresses of sockets are numeric');
  const value = new Uint8Array(4 + bytes.length);
  value[1] = bytes.length === 4 ? IPV4 : IPV6;
  setUint16(value, 2, header ? port ^ uint16At(header, COOKIE_OFFSET) : port);
  if (header) applyKey(bytes, header);
  value.set(bytes, 4);
  return value;
}

function applyKey(bytes: Uint8Array, header: Uint8Array): void {
  for (let i = 0; i < bytes.length; i += 1) bytes[i] = (bytes[i] ?? 0) ^ (header[COOKIE_OFFSET + i] ?? 0);
}
