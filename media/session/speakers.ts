// Who is heard in what a mixer sends: its CSRCs (RFC 3550 §7.1), and how loud each is (RFC 6465).
import type { RemoteMedia } from '../engine/types.ts';
import {
  extensionIdOf,
  MIXER_LEVEL_URI,
  RTP_HEADER_BYTES,
  readMixerLevels,
  rtpCsrcCount,
  uint32At,
} from '../rtp/index.ts';
import type { Speaker } from './types.ts';

/** RFC 3550 §5.1: the count has four bits. */
const MAX_CSRCS = 15;

export class Speakers {
  readonly #ssrcs = new Uint32Array(MAX_CSRCS);
  readonly #levelsDbov = new Int8Array(MAX_CSRCS);
  #count = 0;
  #levelCount = 0;
  #levelId = 0;

  setRemote({ extensions }: RemoteMedia): void {
    this.#levelId = extensionIdOf(extensions, MIXER_LEVEL_URI, 'received');
  }

  /** Those of the last packet; fresh. */
  get list(): readonly Speaker[] {
    return Array.from(this.#ssrcs.subarray(0, this.#count), (ssrc, i) => ({
      ssrc,
      levelDbov: i < this.#levelCount ? (this.#levelsDbov[i] ?? null) : null,
    }));
  }

  /** Takes a packet whose header is in order. @returns whether others are heard than before */
  handlePacket(bytes: Uint8Array): boolean {
    const count = rtpCsrcCount(bytes);
    if (count === 0 && this.#count === 0) return false;
    let hasChanged = count !== this.#count;
    for (let i = 0; i < count; i += 1) {
      const ssrc = uint32At(bytes, RTP_HEADER_BYTES + 4 * i);
      if (this.#ssrcs[i] !== ssrc) hasChanged = true;
      this.#ssrcs[i] = ssrc;
    }
    this.#count = count;
    this.#levelCount = this.#levelId > 0 ? readMixerLevels(bytes, this.#levelId, this.#levelsDbov) : 0;
    return hasChanged;
  }
}
