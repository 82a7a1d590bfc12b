// Cuts the bytes of a TCP or TLS connection into STUN messages and ChannelData (RFC 8489 §6.2.2, RFC 8656 §12.5).
import { DecodeError } from '../../core/index.ts';
import { HEADER_BYTES, MAGIC_COOKIE, uint16At, uint32At } from './header.ts';

/**
 * Largest frame that a connection may carry unless its owner says otherwise: far more than any packet of sound, and so
 * little that ten thousand connections that never finish one hold no more than 160 MB.
 */
export const MAX_FRAME_BYTES = 16_384;

const CHANNEL_HEADER_BYTES = 4;
const FIRST_CHANNEL_BYTE = 0x40;
const LAST_CHANNEL_BYTE = 0x4f;
// RFC 5766 §11: 0x4000 to 0x7FFF.
const LAST_OLD_CHANNEL_BYTE = 0x7f;
const FIRST_ROOM_BYTES = 2048;
const EMPTY = new Uint8Array(0);

/**
 * Sans-I/O framer of one connection. After every `push`, call `next` until it returns undefined.
 *
 * Holds at most one frame and what was pushed last.
 */
export class StunStreamFramer {
  readonly #maxFrameBytes: number;
  readonly #lastChannelByte: number;
  /** Bytes from #start to #end are not consumed. */
  #buffer: Uint8Array = EMPTY;
  #start = 0;
  #end = 0;
  /** Whether #buffer was made here, and may be written to. */
  #isOwn = false;
  #fault: DecodeError | undefined;

  /** @param options - `takesOldChannels`: also the channels that RFC 5766 had, 0x5000 to 0x7FFF */
  constructor(options: { readonly maxFrameBytes?: number; readonly takesOldChannels?: boolean } = {}) {
    this.#lastChannelByte = options.takesOldChannels ? LAST_OLD_CHANNEL_BYTE : LAST_CHANNEL_BYTE;
    this.#maxFrameBytes = options.maxFrameBytes ?? MAX_FRAME_BYTES;
  }

  /** Bytes that wait for the rest of their frame. */
  get bufferedBytes(): number {
    return this.#end - this.#start;
  }

  /**
   * Takes what the connection received. The bytes are read until `next` returns undefined and never after: what is left
   * of them is copied then.
   */
  push(bytes: Uint8Array): void {
    if (this.#fault || bytes.length === 0) return;
    if (this.#start === this.#end) {
      this.#buffer = bytes;
      this.#start = 0;
      this.#end = bytes.length;
      this.#isOwn = false;
    } else this.#append(bytes);
  }

  /**
   * The next frame, a view that is valid until the next `push`: a STUN message, or ChannelData without its padding. Its
   * first byte tells which (`demultiplex()`). Undefined where its rest has yet to come.
   *
   * A `DecodeError` is fatal: nobody knows where the next frame starts, so the connection is to be closed.
   */
  next(): Uint8Array | DecodeError | undefined {
    if (this.#fault) return this.#fault;
    const frameBytes = this.#frameBytes();
    if (frameBytes instanceof DecodeError) return this.#fail(frameBytes);
    // RFC 8656 §12.5: over TCP the next frame starts at a multiple of four bytes.
    const paddedBytes = frameBytes === undefined ? undefined : (frameBytes + 3) & ~3;
    if (frameBytes === undefined || paddedBytes === undefined || this.bufferedBytes < paddedBytes) {
      this.#keepRest();
      return undefined;
    }
    const frame = this.#buffer.subarray(this.#start, this.#start + frameBytes);
    this.#start += paddedBytes;
    return frame;
  }

  /** Length of the frame at #start, without padding, as soon as its header tells. */
  #frameBytes(): number | DecodeError | undefined {
    const first = this.#buffer[this.#start];
    if (this.bufferedBytes === 0 || first === undefined) return undefined;
    if (first >= FIRST_CHANNEL_BYTE && first <= this.#lastChannelByte) return this.#channelDataBytes();
    if (first > 3) return bad('frame', `0x${first.toString(16)} begins neither STUN nor ChannelData`);
    return this.#stunBytes();
  }

  #channelDataBytes(): number | DecodeError | undefined {
    if (this.bufferedBytes < CHANNEL_HEADER_BYTES) return undefined;
    return this.#within(CHANNEL_HEADER_BYTES + uint16At(this.#buffer, this.#start + 2));
  }

  #stunBytes(): number | DecodeError | undefined {
    if (this.bufferedBytes < 8) return undefined;
    const length = uint16At(this.#buffer, this.#start + 2);
    if (length % 4 !== 0) return bad('STUN length', `${length} is not a multiple of 4`);
    // Whatever is no STUN is found out before its length is waited for.
    if (uint32At(this.#buffer, this.#start + 4) !== MAGIC_COOKIE) {
      return bad('STUN magic cookie', 'is not 0x2112A442');
    }
    return this.#within(HEADER_BYTES + length);
  }

  #within(frameBytes: number): number | DecodeError {
    if (frameBytes <= this.#maxFrameBytes) return frameBytes;
    const reason = `${frameBytes} bytes are more than the ${this.#maxFrameBytes} that one may have`;
    return new DecodeError('STUN_FRAME_TOO_LARGE', 'frame', reason);
  }

  #append(bytes: Uint8Array): void {
    const pending = this.bufferedBytes;
    if (this.#end + bytes.length > this.#buffer.length || !this.#isOwn) {
      // Doubling keeps the copying linear in what was received, however small the pieces.
      this.#move(Math.max(2 * (pending + bytes.length), FIRST_ROOM_BYTES));
    }
    this.#buffer.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  #keepRest(): void {
    if (this.#start === this.#end) this.#release();
    else if (!this.#isOwn) this.#move(Math.max(this.bufferedBytes, FIRST_ROOM_BYTES));
  }

  #move(roomBytes: number): void {
    const room = new Uint8Array(roomBytes);
    room.set(this.#buffer.subarray(this.#start, this.#end));
    this.#end -= this.#start;
    this.#start = 0;
    this.#buffer = room;
    this.#isOwn = true;
  }

  #fail(fault: DecodeError): DecodeError {
    this.#fault = fault;
    this.#release();
    return fault;
  }

  #release(): void {
    this.#buffer = EMPTY;
    this.#start = 0;
    this.#end = 0;
    this.#isOwn = false;
  }
}

/** ChannelData as it goes over a stream: padded with zeros (RFC 8656 §12.5). The bytes as they are where none is due. */
export function padForStream(channelData: Uint8Array): Uint8Array {
  if (channelData.length % 4 === 0) return channelData;
  const padded = new Uint8Array((channelData.length + 3) & ~3);
  padded.set(channelData);
  return padded;
}

function bad(place: string, reason: string): DecodeError {
  return new DecodeError('STUN_BAD_FRAME', place, reason);
}
