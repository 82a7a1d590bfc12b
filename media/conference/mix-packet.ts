// The packet of a mix before it is any listener's: its payload, and who is heard in it.
import { RTP_HEADER_BYTES, writeUint32 } from '../rtp/index.ts';

/** RFC 3550 §5.1: the count has four bits. */
export const MAX_CSRCS = 15;

export class MixPacket {
  #buffer = new Uint8Array(512);

  /**
   * RFC 3550 §7.1: a mixer lists the sources that contribute.
   *
   * @returns a packet whose marker, type, numbers and SSRC are to be filled in; valid until the next
   */
  build(payload: Uint8Array, csrcs: readonly number[]): Uint8Array {
    const count = Math.min(csrcs.length, MAX_CSRCS);
    const offset = RTP_HEADER_BYTES + 4 * count;
    const length = offset + payload.length;
    if (this.#buffer.length < length) this.#buffer = new Uint8Array(2 * length);
    this.#buffer[0] = 0x80 | count;
    for (let i = 0; i < count; i += 1) writeUint32(this.#buffer, RTP_HEADER_BYTES + 4 * i, csrcs[i] ?? 0);
    this.#buffer.set(payload, offset);
    return this.#buffer.subarray(0, length);
  }
}
