// HEP version 3: one captured message for a Homer server.
//
//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   |      "H"      |      "E"      |      "P"      |      "3"      |
//   +---------------+---------------+---------------+---------------+
//   |     length, all included      |  chunks …
//   +-------------------------------+-------------------------------+
//   chunk:
//   |  vendor: 0 for those of HEP   |             type              |
//   +-------------------------------+-------------------------------+
//   |  length, these 6 bytes incl.  |  value …
//   +-------------------------------+-------------------------------+
import { addressBytes, type Endpoint } from '../../core/index.ts';

/** What a payload is: SIP, a report of one RTP stream as JSON, or the text of `application/vq-rtcpxr`. */
export const HEP_PROTOCOLS = { sip: 1, rtpReport: 34, vqRtcpxr: 35 } as const;

/** IANA numbers of what carried it. */
const IP_PROTOCOLS = { udp: 17, tcp: 6 } as const;
/** AF_INET and AF_INET6, as Linux has them. */
const FAMILIES = { ipv4: 2, ipv6: 10 } as const;

/** The length field has 16 bits, and no UDP datagram is longer. */
const MAX_PACKET_BYTES = 65_507;
const HEADER_BYTES = 6;
const CHUNK_HEADER_BYTES = 6;

export interface HepPacket {
  readonly source: Endpoint;
  readonly destination: Endpoint;
  readonly transport: keyof typeof IP_PROTOCOLS;
  /** Milliseconds since 1970, with a fraction: microseconds are told. */
  readonly wallClock: number;
  readonly protocol: keyof typeof HEP_PROTOCOLS;
  /** Number of the node that captured, 32 bits. */
  readonly captureId: number;
  readonly password: string | undefined;
  /** Joins what belongs to one call: its Call-ID. */
  readonly correlationId: string | undefined;
  readonly payload: Uint8Array;
}

/** @returns undefined where it is too long for a packet, or an address is none */
export function encodeHep(packet: HepPacket): Uint8Array | undefined {
  const addresses = addressChunks(packet.source.address, packet.destination.address);
  if (!addresses) return undefined;
  const { captureId, password, correlationId, wallClock, payload } = packet;
  const seconds = Math.floor(wallClock / 1000);
  const chunks = [
    ...addresses,
    chunk(0x02, uint(IP_PROTOCOLS[packet.transport], 1)),
    chunk(0x07, uint(packet.source.port, 2)),
    chunk(0x08, uint(packet.destination.port, 2)),
    chunk(0x09, uint(seconds, 4)),
    chunk(0x0a, uint(Math.floor((wallClock - seconds * 1000) * 1000), 4)),
    chunk(0x0b, uint(HEP_PROTOCOLS[packet.protocol], 1)),
    chunk(0x0c, uint(captureId, 4)),
    ...(password === undefined ? [] : [chunk(0x0e, Buffer.from(password))]),
    ...(correlationId === undefined ? [] : [chunk(0x11, Buffer.from(correlationId))]),
  ];
  const length =
    HEADER_BYTES + chunks.reduce((sum, { length }) => sum + length, 0) + CHUNK_HEADER_BYTES + payload.length;
  if (length > MAX_PACKET_BYTES) return undefined;
  return Buffer.concat([Buffer.from('HEP3'), uint(length, 2), ...chunks, chunk(0x0f, payload)]);
}

/** Both of one family: an IPv4 address in a mixed pair is written as an IPv4-mapped one. */
function addressChunks(source: string, destination: string): readonly Buffer[] | undefined {
  const from = addressBytes(source);
  const to = addressBytes(destination);
  if (!from || !to) return undefined;
  if (from.length === 4 && to.length === 4) {
    return [chunk(0x01, uint(FAMILIES.ipv4, 1)), chunk(0x03, from), chunk(0x04, to)];
  }
  return [chunk(0x01, uint(FAMILIES.ipv6, 1)), chunk(0x05, mapped(from)), chunk(0x06, mapped(to))];
}

/** RFC 4291 §2.5.5.2. */
function mapped(bytes: Uint8Array): Uint8Array {
  if (bytes.length === 16) return bytes;
  return Uint8Array.from([...Array<number>(10).fill(0), 0xff, 0xff, ...bytes]);
}

function chunk(type: number, value: Uint8Array): Buffer {
  return Buffer.concat([uint(0, 2), uint(type, 2), uint(CHUNK_HEADER_BYTES + value.length, 2), value]);
}

function uint(value: number, sizeBytes: 1 | 2 | 4): Buffer {
  const bytes = Buffer.alloc(sizeBytes);
  bytes.writeUIntBE(value, 0, sizeBytes);
  return bytes;
}
