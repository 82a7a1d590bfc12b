// Sound out of recordings, decoded whole.
import { DecodeError, silentLog } from '../../core/index.ts';
import { readOggOpus, type Sound } from '../../media/audio/index.ts';
import { describeOpus, loadCodecs } from '../../media/codec/index.ts';

/** An Ogg Opus file as opusdec would decode it, in as many channels as it has. */
export async function decodeOpus(bytes: Uint8Array): Promise<Sound> {
  const file = readOggOpus(bytes);
  if (file instanceof DecodeError) throw new Error(file.toString());
  const { channels, packets, preSkipSamples, durationSamples } = file;
  const codecs = await loadCodecs({ log: silentLog, names: ['opus'] });
  const codec = await codecs.create(describeOpus({ sampleRateHz: 48_000, soundChannels: channels }));
  const blocks = packets.map((packet) => {
    const pcm = codec.decode(packet);
    if (pcm instanceof DecodeError) throw new Error(pcm.toString());
    return pcm;
  });
  codec.close();
  const all = new Int16Array(blocks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const block of blocks) {
    all.set(block, at);
    at += block.length;
  }
  const end = durationSamples === null ? undefined : (preSkipSamples + durationSamples) * channels;
  return { sampleRateHz: 48_000, channels, pcm: all.subarray(preSkipSamples * channels, end) };
}
