// Reads the Opus packets out of an Ogg file (RFC 7845).
import { DecodeError } from '../../core/index.ts';
import { type DecodedOggPage, decodeOggPage } from './ogg-page.ts';

/** A file's packets and how to play them. All counts of samples are at 48 kHz, a channel. */
export interface OggOpus {
  readonly channels: 1 | 2;
  /** Decoded samples at the beginning that are not to be heard (§4.2). */
  readonly preSkipSamples: number;
  /** To be applied to what is decoded (§5.1); 0 nearly always. */
  readonly gainDb: number;
  /** Length of what is to be heard; what is decoded beyond it is padding (§4.4). Null where the file does not say. */
  readonly durationSamples: number | null;
  /** Copies; never empty. */
  readonly packets: readonly Uint8Array[];
}

const HEAD = 'OpusHead';
const TAGS = 'OpusTags';
const HEAD_BYTES = 19;
/** §5.1: a decoder takes every version whose upper four bits are these. */
const MAJOR_VERSION = 0;
/** §5.1: steps of 1/256 dB. */
const GAIN_STEPS = 256;
const MEND = 'convert it with "opusenc in.wav out.opus"';

export interface ReadOggOpusOptions {
  /** Whether a last page that is cut is left out, as recordings of a computer that lost its power have one. */
  readonly mayBeCut?: boolean;
}

/**
 * Reads a whole file.
 *
 * @returns a DecodeError that says what is wrong and how to mend it. A file without the mark of its end is read as far
 * as it goes; one that is cut within a page, or lacks one, is refused, where not asked for otherwise
 */
export function readOggOpus(
  bytes: Uint8Array,
  { mayBeCut = false }: ReadOggOpusOptions = {},
): OggOpus | DecodeError {
  const stream = new OpusStream();
  for (let offset = 0; offset < bytes.length; ) {
    const page = decodeOggPage(bytes, offset);
    if (mayBeCut && offset > 0 && page instanceof DecodeError && page.code === 'OGG_CUT') break;
    if (page instanceof DecodeError) return offset === 0 && page.code === 'OGG_NO_PAGE' ? notOgg() : page;
    const error = stream.take(page, offset);
    if (error) return error;
    offset += page.sizeBytes;
  }
  return stream.result();
}

/** The Opus stream of a file; pages of other streams between its own are passed over. */
class OpusStream {
  #serialNumber: number | undefined;
  #nextPage = 0;
  #packets: Uint8Array[] = [];
  /** Parts of the packet that the last page left open. */
  #open: Uint8Array[] = [];
  #granulePosition = -1;
  #hasEnded = false;

  take(page: DecodedOggPage, offset: number): DecodeError | undefined {
    const bad = (code: string, reason: string) => new DecodeError(code, 'page', reason, offset);
    if (page.isFirst && startsWith(page.pieces[0], HEAD)) {
      // RFC 3533 §4: a chained stream may differ in channels and gain from the one before.
      if (this.#serialNumber !== undefined) return bad('OGG_CHAINED', `a second recording follows; ${MEND}`);
      this.#serialNumber = page.serialNumber;
      this.#nextPage = page.pageNumber;
    }
    if (page.serialNumber !== this.#serialNumber || this.#hasEnded) return undefined;
    if (page.pageNumber !== this.#nextPage) {
      const reason = `page ${page.pageNumber} follows where ${this.#nextPage} should; part of the file is missing, copy it again`;
      return bad('OGG_GAP', reason);
    }
    this.#nextPage = (this.#nextPage + 1) >>> 0;
    if (page.isContinued !== this.#open.length > 0)
      return bad('OGG_TORN', `a packet is torn between pages; ${MEND}`);
    this.#takePieces(page);
    if (page.granulePosition >= 0) this.#granulePosition = page.granulePosition;
    this.#hasEnded = page.isLast;
    return undefined;
  }

  #takePieces({ pieces, isOpen }: DecodedOggPage): void {
    for (const [i, piece] of pieces.entries()) {
      this.#open.push(piece);
      if (isOpen && i === pieces.length - 1) return;
      this.#packets.push(joined(this.#open));
      this.#open = [];
    }
  }

  result(): OggOpus | DecodeError {
    const [head, tags, ...sound] = this.#packets;
    if (!head) return new DecodeError('OGG_NO_OPUS', 'file', `the file has no Opus in it; ${MEND}`);
    const description = readHead(head);
    if (description instanceof DecodeError) return description;
    if (!startsWith(tags, TAGS)) {
      return new DecodeError('OPUS_NO_TAGS', TAGS, `the second packet is not "${TAGS}"; ${MEND}`);
    }
    const packets = sound.filter((packet) => packet.length > 0);
    if (packets.length === 0) return new DecodeError('OPUS_NO_SOUND', 'file', 'the file has no sound in it');
    const played = this.#granulePosition - description.preSkipSamples;
    return { ...description, durationSamples: this.#hasEnded && played >= 0 ? played : null, packets };
  }
}

// |  "OpusHead"  | version | channels | pre-skip (2) | input rate (4) | gain (2) | mapping family |
function readHead(head: Uint8Array): Pick<OggOpus, 'channels' | 'preSkipSamples' | 'gainDb'> | DecodeError {
  if (head.length < HEAD_BYTES) {
    return new DecodeError(
      'OPUS_HEAD_CUT',
      HEAD,
      `it has ${head.length} bytes, and should have ${HEAD_BYTES}; ${MEND}`,
    );
  }
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const version = view.getUint8(8);
  if (version >> 4 !== MAJOR_VERSION) {
    return new DecodeError(
      'OPUS_VERSION',
      `${HEAD}.version`,
      `it is ${version}, and should be below 16; ${MEND}`,
    );
  }
  const channels = view.getUint8(9);
  const family = view.getUint8(18);
  if (family !== 0 || (channels !== 1 && channels !== 2)) {
    const reason = `${channels} channels of mapping family ${family} cannot be played; ${MEND}, with --downmix-stereo`;
    return new DecodeError('OPUS_CHANNELS', `${HEAD}.channels`, reason);
  }
  const gainDb = view.getInt16(16, true) / GAIN_STEPS;
  return { channels, preSkipSamples: view.getUint16(10, true), gainDb };
}

function notOgg(): DecodeError {
  return new DecodeError(
    'OGG_NO_PAGE',
    'file',
    `this is no Ogg file: it does not begin with "OggS"; ${MEND}`,
    0,
  );
}

function startsWith(packet: Uint8Array | undefined, text: string): boolean {
  if (!packet || packet.length < text.length) return false;
  return [...text].every((character, i) => packet[i] === character.charCodeAt(0));
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
