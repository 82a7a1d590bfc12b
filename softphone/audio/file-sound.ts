// A sound file in memory, WAV or Ogg Opus, of which any part can be played as often as one likes.
import { readFile, stat } from 'node:fs/promises';
import { DecodeError, messageOf, silentLog, UsageError } from '../../core/index.ts';
import {
  type AudioSource,
  type CodecRegistry,
  describeOpus,
  loadCodecs,
  type OggOpus,
  OpusFileSource,
  opusFrom,
  opusLengthSamples,
  parseWav,
  readOggOpus,
  type Sound,
  SoundSource,
} from '../../media/index.ts';
import { DeferredSource } from './deferred-source.ts';

const LARGEST_FILE_BYTES = 512 * 1024 * 1024;
const OPUS_RATE_HZ = 48_000;

/** What is played of it; all where not given. */
export interface Excerpt {
  readonly fromMs?: number;
  readonly durationMs?: number;
}

/** A source that gives back what it holds. */
export type FileSource = AudioSource & { close?(): void };

/** What is the same of both formats. */
export interface FileSound {
  readonly format: 'wav' | 'opus';
  readonly sampleRateHz: number;
  readonly channels: number;
  readonly durationMs: number;
  readonly sizeBytes: number;
  /** Each gives the sound from its beginning. Whoever asked for it closes it. */
  source(excerpt?: Excerpt): FileSource;
}

/**
 * Reads and checks a file; a recording that was cut off is read as far as it goes.
 *
 * @param place - what the file is called in an error: `--play greeting.opus`
 * @throws UsageError that says what is wrong and how to mend it
 */
export async function openFileSound(path: string, place: string): Promise<FileSound> {
  const bytes = await readBytes(path, place);
  const isOgg = new TextDecoder('latin1').decode(bytes.subarray(0, 4)) === 'OggS';
  return isOgg ? openOpus(bytes, place) : openWav(bytes, place);
}

async function readBytes(path: string, place: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(path);
    if (size <= LARGEST_FILE_BYTES) return await readFile(path);
    const megabytes = Math.round(size / 1024 / 1024);
    throw new UsageError(
      `${place}: the file has ${megabytes} MB, at most 512 MB are read; cut it with "sox in.wav out.wav trim 0 3600"`,
    );
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(
      `${place}: the file cannot be read (${messageOf(error)}); name a WAV file, or one of Ogg Opus`,
      {
        cause: error,
      },
    );
  }
}

function openWav(bytes: Uint8Array, place: string): FileSound {
  const sound = parseWav(bytes, place);
  const { sampleRateHz, channels, pcm } = sound;
  const durationMs = (pcm.length / channels / sampleRateHz) * 1000;
  const source = (excerpt: Excerpt = {}) =>
    new SoundSource({ ...sound, pcm: excerptOf(sound, excerpt) }, channels === 2 ? 2 : 1);
  return { format: 'wav', sampleRateHz, channels, durationMs, sizeBytes: bytes.length, source };
}

function excerptOf({ pcm, channels, sampleRateHz }: Sound, { fromMs = 0, durationMs }: Excerpt): Int16Array {
  const samplesOf = (ms: number) => Math.round((ms * sampleRateHz) / 1000) * channels;
  const end = durationMs === undefined ? undefined : samplesOf(fromMs + durationMs);
  return pcm.subarray(samplesOf(fromMs), end);
}

async function openOpus(bytes: Uint8Array, place: string): Promise<FileSound> {
  const opus = readOggOpus(bytes, { mayBeCut: true });
  if (opus instanceof DecodeError) throw new UsageError(`${place}: ${opus.toString()}`);
  const codecs = await loadCodecs({ log: silentLog, names: ['opus'] });
  if (!codecs.find('opus')) throw new UsageError(`${place}: Opus cannot be decoded here; name a WAV file`);
  const durationMs = (opusLengthSamples(opus) * 1000) / OPUS_RATE_HZ;
  const { channels } = opus;
  const source = (excerpt: Excerpt = {}) =>
    new DeferredSource(OPUS_RATE_HZ, decode(codecs, opusExcerpt(opus, excerpt)));
  return {
    format: 'opus',
    sampleRateHz: OPUS_RATE_HZ,
    channels,
    durationMs,
    sizeBytes: bytes.length,
    source,
  };
}

function opusExcerpt(opus: OggOpus, { fromMs = 0, durationMs }: Excerpt): OggOpus {
  const part = opusFrom(opus, Math.round((fromMs * OPUS_RATE_HZ) / 1000));
  if (durationMs === undefined) return part;
  const samples = Math.round((durationMs * OPUS_RATE_HZ) / 1000);
  return { ...part, durationSamples: Math.min(samples, part.durationSamples ?? samples) };
}

async function decode(codecs: CodecRegistry, opus: OggOpus): Promise<OpusFileSource> {
  const description = describeOpus({ sampleRateHz: OPUS_RATE_HZ, soundChannels: 1 });
  return new OpusFileSource(opus, await codecs.create(description));
}
