// A STUN message as it was received: read over its bytes, nothing encoded anew (RFC 8489).
import { DecodeError, type Endpoint } from '../../core/index.ts';
import { decodeAddress } from './address-value.ts';
import { ATTRIBUTE, mustBeUnderstood } from './attribute.ts';
import {
  HEADER_BYTES,
  MAGIC_COOKIE,
  TRANSACTION_ID_BYTES,
  TRANSACTION_ID_OFFSET,
  uint16At,
  uint32At,
} from './header.ts';
import { classOf, methodOf, type StunClass } from './method.ts';

export interface StunAttribute {
  readonly type: number;
  /** A view into the message, without padding. */
  readonly value: Uint8Array;
  /** Of its type field, from the start of the message. */
  readonly offset: number;
}

export interface StunError {
  /** 300 to 699. */
  readonly code: number;
  readonly reason: string;
}

/** A view over the bytes that were received: valid as long as they are. */
export class StunMessage {
  readonly class: StunClass;
  /** 12 bits: see {@link METHOD}. */
  readonly method: number;
  /** In the order of the message; without those that §14.5 wants ignored. */
  readonly attributes: readonly StunAttribute[];
  /** The whole message. */
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array, attributes: readonly StunAttribute[]) {
    const type = uint16At(bytes, 0);
    this.bytes = bytes;
    this.class = classOf(type);
    this.method = methodOf(type);
    this.attributes = attributes;
  }

  /** 12 bytes, a view. */
  get transactionId(): Uint8Array {
    return this.bytes.subarray(TRANSACTION_ID_OFFSET, HEADER_BYTES);
  }

  /** The transaction id as a key of maps. */
  get transactionKey(): string {
    return transactionKeyOf(this.transactionId);
  }

  /** The first of that type; §14: later ones may be ignored. */
  attribute(type: number): StunAttribute | undefined {
    return this.attributes.find((attribute) => attribute.type === type);
  }

  has(type: number): boolean {
    return this.attribute(type) !== undefined;
  }

  value(type: number): Uint8Array | undefined {
    return this.attribute(type)?.value;
  }

  text(type: number): string | undefined {
    const value = this.value(type);
    return value && new TextDecoder().decode(value);
  }

  /** @returns undefined where it is absent or not of 4 bytes */
  uint32(type: number): number | undefined {
    const value = this.value(type);
    return value?.length === 4 ? uint32At(value, 0) : undefined;
  }

  /** @returns undefined where it is absent or not of 8 bytes */
  uint64(type: number): bigint | undefined {
    const value = this.value(type);
    if (value?.length !== 8) return undefined;
    return (BigInt(uint32At(value, 0)) << 32n) | BigInt(uint32At(value, 4));
  }

  /** An address under the exclusive or: XOR-MAPPED-ADDRESS, XOR-PEER-ADDRESS, XOR-RELAYED-ADDRESS. */
  xorAddress(type: number): Endpoint | undefined {
    const value = this.value(type);
    return value && decodeAddress(value, this.bytes);
  }

  /** A plain address: MAPPED-ADDRESS, OTHER-ADDRESS, RESPONSE-ORIGIN, ALTERNATE-SERVER. */
  address(type: number): Endpoint | undefined {
    const value = this.value(type);
    return value && decodeAddress(value);
  }

  /** Where the request came from, as an answer tells it; servers before RFC 5389 have the plain form only. */
  get mappedAddress(): Endpoint | undefined {
    return this.xorAddress(ATTRIBUTE.xorMappedAddress) ?? this.address(ATTRIBUTE.mappedAddress);
  }

  /** ERROR-CODE (§14.8); undefined where it is absent or makes no sense. */
  get error(): StunError | undefined {
    const value = this.value(ATTRIBUTE.errorCode);
    if (!value || value.length < 4) return undefined;
    const [hundreds, rest] = [(value[2] ?? 0) & 7, value[3] ?? 0];
    if (hundreds < 3 || hundreds > 6 || rest > 99) return undefined;
    return { code: hundreds * 100 + rest, reason: new TextDecoder().decode(value.subarray(4)) };
  }

  /** Attributes that must be understood and are not among `known`: to be answered with 420 (§6.3.1). */
  unknownAttributes(known: ReadonlySet<number>): readonly number[] {
    const types = this.attributes.map(({ type }) => type);
    return [...new Set(types.filter((type) => mustBeUnderstood(type) && !known.has(type)))];
  }
}

/** The key under which a transaction is kept. */
export function transactionKeyOf(transactionId: Uint8Array): string {
  let key = '';
  for (let i = 0; i < TRANSACTION_ID_BYTES; i += 1) key += String.fromCharCode(transactionId[i] ?? 0);
  return key;
}

/** Reads a whole message; a datagram must hold nothing else. Integrity is not checked here. */
export function decodeStun(bytes: Uint8Array): StunMessage | DecodeError {
  if (bytes.length < HEADER_BYTES) return bad('header', `${bytes.length} bytes are fewer than a header`, 0);
  // RFC 7983 §5: methods from 0x100 on are nobody's, so that the first byte tells STUN from all else.
  if ((bytes[0] ?? 0) > 3) return bad('type', 'the first six bits are not 0', 0);
  if (uint32At(bytes, 4) !== MAGIC_COOKIE) return bad('magic cookie', 'is not 0x2112A442', 4);
  const length = uint16At(bytes, 2);
  if (length % 4 !== 0) return bad('length', `${length} is not a multiple of 4`, 2);
  if (HEADER_BYTES + length !== bytes.length) {
    return bad('length', `says ${length} and ${bytes.length - HEADER_BYTES} follow`, 2);
  }
  const plain = withoutBuffer(bytes);
  const attributes = readAttributes(plain);
  return attributes instanceof DecodeError ? attributes : new StunMessage(plain, attributes);
}

/** The same bytes. Node's sockets hand over Buffers, of which `slice()` is a view and not a copy. */
function withoutBuffer(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}

function readAttributes(bytes: Uint8Array): StunAttribute[] | DecodeError {
  const attributes: StunAttribute[] = [];
  let [isSealed, isSealedTwice] = [false, false];
  for (let offset = HEADER_BYTES; offset < bytes.length; ) {
    const [type, length] = [uint16At(bytes, offset), uint16At(bytes, offset + 2)];
    const start = offset + 4;
    if (start + length > bytes.length) {
      return bad(`attribute 0x${type.toString(16)}`, `${length} bytes pass the end`, offset);
    }
    // §14.5, §14.6: what stands behind the integrity is nobody's word, but for its sister and the fingerprint.
    const isIgnored =
      type !== ATTRIBUTE.fingerprint &&
      (isSealedTwice || (isSealed && type !== ATTRIBUTE.messageIntegritySha256));
    if (!isIgnored) attributes.push({ type, value: bytes.subarray(start, start + length), offset });
    isSealed ||= type === ATTRIBUTE.messageIntegrity;
    isSealedTwice ||= type === ATTRIBUTE.messageIntegritySha256;
    offset = start + ((length + 3) & ~3);
  }
  return attributes;
}

function bad(place: string, reason: string, offset: number): DecodeError {
  return new DecodeError('STUN_MALFORMED', `STUN ${place}`, reason, offset);
}
