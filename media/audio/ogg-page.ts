// Pages of an Ogg stream (RFC 3533 §6): packets cut into segments of up to 255 bytes.
//
// | "OggS" | 0 | flags | granule position (8) | serial number (4) | page number (4) | CRC (4) | n | n segment sizes | data |
//
// All numbers are little endian.
import { DecodeError } from '../../core/index.ts';

const HEADER_BYTES = 27;
const CAPTURE_PATTERN = 0x4f_67_67_53; // "OggS"
const CRC_OFFSET = 22;
const LARGEST_SEGMENT = 255;
const CONTINUED = 1;
const FIRST = 2;
const LAST = 4;

/** One page. */
export interface OggPage {
  /** Whether the first piece goes on with the packet that the page before left open. */
  readonly isContinued: boolean;
  /** Whether its stream begins, or ends, with it. */
  readonly isFirst: boolean;
  readonly isLast: boolean;
  /** Of the last packet that ends on this page, in what the codec counts; -1 where none does. */
  readonly granulePosition: number;
  readonly serialNumber: number;
  readonly pageNumber: number;
  /** Packets and parts of them, views of the page. */
  readonly pieces: readonly Uint8Array[];
  /** Whether the last piece goes on on the next page. */
  readonly isOpen: boolean;
}

/** A page and what it takes. */
export interface DecodedOggPage extends OggPage {
  readonly sizeBytes: number;
}

/** @throws RangeError where the packets need more than 255 segments, about 64 kB: they belong on several pages */
export function encodeOggPage(page: OggPage): Uint8Array {
  const sizes = page.pieces.flatMap((piece, i) =>
    segmentSizes(piece.length, page.isOpen && i === page.pieces.length - 1),
  );
  if (sizes.length > 255) throw new RangeError(`${sizes.length} segments do not fit on a page, 255 do`);
  const dataBytes = page.pieces.reduce((sum, piece) => sum + piece.length, 0);
  const bytes = new Uint8Array(HEADER_BYTES + sizes.length + dataBytes);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, CAPTURE_PATTERN);
  bytes[5] = (page.isContinued ? CONTINUED : 0) | (page.isFirst ? FIRST : 0) | (page.isLast ? LAST : 0);
  view.setUint32(14, page.serialNumber, true);
  bytes[26] = sizes.length;
  bytes.set(sizes, HEADER_BYTES);
  let at = HEADER_BYTES + sizes.length;
  for (const piece of page.pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  renumberOggPage(bytes, page);
  return bytes;
}

/** Makes a page of an encoded one that has the same packets at another place, in the same bytes. */
export function renumberOggPage(
  bytes: Uint8Array,
  place: Pick<OggPage, 'granulePosition' | 'pageNumber'>,
): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  view.setBigInt64(6, BigInt(place.granulePosition), true);
  view.setUint32(18, place.pageNumber, true);
  view.setUint32(CRC_OFFSET, crcOf(bytes), true);
}

/** A packet ends with a segment of fewer than 255 bytes, if need be of none. */
function segmentSizes(lengthBytes: number, isOpen: boolean): readonly number[] {
  const sizes = Array<number>(Math.floor(lengthBytes / LARGEST_SEGMENT)).fill(LARGEST_SEGMENT);
  return isOpen ? sizes : [...sizes, lengthBytes % LARGEST_SEGMENT];
}

/** The page at `offset`. Its pieces are views of `bytes`. */
export function decodeOggPage(bytes: Uint8Array, offset: number): DecodedOggPage | DecodeError {
  const bad = (code: string, reason: string) => new DecodeError(code, 'page', reason, offset);
  const cut = () => bad('OGG_CUT', 'the file ends within a page; it was not copied whole, copy it again');
  if (bytes.length < offset + HEADER_BYTES) return cut();
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, bytes.length - offset);
  if (view.getUint32(0) !== CAPTURE_PATTERN)
    return bad('OGG_NO_PAGE', 'no page of Ogg begins here, with "OggS"');
  if (view.getUint8(4) !== 0)
    return bad('OGG_VERSION', `Ogg has version ${view.getUint8(4)}, and should have 0`);
  const dataStart = offset + HEADER_BYTES + view.getUint8(26);
  const sizes = bytes.subarray(offset + HEADER_BYTES, dataStart);
  const end = dataStart + sizes.reduce((sum, size) => sum + size, 0);
  if (bytes.length < end) return cut();
  if (crcOf(bytes.subarray(offset, end)) !== view.getUint32(CRC_OFFSET, true)) {
    return bad('OGG_CRC', 'the checksum of the page is wrong; the file is damaged, copy it again');
  }
  const flags = view.getUint8(5);
  return {
    isContinued: (flags & CONTINUED) !== 0,
    isFirst: (flags & FIRST) !== 0,
    isLast: (flags & LAST) !== 0,
    granulePosition: Number(view.getBigInt64(6, true)),
    serialNumber: view.getUint32(14, true),
    pageNumber: view.getUint32(18, true),
    pieces: piecesOf(bytes.subarray(dataStart, end), sizes),
    isOpen: sizes.at(-1) === LARGEST_SEGMENT,
    sizeBytes: end - offset,
  };
}

function piecesOf(data: Uint8Array, sizes: Uint8Array): readonly Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let start = 0;
  let end = 0;
  for (const [i, size] of sizes.entries()) {
    end += size;
    if (size === LARGEST_SEGMENT && i < sizes.length - 1) continue;
    pieces.push(data.subarray(start, end));
    start = end;
  }
  return pieces;
}

/** RFC 3533 §6: the polynomial 0x04c11db7, its highest bit first, from 0 and not inverted. */
const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
  let crc = index << 24;
  for (let bit = 0; bit < 8; bit += 1) crc = (crc << 1) ^ (crc < 0 ? 0x04c1_1db7 : 0);
  return crc;
});

/** Of a whole page; the field of the CRC itself counts as zeros. */
function crcOf(page: Uint8Array): number {
  let crc = 0;
  for (let i = 0; i < page.length; i += 1) {
    const isField = i >= CRC_OFFSET && i < CRC_OFFSET + 4;
    // Both indices are within their arrays: i by the loop, the other is a byte.
    const byte = isField ? 0 : page[i]!;
    crc = (crc << 8) ^ CRC_TABLE[(crc >>> 24) ^ byte]!;
  }
  return crc >>> 0;
}
