// ChannelData: what a bound channel carries, four bytes longer than the data (RFC 8656 §12.4).
//
//   0                   1                   2                   3
//   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  |         Channel Number        |            Length             |
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//  /                       Application Data                        /
//  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
import { DecodeError } from '../../core/index.ts';
import { setUint16, uint16At } from '../stun/header.ts';

export const CHANNEL_DATA_HEADER_BYTES = 4;
/** RFC 8656 §12: the numbers that a client may bind. */
export const FIRST_CHANNEL = 0x4000;
export const LAST_CHANNEL = 0x4fff;
/** RFC 5766 §11: those that older clients bind; a server takes them where nothing but STUN and TURN is on its port. */
export const LAST_OLD_CHANNEL = 0x7fff;

export interface ChannelData {
  /** {@link FIRST_CHANNEL} to {@link LAST_CHANNEL}. */
  readonly channel: number;
  /** A view into the message. */
  readonly data: Uint8Array;
}

/** Whether the first byte is that of ChannelData (RFC 7983 §7). */
export function isChannelData(bytes: Uint8Array): boolean {
  return ((bytes[0] ?? 0) & 0xf0) === 0x40;
}

/** The same for a server, where older clients come with the channels of RFC 5766 §11. */
export function isChannelDataOfClient(bytes: Uint8Array): boolean {
  return ((bytes[0] ?? 0) & 0xc0) === 0x40;
}

/** Reads a whole message; padding may follow the data (§12.5). */
export function decodeChannelData(bytes: Uint8Array): ChannelData | DecodeError {
  if (bytes.length < CHANNEL_DATA_HEADER_BYTES) return bad(`${bytes.length} bytes are no header`, 0);
  if (!isChannelData(bytes)) return bad('the channel is not within 0x4000 to 0x4FFF', 0);
  const length = uint16At(bytes, 2);
  const end = CHANNEL_DATA_HEADER_BYTES + length;
  if (end > bytes.length) return bad(`length ${length} passes the end`, 2);
  return { channel: uint16At(bytes, 0), data: bytes.subarray(CHANNEL_DATA_HEADER_BYTES, end) };
}

/** @param data - at most 65,535 bytes; over TCP the whole is padded to a multiple of four (§12.5), not here */
export function encodeChannelData(channel: number, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(CHANNEL_DATA_HEADER_BYTES + data.length);
  setUint16(bytes, 0, channel);
  setUint16(bytes, 2, data.length);
  bytes.set(data, CHANNEL_DATA_HEADER_BYTES);
  return bytes;
}

function bad(reason: string, offset: number): DecodeError {
  return new DecodeError('TURN_BAD_CHANNEL_DATA', 'ChannelData', reason, offset);
}
