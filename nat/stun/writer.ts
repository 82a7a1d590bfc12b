// Writes a STUN message, attribute by attribute (RFC 8489 §5, §14).
import type { Endpoint } from '../../core/index.ts';
import { encodeAddress } from './address-value.ts';
import { ATTRIBUTE } from './attribute.ts';
import { crc32 } from './crc32.ts';
import { HEADER_BYTES, MAGIC_COOKIE, setUint16, setUint32, TRANSACTION_ID_OFFSET } from './header.ts';
import { fingerprintMask, integrityOf, type StunKey } from './integrity.ts';
import { messageType, type StunClass } from './method.ts';

export interface StunHead {
  readonly method: number;
  readonly class: StunClass;
  /** 12 bytes. */
  readonly transactionId: Uint8Array;
}

const FIRST_BYTES = 256;
// RFC 8489 §14.8: 763 bytes at most; ours are short.
const encoder = new TextEncoder();

/** @example new StunWriter(head).xorAddress(ATTRIBUTE.xorMappedAddress, source).fingerprint().finish() */
export class StunWriter {
  #bytes = new Uint8Array(FIRST_BYTES);
  #length = HEADER_BYTES;

  constructor({ method, class: messageClass, transactionId }: StunHead) {
    setUint16(this.#bytes, 0, messageType(method, messageClass));
    setUint32(this.#bytes, 4, MAGIC_COOKIE);
    this.#bytes.set(transactionId, TRANSACTION_ID_OFFSET);
  }

  /** Of the message so far, header included. */
  get lengthBytes(): number {
    return this.#length;
  }

  /** Adds an attribute; it is padded with zeros to a multiple of four (§14). */
  add(type: number, value: Uint8Array): this {
    const paddedBytes = (value.length + 3) & ~3;
    this.#reserve(4 + paddedBytes);
    setUint16(this.#bytes, this.#length, type);
    setUint16(this.#bytes, this.#length + 2, value.length);
    this.#bytes.set(value, this.#length + 4);
    this.#length += 4 + paddedBytes;
    setUint16(this.#bytes, 2, this.#length - HEADER_BYTES);
    return this;
  }

  flag(type: number): this {
    return this.add(type, new Uint8Array(0));
  }

  text(type: number, text: string): this {
    return this.add(type, encoder.encode(text));
  }

  uint32(type: number, value: number): this {
    const bytes = new Uint8Array(4);
    setUint32(bytes, 0, value);
    return this.add(type, bytes);
  }

  uint64(type: number, value: bigint): this {
    const bytes = new Uint8Array(8);
    setUint32(bytes, 0, Number(value >> 32n));
    setUint32(bytes, 4, Number(value & 0xffffffffn));
    return this.add(type, bytes);
  }

  xorAddress(type: number, endpoint: Endpoint): this {
    return this.add(type, encodeAddress(endpoint, this.#bytes));
  }

  address(type: number, endpoint: Endpoint): this {
    return this.add(type, encodeAddress(endpoint));
  }

  /** @param code - 300 to 699 */
  error(code: number, reason: string): this {
    const text = encoder.encode(reason);
    const value = new Uint8Array(4 + text.length);
    value[2] = Math.floor(code / 100);
    value[3] = code % 100;
    value.set(text, 4);
    return this.add(ATTRIBUTE.errorCode, value);
  }

  /** UNKNOWN-ATTRIBUTES (§14.9), beside error 420. */
  unknownAttributes(types: readonly number[]): this {
    const value = new Uint8Array(2 * types.length);
    for (const [index, type] of types.entries()) setUint16(value, 2 * index, type);
    return this.add(ATTRIBUTE.unknownAttributes, value);
  }

  /** MESSAGE-INTEGRITY or MESSAGE-INTEGRITY-SHA256 over all so far (§14.5, §14.6). */
  integrity(key: StunKey, algorithm: 'sha1' | 'sha256' = 'sha1'): this {
    const type = algorithm === 'sha1' ? ATTRIBUTE.messageIntegrity : ATTRIBUTE.messageIntegritySha256;
    return this.add(type, integrityOf(this.#bytes.subarray(0, this.#length), key, algorithm));
  }

  /** FINGERPRINT (§14.7): last of all. */
  fingerprint(): this {
    // The length covers the attribute itself before it is there.
    setUint16(this.#bytes, 2, this.#length - HEADER_BYTES + 8);
    return this.uint32(ATTRIBUTE.fingerprint, fingerprintMask(crc32(this.#bytes, this.#length)));
  }

  /** The message. The writer is not used any more. */
  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  #reserve(sizeBytes: number): void {
    if (this.#length + sizeBytes <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(2 * this.#bytes.length, this.#length + sizeBytes));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }
}
