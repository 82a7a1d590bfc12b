// Header extensions (RFC 8285) in the bytes of a packet: found and written in place.
//
// one-byte header (0xBEDE): | ID (4) | length - 1 (4) | data ... |
// two-byte header (0x100X): | ID (8) | length (8)     | data ... |
import { byteAt, RTP_HEADER_BYTES, uint16At, writeUint16 } from './header.ts';

/** §4.2. */
const ONE_BYTE_PROFILE = 0xbede;
/** §4.3: the low four bits are the application's. */
const TWO_BYTE_PROFILE = 0x1000;
const EXTENSION_BIT = 0x10;
/** Profile and length of the block. */
const BLOCK_HEADER_BYTES = 4;

/** Data of an element with a one-byte header. */
export const MAX_EXTENSION_BYTES = 16;

/**
 * Finds an element. Only in packets that `rtpPayloadOffset` accepted.
 *
 * @returns `offset * 256 + length` of its data, for {@link extensionOffset} and {@link extensionLength}; -1 where the
 *   packet has none of that ID
 */
export function findRtpExtension(bytes: Uint8Array, id: number): number {
  const start = blockOffset(bytes);
  if (start < 0) return -1;
  const profile = uint16At(bytes, start);
  const isOneByte = profile === ONE_BYTE_PROFILE;
  if (!isOneByte && (profile & 0xfff0) !== TWO_BYTE_PROFILE) return -1;
  const end = Math.min(bytes.length, blockEnd(bytes, start));
  let at = start + BLOCK_HEADER_BYTES;
  while (at < end) {
    const first = byteAt(bytes, at);
    // §4.1.2: a byte of zero is padding, and stands alone.
    if (first === 0) {
      at += 1;
      continue;
    }
    const elementId = isOneByte ? first >> 4 : first;
    // §4.2: ID 15, and ID 0 with a length, end the block.
    if (isOneByte && (elementId === 15 || elementId === 0)) return -1;
    const length = isOneByte ? (first & 0x0f) + 1 : byteAt(bytes, at + 1);
    const data = at + (isOneByte ? 1 : 2);
    if (data + length > end) return -1;
    if (elementId === id) return data * 256 + length;
    at = data + length;
  }
  return -1;
}

/** Where the data of a found element begins. */
export function extensionOffset(found: number): number {
  return found >> 8;
}

/** How many bytes of data a found element has: 0 to 255. */
export function extensionLength(found: number): number {
  return found & 0xff;
}

/** Bytes that {@link writeRtpExtension} takes for one element. */
export function extensionBytes(dataLength: number): number {
  return BLOCK_HEADER_BYTES + 4 * Math.ceil((1 + dataLength) / 4);
}

/**
 * Writes a block of one element with a one-byte header, between the CSRCs of a packet and its payload, and says so in
 * the packet's first byte. The data is the caller's to write.
 *
 * @param offset - where the header with its CSRCs ends
 * @param dataLength - 1 to {@link MAX_EXTENSION_BYTES}
 * @returns where the data begins; the payload begins at `offset` plus {@link extensionBytes}
 */
export function writeRtpExtension(
  bytes: Uint8Array,
  offset: number,
  element: { readonly id: number; readonly dataLength: number },
): number {
  const { id, dataLength } = element;
  const end = offset + extensionBytes(dataLength);
  const data = offset + BLOCK_HEADER_BYTES + 1;
  bytes[0] = byteAt(bytes, 0) | EXTENSION_BIT;
  writeUint16(bytes, offset, ONE_BYTE_PROFILE);
  writeUint16(bytes, offset + 2, (end - offset) / 4 - 1);
  bytes[data - 1] = (id << 4) | (dataLength - 1);
  bytes.fill(0, data + dataLength, end);
  return data;
}

/**
 * Makes padding of all elements, so that the IDs of one party mean nothing to another. Blocks that are not of RFC 8285
 * stay. Only for packets that `rtpPayloadOffset` accepted.
 */
export function clearRtpExtensions(bytes: Uint8Array): void {
  const start = blockOffset(bytes);
  if (start < 0) return;
  const profile = uint16At(bytes, start);
  if (profile !== ONE_BYTE_PROFILE && (profile & 0xfff0) !== TWO_BYTE_PROFILE) return;
  bytes.fill(0, start + BLOCK_HEADER_BYTES, blockEnd(bytes, start));
}

/** RFC 3550 §5.1: how many sources a packet lists. */
export function rtpCsrcCount(bytes: Uint8Array): number {
  return byteAt(bytes, 0) & 0x0f;
}

/** @returns -1 where there is no block */
function blockOffset(bytes: Uint8Array): number {
  if ((byteAt(bytes, 0) & EXTENSION_BIT) === 0) return -1;
  return RTP_HEADER_BYTES + 4 * rtpCsrcCount(bytes);
}

function blockEnd(bytes: Uint8Array, start: number): number {
  return start + BLOCK_HEADER_BYTES + 4 * uint16At(bytes, start + 2);
}
