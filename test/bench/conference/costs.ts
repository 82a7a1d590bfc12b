// What decoding and encoding alone cost here, for the very frames that the bench sends.
import { silentLog } from '../../../core/index.ts';
import { type Codec, loadCodecs } from '../../../media/index.ts';
import type { CodecCosts } from './contract.ts';

const FRAMES = 960;
const BEATS = 500;

/**
 * Decodes all voices beat by beat, each by a decoder of its own, then encodes the sums, each by an encoder for every
 * voice, as a bridge does. By CPU time, for the machine may do other things besides; so nothing else is to run in this
 * process.
 */
export async function measureCosts(voices: readonly (readonly Uint8Array[])[]): Promise<CodecCosts> {
  const codecs = await loadCodecs({ log: silentLog, names: ['opus'] });
  const description = codecs.find('opus');
  if (!description) throw new Error('there is no Opus here');
  const made: Codec[] = [];
  for (const _ of voices) made.push(await codecs.create(description));
  const mixes = mixesOf(voices, made);
  const decodeMicroseconds = cpuOf(voices.length, (beat, voice) => {
    made[voice]?.decode(payloadOf(voices, voice, beat));
  });
  const encodeMicroseconds = cpuOf(voices.length, (beat, voice) => {
    made[voice]?.encode(mixes[beat] ?? new Int16Array(FRAMES));
  });
  for (const codec of made) codec.close();
  return { decodeMicroseconds, encodeMicroseconds };
}

function mixesOf(
  voices: readonly (readonly Uint8Array[])[],
  codecs: readonly Codec[],
): readonly Int16Array[] {
  return Array.from({ length: BEATS }, (_, beat) => {
    const mix = new Int16Array(FRAMES);
    for (const [voice, codec] of codecs.entries()) {
      const pcm = codec.decode(payloadOf(voices, voice, beat));
      if (!(pcm instanceof Int16Array)) continue;
      for (let i = 0; i < FRAMES; i += 1) mix[i] = (mix[i] ?? 0) + (pcm[i] ?? 0) / voices.length;
    }
    return mix;
  });
}

function payloadOf(voices: readonly (readonly Uint8Array[])[], voice: number, beat: number): Uint8Array {
  const payloads = voices[voice] ?? [];
  return payloads[beat % payloads.length] ?? new Uint8Array();
}

/** @returns microseconds of CPU for each */
function cpuOf(voices: number, work: (beat: number, voice: number) => void): number {
  const before = process.cpuUsage();
  for (let beat = 0; beat < BEATS; beat += 1) {
    for (let voice = 0; voice < voices; voice += 1) work(beat, voice);
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / BEATS / voices;
}
