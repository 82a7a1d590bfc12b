// The pages of an Ogg Opus file as it grows (RFC 7845).
import { encodeOggPage, renumberOggPage } from '../audio/index.ts';

/** What libopus needs to look ahead at 48 kHz: so late is what a decoder gives (RFC 7845 §4.2). */
export const OPUS_PRE_SKIP = 312;
/** RFC 3533 §6: a page has 255 segments of up to 255 bytes. */
const MAX_SEGMENTS = 255;
const VENDOR = 'patchcord';

export interface OggOpusStream {
  readonly serialNumber: number;
  readonly channels: 1 | 2;
  /** `TITLE=alice`. */
  readonly comments: readonly string[];
}

export class OggOpusPages {
  readonly #stream: OggOpusStream;
  #pageNumber = 0;
  #packets: Uint8Array[] = [];
  #segments = 0;
  /** Samples of all packets so far, those on the pages and those that wait. */
  #samples = 0;

  constructor(stream: OggOpusStream) {
    this.#stream = stream;
  }

  /** What a decoder gives of all packets so far, what it is to skip included. */
  get samples(): number {
    return this.#samples;
  }

  /** RFC 7845 §3: the head alone on the first page, the tags alone on the second. */
  head(): readonly Uint8Array[] {
    return [this.#page([this.#headPacket()], 0), this.#page([this.#tagsPacket()], 0)];
  }

  /** @returns pages that had to be closed before the packet, which waits for the next */
  add(packet: Uint8Array, samples: number): readonly Uint8Array[] {
    const segments = Math.floor(packet.length / 255) + 1;
    const full = this.#segments + segments > MAX_SEGMENTS ? this.flush() : [];
    this.#packets.push(packet);
    this.#segments += segments;
    this.#samples += samples;
    return full;
  }

  /**
   * The same small packet over and over: hours of silence are made in the time of a few pages.
   *
   * @returns pages that are full; what is left waits for the next
   */
  addRepeated(packet: Uint8Array, samples: number, count: number): readonly Uint8Array[] {
    const pages = [...this.flush()];
    let left = count;
    let full: Uint8Array | undefined;
    for (; left >= MAX_SEGMENTS; left -= MAX_SEGMENTS) {
      this.#samples += samples * MAX_SEGMENTS;
      full = full ? this.#again(full) : this.#page(new Array(MAX_SEGMENTS).fill(packet), this.#samples);
      pages.push(full);
    }
    for (; left > 0; left -= 1) pages.push(...this.add(packet, samples));
    return pages;
  }

  /** @returns the packets that wait, as a page */
  flush(): readonly Uint8Array[] {
    if (this.#packets.length === 0) return [];
    return [this.#page(this.#takePackets(), this.#samples)];
  }

  /**
   * The last page.
   *
   * @param samples - length of what is to be heard; what is decoded beyond it is left out (RFC 7845 §4.4)
   */
  end(samples: number): Uint8Array {
    return this.#page(this.#takePackets(), OPUS_PRE_SKIP + samples, true);
  }

  #takePackets(): readonly Uint8Array[] {
    const packets = this.#packets;
    this.#packets = [];
    this.#segments = 0;
    return packets;
  }

  /** @returns the next page, with the packets of that one */
  #again(page: Uint8Array): Uint8Array {
    const next = page.slice();
    renumberOggPage(next, { granulePosition: this.#samples, pageNumber: this.#pageNumber });
    this.#pageNumber += 1;
    return next;
  }

  #page(pieces: readonly Uint8Array[], granulePosition: number, isLast = false): Uint8Array {
    const pageNumber = this.#pageNumber;
    this.#pageNumber += 1;
    return encodeOggPage({
      isContinued: false,
      isFirst: pageNumber === 0,
      isLast,
      granulePosition,
      serialNumber: this.#stream.serialNumber,
      pageNumber,
      pieces,
      isOpen: false,
    });
  }

  // |  "OpusHead"  | version | channels | pre-skip (2) | input rate (4) | gain (2) | mapping family |
  #headPacket(): Uint8Array {
    const packet = new Uint8Array(19);
    const view = new DataView(packet.buffer);
    packet.set(new TextEncoder().encode('OpusHead'));
    view.setUint8(8, 1);
    view.setUint8(9, this.#stream.channels);
    view.setUint16(10, OPUS_PRE_SKIP, true);
    view.setUint32(12, 48_000, true);
    return packet;
  }

  // |  "OpusTags"  | size (4) | vendor | count (4) | size (4) | "NAME=value" | ...
  #tagsPacket(): Uint8Array {
    const { comments } = this.#stream;
    const texts = [VENDOR, ...comments].map((text) => new TextEncoder().encode(text));
    const packet = new Uint8Array(12 + texts.reduce((sum, { length }) => sum + 4 + length, 0));
    const view = new DataView(packet.buffer);
    packet.set(new TextEncoder().encode('OpusTags'));
    let at = 8;
    for (const [index, text] of texts.entries()) {
      view.setUint32(at, text.length, true);
      packet.set(text, at + 4);
      at += 4 + text.length;
      if (index > 0) continue;
      view.setUint32(at, comments.length, true);
      at += 4;
    }
    return packet;
  }
}
