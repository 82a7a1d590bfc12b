// Files that opusenc writes, read and heard: it says for itself how long they are and how they begin.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DecodeError, silentLog } from '../../../core/index.ts';
import { encodeWav, type OggOpus, readOggOpus, type Sound } from '../../../media/audio/index.ts';
import { loadCodecs, opusDescription } from '../../../media/codec/index.ts';
import { makeTone, toneLevelDbov } from '../../support/index.ts';
import { missingPeer, peerPath } from '../../support/peers/require-peer.ts';
import { makeTempFolder } from '../../support/peers/temp-folder.ts';

function encoded(sound: Sound, options: readonly string[]): OggOpus {
  const folder = makeTempFolder('ogg');
  const [wav, opus] = [join(folder.path, 'in.wav'), join(folder.path, 'out.opus')];
  try {
    writeFileSync(wav, encodeWav(sound));
    execFileSync(peerPath('opusenc'), ['--quiet', ...options, wav, opus]);
    const file = readOggOpus(readFileSync(opus));
    if (file instanceof DecodeError) throw new Error(String(file));
    return file;
  } finally {
    folder.remove();
  }
}

/** What is to be heard of the file, mixed to mono by the decoder. */
async function decoded({ packets, preSkipSamples, durationSamples }: OggOpus): Promise<Int16Array> {
  const codecs = await loadCodecs({ log: silentLog, names: ['opus'] });
  const codec = await codecs.create(opusDescription);
  const pcm = packets.flatMap((packet) => {
    const part = codec.decode(packet);
    if (part instanceof DecodeError) throw new Error(part.reason);
    return [...part];
  });
  codec.close();
  return Int16Array.from(pcm).slice(preSkipSamples, preSkipSamples + (durationSamples ?? 0));
}

describe.skipIf(missingPeer('opusenc'))('readOggOpus() with files of opusenc', () => {
  const mono = makeTone({ frequencyHz: 440, clockRateHz: 48_000, durationMs: 3333, levelDbov: -15 });
  const stereo = Int16Array.from({ length: 2 * mono.length }, (_, i) => mono[i >> 1] ?? 0);

  it.each([
    { name: 'mono and 20 ms', channels: 1, pcm: mono, options: [] },
    {
      name: 'stereo and 60 ms at 256 kbit/s',
      channels: 2,
      pcm: stereo,
      options: ['--framesize', '60', '--bitrate', '256'],
    },
    { name: '2.5 ms', channels: 1, pcm: mono, options: ['--framesize', '2.5'] },
    {
      name: 'tags of many pages',
      channels: 1,
      pcm: mono,
      options: ['--comment', `COMMENT=${'x'.repeat(100_000)}`],
    },
  ])('$name: all of the tone is there', async ({ channels, pcm, options }) => {
    const file = encoded({ sampleRateHz: 48_000, channels, pcm }, options);
    expect(file).toMatchObject({ channels, gainDb: 0, durationSamples: mono.length });
    const heard = await decoded(file);
    expect(heard).toHaveLength(mono.length);
    const level = toneLevelDbov(heard.subarray(4800), { frequencyHz: 440, clockRateHz: 48_000 });
    expect(Math.abs(level + 15)).toBeLessThan(1);
  });
});
