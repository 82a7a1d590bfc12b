// Files as sound: WAV, and Ogg Opus, by what they begin with.
import { DecodeError } from '../../core/index.ts';
import { type AudioSource, type OggOpus, parseWav, readOggOpus, SoundSource } from '../audio/index.ts';
import { OpusPacket, opusFrameMs } from '../codec/opus-packet.ts';
import type { PayloadFormat } from '../engine/types.ts';
import type { CodecSource } from '../transcode/codec-source.ts';
import { OpusFileSource } from './opus-file-source.ts';

/** RFC 3533 §6: the first bytes of a page. */
const OGG = 'OggS';
/** RFC 7587 §7; what is in a file needs no more of SDP. */
const OPUS: PayloadFormat = { payloadType: 0, encoding: 'opus', clockRateHz: 48_000, channels: 2 };

/** What a file holds. */
export type SoundFile =
  | { readonly type: 'opus'; readonly opus: OggOpus }
  | { readonly type: 'wav'; readonly source: AudioSource; readonly sizeBytes: number };

/** @throws Error that says what is wrong with the file, and how to mend it */
export function readSoundFile(bytes: Uint8Array, path: string): SoundFile {
  if (!isOgg(bytes)) {
    const sound = parseWav(bytes, path);
    return { type: 'wav', source: new SoundSource(sound), sizeBytes: sound.pcm.byteLength };
  }
  const opus = readOggOpus(bytes);
  if (opus instanceof DecodeError) throw new Error(opus.toString());
  return { type: 'opus', opus };
}

/**
 * The packets of a file that can go to a party as they are.
 *
 * @returns undefined where they must be decoded: they are of another length, or louder or softer than the file asks for
 */
export function packetsToPass(opus: OggOpus, frameMs: number): readonly Uint8Array[] | undefined {
  const packet = new OpusPacket();
  const isAsWished = opus.packets.every(
    (bytes) => !packet.read(bytes) && packet.frameCount * opusFrameMs(packet.toc) === frameMs,
  );
  return isAsWished && opus.gainDb === 0 ? opus.packets : undefined;
}

/** @throws Error where there is no Opus here */
export async function decodeOpusFile(opus: OggOpus, codecs: CodecSource): Promise<OpusFileSource> {
  const codec = await codecs.create(OPUS);
  if (!codec) throw new Error('Opus cannot be decoded here; play a WAV file');
  return new OpusFileSource(opus, codec);
}

function isOgg(bytes: Uint8Array): boolean {
  return [...OGG].every((character, index) => bytes[index] === character.charCodeAt(0));
}
