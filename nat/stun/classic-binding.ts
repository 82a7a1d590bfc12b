// Binding before the magic cookie (RFC 3489 §11): programs of that time still ask (RFC 8489 §11, RFC 5389 §12.2).
import type { Endpoint } from '../../core/index.ts';
import { encodeAddress } from './address-value.ts';
import { ATTRIBUTE } from './attribute.ts';
import { HEADER_BYTES, MAGIC_COOKIE, setUint16, uint16At, uint32At } from './header.ts';

const BINDING_REQUEST = 0x0001;
const BINDING_RESPONSE = 0x0101;

/** RFC 3489 §11.2, where RFC 5780 has RESPONSE-ORIGIN and OTHER-ADDRESS. */
const SOURCE_ADDRESS = 0x0004;
const CHANGED_ADDRESS = 0x0005;
/** RFC 5780 §7.2, RFC 3489 §11.2.4: the same bits. */
const CHANGE_ADDRESS_FLAG = 4;
const CHANGE_PORT_FLAG = 2;
/** CHANGE-REQUEST and USERNAME; nobody is told to answer somebody else (RESPONSE-ADDRESS). */
const UNDERSTOOD: ReadonlySet<number> = new Set([
  ATTRIBUTE.changeRequest,
  ATTRIBUTE.username,
  ATTRIBUTE.messageIntegrity,
]);

/** What a client of RFC 3489 asks. */
export interface ClassicBinding {
  /** 16 bytes, the last 12 where the transaction id is today. */
  readonly transactionId: Uint8Array;
  /** Whether the answer is to come from the server's other address, or port. */
  readonly changesAddress: boolean;
  readonly changesPort: boolean;
}

/** @returns undefined where it is no such request, or wants what we do not do */
export function readClassicBinding(bytes: Uint8Array): ClassicBinding | undefined {
  const isClassic =
    bytes.length >= HEADER_BYTES &&
    uint16At(bytes, 0) === BINDING_REQUEST &&
    uint16At(bytes, 2) === bytes.length - HEADER_BYTES &&
    uint32At(bytes, 4) !== MAGIC_COOKIE;
  const flags = isClassic ? readChangeFlags(bytes) : undefined;
  if (flags === undefined) return undefined;
  return {
    transactionId: bytes.slice(4, HEADER_BYTES),
    changesAddress: (flags & CHANGE_ADDRESS_FLAG) !== 0,
    changesPort: (flags & CHANGE_PORT_FLAG) !== 0,
  };
}

/** @returns undefined where the attributes do not fit into the message, or one of them is not understood */
function readChangeFlags(bytes: Uint8Array): number | undefined {
  let flags = 0;
  for (let offset = HEADER_BYTES; offset < bytes.length; ) {
    const [type, length] = [uint16At(bytes, offset), uint16At(bytes, offset + 2)];
    if (offset + 4 + length > bytes.length) return undefined;
    // RFC 3489 §11.2: to be understood up to 0x7fff.
    if (type < 0x8000 && !UNDERSTOOD.has(type)) return undefined;
    if (type === ATTRIBUTE.changeRequest && length === 4) flags = uint32At(bytes, offset + 4);
    offset += 4 + length;
  }
  return flags;
}

/**
 * MAPPED-ADDRESS, and where the answer comes from.
 *
 * @param addresses - `origin` and `other` only where the server has another address
 */
export function answerClassicBinding(
  { transactionId }: ClassicBinding,
  addresses: { readonly mapped: Endpoint; readonly origin?: Endpoint; readonly other?: Endpoint },
): Uint8Array {
  const { mapped, origin, other } = addresses;
  const attributes = [
    attribute(ATTRIBUTE.mappedAddress, mapped),
    ...(origin ? [attribute(SOURCE_ADDRESS, origin)] : []),
    ...(other ? [attribute(CHANGED_ADDRESS, other)] : []),
  ];
  const lengthBytes = attributes.reduce((sum, { length }) => sum + length, 0);
  const answer = new Uint8Array(HEADER_BYTES + lengthBytes);
  setUint16(answer, 0, BINDING_RESPONSE);
  setUint16(answer, 2, lengthBytes);
  answer.set(transactionId, 4);
  let offset = HEADER_BYTES;
  for (const bytes of attributes) {
    answer.set(bytes, offset);
    offset += bytes.length;
  }
  return answer;
}

function attribute(type: number, endpoint: Endpoint): Uint8Array {
  const value = encodeAddress(endpoint);
  const bytes = new Uint8Array(4 + value.length);
  setUint16(bytes, 0, type);
  setUint16(bytes, 2, value.length);
  bytes.set(value, 4);
  return bytes;
}
