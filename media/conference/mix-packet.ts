// The packet of a mix before it is any listener's: its payload, who is heard in it, and how loud.
import { mixerLevelBytes, RTP_HEADER_BYTES, writeMixerLevels, writeUint32 } from '../rtp/index.ts';

/** RFC 3550 §5.1: the count has four bits. */
export const MAX_CSRCS = 15;

/** Who contributes to a mix. */
export interface Sources {
  readonly csrcs: readonly number[];
  /** One a source. */
  readonly levelsDbov: readonly number[];
  /** By which the listener knows levels (RFC 6465); 0 where it knows none. */
  readonly levelId: number;
}

export class MixPacket {
  #buffer = new Uint8Array(512);

  /**
   * RFC 3550 §7.1: a mixer lists the sources that contribute.
   *
   * @returns a packet whose marker, type, numbers and SSRC are to be filled in; valid until the next
   */
  build(payload: Uint8Array, { csrcs, levelsDbov, levelId }: Sources): Uint8Array {
    const count = Math.min(csrcs.length, MAX_CSRCS);
    const levelsAt = RTP_HEADER_BYTES + 4 * count;
    const offset = levelsAt + (levelId === 0 ? 0 : mixerLevelBytes(count));
    const length = offset + payload.length;
    if (this.#buffer.length < length) this.#buffer = new Uint8Array(2 * length);
    const bytes = this.#buffer;
    bytes[0] = 0x80 | count;
    for (let i = 0; i < count; i += 1) writeUint32(bytes, RTP_HEADER_BYTES + 4 * i, csrcs[i] ?? 0);
    if (offset > levelsAt) {
      const told = levelsDbov.length > count ? levelsDbov.slice(0, count) : levelsDbov;
      writeMixerLevels(bytes, levelsAt, { id: levelId, levelsDbov: told });
    }
    bytes.set(payload, offset);
    return bytes.subarray(0, length);
  }
}
