// What an Opus packet says of itself before anything is decoded (RFC 6716 §3).
import { DecodeError } from '../../core/index.ts';

/** RFC 6716 §3.2.5 (R5): no packet holds more sound than this, in milliseconds. */
export const LARGEST_PACKET_MS = 120;

/** RFC 6716 §3.2 (R2): no frame is longer. */
const LARGEST_FRAME_BYTES = 1275;

// RFC 6716 §3.1, table 2: configurations 0 to 11 are SILK, 12 to 15 hybrid, 16 to 31 CELT.
const FIRST_HYBRID = 12;
const FIRST_CELT = 16;
const SILK_MS = [10, 20, 40, 60] as const;
const HYBRID_MS = [10, 20] as const;
const CELT_MS = [2.5, 5, 10, 20] as const;

/**
 * Length of each frame in a packet, in milliseconds: 2.5 to 60.
 *
 * @param toc - first byte of the packet: five bits of configuration, one for stereo, two for the number of frames
 */
export function opusFrameMs(toc: number): number {
  const config = toc >> 3;
  if (config < FIRST_HYBRID) return SILK_MS[config & 3] ?? 0;
  return (config < FIRST_CELT ? HYBRID_MS[config & 1] : CELT_MS[config & 3]) ?? 0;
}

/** Whether the frames hold two channels. */
export function isOpusStereo(toc: number): boolean {
  return (toc & 4) !== 0;
}

/**
 * How one packet after the other is framed. It is read whole before a decoder sees it, so that every engine refuses the
 * same packets for the same reason.
 */
export class OpusPacket {
  /** Frames of the packet read last: 1 to 48, or 0 where it was refused. */
  frameCount = 0;
  /** First byte of the packet read last. */
  toc = 0;
  /** In bytes; 0 stands for silence or loss. */
  firstFrameSize = 0;
  /** The packet read last. */
  bytes: Uint8Array = new Uint8Array();
  #at = 0;
  #end = 0;

  /**
   * Finds the frames of a packet.
   *
   * @param payload - stays the caller's, and must stay as it is until its frames have been used
   * @returns what is wrong with the packet by RFC 6716 §3.4
   */
  read(payload: Uint8Array): DecodeError | undefined {
    this.frameCount = 0;
    this.firstFrameSize = 0;
    if (payload.length === 0) return new DecodeError('OPUS_EMPTY', 'payload', 'the packet is empty');
    this.bytes = payload;
    this.#at = 0;
    this.#end = payload.length;
    this.toc = this.#byte();
    const count = this.#readSizes();
    if (count <= 0) {
      const reason = `the frames of a packet of ${payload.length} bytes do not fit in it`;
      return new DecodeError('OPUS_CORRUPT', 'payload', reason, this.#at);
    }
    this.frameCount = count;
    return undefined;
  }

  /**
   * Whether the first frame carries a copy of the frame before it at a lower bitrate ("LBRR"). The flags are the first
   * symbols of the range coder, each of even chances, and so stand as plain bits in the first byte (RFC 6716 §4.2.3):
   *
   *      0 1 2 3 4 5 6 7
   *     |V|V|V|L|V|V|V|L|    60 ms stereo: three frames' voice activity and LBRR, of the mid and of the side channel
   *     |V|L|V|L|            20 ms stereo
   *     |V|L|                20 ms mono
   */
  get hasLowBitrateCopy(): boolean {
    if (this.frameCount === 0 || this.toc >> 3 >= FIRST_CELT) return false;
    const silkFrames = this.#silkFrames;
    const first = this.#firstByte;
    const mid = first >> (7 - silkFrames);
    const side = isOpusStereo(this.toc) ? first >> (6 - 2 * silkFrames) : 0;
    return ((mid | side) & 1) === 1;
  }

  /** Whether the encoder found a voice in the first frame, by the same bits; CELT has none of them. */
  get hasVoice(): boolean {
    if (this.frameCount === 0 || this.toc >> 3 >= FIRST_CELT) return false;
    const silkFrames = this.#silkFrames;
    const voices = (1 << silkFrames) - 1;
    const mid = this.#firstByte >> (8 - silkFrames);
    const side = isOpusStereo(this.toc) ? this.#firstByte >> (7 - 2 * silkFrames) : 0;
    return ((mid | side) & voices) !== 0;
  }

  get #silkFrames(): number {
    return Math.max(1, opusFrameMs(this.toc) / 20);
  }

  get #firstByte(): number {
    return this.firstFrameSize > 0 ? (this.bytes[this.#at] ?? 0) : 0;
  }

  /** Leaves `#at` at the first frame. @returns the number of frames, 0 where the packet is malformed */
  #readSizes(): number {
    const code = this.toc & 3;
    if (code === 0) return this.#share(1);
    if (code === 1) return this.#share(2);
    if (code === 2) return this.#readEach(2);
    return this.#readCounted();
  }

  /** RFC 6716 §3.2.2, §3.2.3: frames of one size, which the packet's end tells. */
  #share(count: number): number {
    const size = (this.#end - this.#at) / count;
    // R2, R3, R6: at most 1275 bytes each, and no remainder.
    if (size < 0 || size > LARGEST_FRAME_BYTES || !Number.isInteger(size)) return 0;
    this.firstFrameSize = size;
    return count;
  }

  /** RFC 6716 §3.2.4: frames of a size each; the last takes what is left. */
  #readEach(count: number): number {
    let total = 0;
    for (let i = 0; i < count - 1; i += 1) {
      const size = this.#size();
      if (i === 0) this.firstFrameSize = size;
      total += size;
    }
    // R4, R7: every size lies within the packet, and what is left is a frame.
    const last = this.#end - this.#at - total;
    if (last < 0 || last > LARGEST_FRAME_BYTES) return 0;
    if (count === 1) this.firstFrameSize = last;
    return count;
  }

  /** RFC 6716 §3.2.5: `|v|p|     M     |`, then the padding's length, then the sizes where they vary. */
  #readCounted(): number {
    if (this.#at >= this.#end) return 0;
    const head = this.#byte();
    const count = head & 0x3f;
    if (count === 0 || count * opusFrameMs(this.toc) > LARGEST_PACKET_MS) return 0;
    if ((head & 0x40) !== 0) this.#end -= this.#padding();
    if (this.#end < this.#at) return 0;
    return (head & 0x80) === 0 ? this.#share(count) : this.#readEach(count);
  }

  /** RFC 6716 §3.2.5: a byte of 255 stands for 254 bytes of padding and another byte of length. */
  #padding(): number {
    let total = 0;
    let byte = 255;
    while (byte === 255 && this.#at < this.#end) {
      byte = this.#byte();
      total += byte === 255 ? 254 : byte;
    }
    return total;
  }

  /** RFC 6716 §3.2.1: one byte up to 251, else the second times four and the first. */
  #size(): number {
    const first = this.#byte();
    return first < 252 ? first : first + 4 * this.#byte();
  }

  /** The next byte; past the end nothing, and `#at` goes on, so that the sizes no longer fit. */
  #byte(): number {
    const byte = this.bytes[this.#at] ?? 0;
    this.#at += 1;
    return byte;
  }
}
