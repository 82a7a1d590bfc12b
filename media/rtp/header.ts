// The RTP header (RFC 3550 §5.1), read and rewritten in place: no object a packet.
//
//  0                   1                   2                   3
// |V=2|P|X|  CC   |M|     PT      |       sequence number         |
// |                           timestamp                           |
// |                             SSRC                              |
// |                       CSRC, 0 to 15 of them                   |
// | defined by profile (if X)     |  length in 32-bit words       |

/** Bytes of a header without CSRCs and extension. */
export const RTP_HEADER_BYTES = 12;

/**
 * Where the payload of an RTP packet starts, after one pass over everything that RFC 3550 A.1 checks in a
 * header: version, CSRC list, extension and padding all fit.
 *
 * @returns the offset of the payload, or -1 where the bytes are not an RTP packet
 */
export function rtpPayloadOffset(bytes: Uint8Array): number {
  const length = bytes.length;
  if (length < RTP_HEADER_BYTES) return -1;
  const first = byteAt(bytes, 0);
  if (first >> 6 !== 2) return -1;
  let offset = RTP_HEADER_BYTES + 4 * (first & 0x0f);
  if ((first & 0x10) !== 0) {
    if (offset + 4 > length) return -1;
    offset += 4 + 4 * uint16At(bytes, offset + 2);
  }
  if (offset > length) return -1;
  if ((first & 0x20) !== 0) {
    // RFC 3550 §5.1: the last octet counts the padding, itself included.
    const paddingBytes = byteAt(bytes, length - 1);
    if (paddingBytes === 0 || offset + paddingBytes > length) return -1;
  }
  return offset;
}

/** Where the payload ends: before the padding. Only for packets that {@link rtpPayloadOffset} accepted. */
export function rtpPayloadEnd(bytes: Uint8Array): number {
  const hasPadding = (byteAt(bytes, 0) & 0x20) !== 0;
  return hasPadding ? bytes.length - byteAt(bytes, bytes.length - 1) : bytes.length;
}

export function rtpMarker(bytes: Uint8Array): boolean {
  return (byteAt(bytes, 1) & 0x80) !== 0;
}

export function rtpPayloadType(bytes: Uint8Array): number {
  return byteAt(bytes, 1) & 0x7f;
}

/** 0 to 65535. */
export function rtpSequenceNumber(bytes: Uint8Array): number {
  return uint16At(bytes, 2);
}

/** 0 to 2^32 - 1. */
export function rtpTimestamp(bytes: Uint8Array): number {
  return uint32At(bytes, 4);
}

/** 0 to 2^32 - 1. */
export function rtpSsrc(bytes: Uint8Array): number {
  return uint32At(bytes, 8);
}

/** Changes the payload type and sets the marker; what is not given stays. */
export function rewriteRtpPayloadType(bytes: Uint8Array, payloadType: number, setMarker: boolean): void {
  bytes[1] = (byteAt(bytes, 1) & 0x80) | (setMarker ? 0x80 : 0) | payloadType;
}

/** Changes who a packet is from and where it stands in the stream. */
export function rewriteRtpIdentity(
  bytes: Uint8Array,
  sequenceNumber: number,
  timestamp: number,
  ssrc: number,
): void {
  bytes[2] = sequenceNumber >>> 8;
  bytes[3] = sequenceNumber;
  writeUint32(bytes, 4, timestamp);
  writeUint32(bytes, 8, ssrc);
}

/** The fields of a header without CSRCs and extension. */
export interface RtpHeaderFields {
  readonly payloadType: number;
  readonly marker: boolean;
  /** Taken modulo 2^16. */
  readonly sequenceNumber: number;
  /** Taken modulo 2^32. */
  readonly timestamp: number;
  readonly ssrc: number;
}

/** Writes the first {@link RTP_HEADER_BYTES} of a packet. */
export function writeRtpHeader(bytes: Uint8Array, fields: RtpHeaderFields): void {
  bytes[0] = 0x80;
  bytes[1] = (fields.marker ? 0x80 : 0) | fields.payloadType;
  rewriteRtpIdentity(bytes, fields.sequenceNumber, fields.timestamp, fields.ssrc);
}

/** A packet of its own: header and a copy of the payload. */
export function encodeRtp(fields: RtpHeaderFields, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(RTP_HEADER_BYTES + payload.length);
  writeRtpHeader(bytes, fields);
  bytes.set(payload, RTP_HEADER_BYTES);
  return bytes;
}

/** 0 to 2^32 - 1; bytes beyond the end count as zero. */
export function uint32At(bytes: Uint8Array, offset: number): number {
  return (
    ((byteAt(bytes, offset) << 24) |
      (byteAt(bytes, offset + 1) << 16) |
      (byteAt(bytes, offset + 2) << 8) |
      byteAt(bytes, offset + 3)) >>>
    0
  );
}

export function uint16At(bytes: Uint8Array, offset: number): number {
  return (byteAt(bytes, offset) << 8) | byteAt(bytes, offset + 1);
}

export function byteAt(bytes: Uint8Array, offset: number): number {
  return bytes[offset] ?? 0;
}

export function writeUint32(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = value >>> 24;
  bytes[offset + 1] = value >>> 16;
  bytes[offset + 2] = value >>> 8;
  bytes[offset + 3] = value;
}

export function writeUint16(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = value >>> 8;
  bytes[offset + 1] = value;
}
