// Tones, digits and files as payloads of any format that has a codec here.
import { messageOf, OperationError } from '../../core/index.ts';
import { type AudioSource, atRate, SoundSource } from '../audio/index.ts';
import type { PayloadFormat, ToneName } from '../engine/types.ts';
import { DtmfTones } from '../telephone-event/index.ts';
import type { CodecSource } from '../transcode/codec-source.ts';
import { EncodedSound, ReadyPayloads } from './encoded-sound.ts';
import { type Borrowed, type MadeSound, SoundCache } from './sound-cache.ts';
import { decodeOpusFile, packetsToPass, readSoundFile } from './sound-file.ts';
import { renderTone } from './tones.ts';

/** Hold music of an hour at 16 kHz; what is larger is no announcement, and would take the memory of many calls. */
export const LARGEST_FILE_BYTES = 128 * 2 ** 20;
const CACHE_BYTES = 64 * 2 ** 20;

/** Where files come from: the one thing here that touches the machine. */
export interface FileReader {
  /** Changes with the file, so that what was encoded of an older one is not played. */
  version(path: string): Promise<{ readonly stamp: string; readonly sizeBytes: number }>;
  read(path: string): Promise<Uint8Array>;
}

/** What sounds are asked for: how they go out. */
export interface SoundFormat {
  readonly format: PayloadFormat;
  /** That the party wishes for; Opus goes in 20 ms where no encoder makes that. */
  readonly ptimeMs: number;
}

export class SoundLibrary {
  readonly #codecs: CodecSource;
  readonly #files: FileReader;
  readonly #cache = new SoundCache(CACHE_BYTES);

  constructor(codecs: CodecSource, files: FileReader) {
    this.#codecs = codecs;
    this.#files = files;
  }

  /** @returns undefined where the format has no codec here; otherwise the caller releases it */
  tone(tone: ToneName, as: SoundFormat): Promise<Borrowed | undefined> {
    const render = (sampleRateHz: number) => {
      const pcm = renderTone(tone, sampleRateHz);
      return { source: new SoundSource({ sampleRateHz, channels: 1, pcm }), sizeBytes: pcm.byteLength };
    };
    return this.#cache.borrow(keyOf(`tone ${tone}`, as), () => this.#encode(as, render));
  }

  /** The same for digits as tones, which nobody else will hear. */
  async digits(digits: string, as: SoundFormat): Promise<Borrowed | undefined> {
    const made = await this.#encode(as, (sampleRateHz) => {
      const source = new DtmfTones(sampleRateHz);
      source.push(digits);
      return { source, sizeBytes: 0 };
    });
    return made && { sound: made.sound, release: () => made.sound.close() };
  }

  /**
   * @returns undefined where the format has no codec here; otherwise the caller releases it
   * @throws OperationError `MEDIA_FILE_UNUSABLE`
   */
  async file(path: string, as: SoundFormat): Promise<Borrowed | undefined> {
    return usable(path, async () => {
      const stamp = await this.#stampOf(path);
      return this.#cache.borrow(keyOf(`file ${stamp} ${path}`, as), () => this.#openFile(path, as));
    });
  }

  /** A tone as samples of its own, for whoever mixes it. */
  toneSource(tone: ToneName, sampleRateHz: number): AudioSource {
    return new SoundSource({ sampleRateHz, channels: 1, pcm: renderTone(tone, sampleRateHz) });
  }

  /**
   * The same of a file; the caller closes it.
   *
   * @throws OperationError `MEDIA_FILE_UNUSABLE`
   */
  async fileSource(path: string, sampleRateHz: number): Promise<OpenedFile> {
    return usable(path, async () => {
      await this.#stampOf(path);
      const file = readSoundFile(await this.#files.read(path), path);
      if (file.type === 'wav') return { source: atRate(file.source, sampleRateHz), close: () => {} };
      const decoder = await decodeOpusFile(file.opus, this.#codecs);
      return { source: atRate(decoder, sampleRateHz), close: () => decoder.close() };
    });
  }

  close(): void {
    this.#cache.close();
  }

  async #stampOf(path: string): Promise<string> {
    const { stamp, sizeBytes } = await this.#files.version(path);
    if (sizeBytes > LARGEST_FILE_BYTES) throw new Error(`it has ${sizeBytes} bytes; shorten it`);
    return stamp;
  }

  async #openFile(path: string, as: SoundFormat): Promise<MadeSound | undefined> {
    const file = readSoundFile(await this.#files.read(path), path);
    if (file.type === 'wav') {
      const { source, sizeBytes } = file;
      return this.#encode(as, (rateHz) => ({ source: atRate(source, rateHz), sizeBytes }));
    }
    const { opus } = file;
    const packets = as.format.encoding === 'opus' ? packetsToPass(opus, as.ptimeMs) : undefined;
    if (packets) return { sound: new ReadyPayloads(packets, as.ptimeMs), sourceBytes: 0 };
    const decoder = await decodeOpusFile(opus, this.#codecs);
    const sizeBytes = opus.packets.reduce((sum, { length }) => sum + length, 0);
    const close = () => decoder.close();
    return this.#encode(as, (rateHz) => ({ source: atRate(decoder, rateHz), sizeBytes, close }));
  }

  async #encode(
    { format, ptimeMs }: SoundFormat,
    open: (sampleRateHz: number) => OpenedSource,
  ): Promise<MadeSound | undefined> {
    const codec = await this.#codecs.create(format);
    if (!codec) return undefined;
    const { source, sizeBytes, close } = open(codec.description.sampleRateHz);
    const onClose = () => {
      codec.close();
      close?.();
    };
    return { sound: new EncodedSound({ source, codec, frameMs: ptimeMs, onClose }), sourceBytes: sizeBytes };
  }
}

/** Sound of a file, decoded as it is read. */
export interface OpenedFile {
  readonly source: AudioSource;
  close(): void;
}

async function usable<Value>(path: string, use: () => Promise<Value>): Promise<Value> {
  try {
    return await use();
  } catch (error) {
    const reason = `the file "${path}" cannot be played: ${messageOf(error)}`;
    throw new OperationError('MEDIA_FILE_UNUSABLE', reason, { cause: error });
  }
}

interface OpenedSource {
  readonly source: AudioSource;
  readonly sizeBytes: number;
  close?(): void;
}

function keyOf(what: string, { format, ptimeMs }: SoundFormat): string {
  const { encoding, clockRateHz, channels, formatParameters } = format;
  return JSON.stringify([what, encoding, clockRateHz, channels, formatParameters, ptimeMs]);
}
