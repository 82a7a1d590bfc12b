// What decoding and encoding alone cost here, for the very frames of a room in which everybody talks.
import { silentLog } from '../../../core/index.ts';
import { Mix } from '../../../media/conference/mix.ts';
import { VoiceChain } from '../../../media/conference/voice-chain.ts';
import { type Codec, loadCodecs } from '../../../media/index.ts';
import { type CodecCosts, OPUS } from './contract.ts';

export interface CostsOptions {
  /** Packets of each member. */
  readonly voices: readonly (readonly Uint8Array[])[];
  /** So many of them are mixed, and hear a mix of their own. */
  readonly maxTalkers: number;
}

const FRAMES = 960;
const BEATS = 250;
const BEAT_MS = 20;
const NEVER = new Int32Array(new SharedArrayBuffer(4));

/**
 * By CPU time, for the machine may do other things besides; so nothing else is to run in this process. Once beat by beat
 * every 20 ms, as a bridge works, and once without a rest, as no bridge ever can: caches and clocks make the difference.
 */
export async function measureCosts({ voices, maxTalkers }: CostsOptions): Promise<CodecCosts> {
  const decoders = await makeCodecs(voices.length);
  const encoders = await makeCodecs(maxTalkers);
  const mixes = mixesOf(voices, maxTalkers, decoders);
  const decode = (beat: number) => {
    for (const [member, codec] of decoders.entries()) codec.decode(payloadAt(voices[member], beat));
  };
  const encode = (beat: number) => {
    for (const [talker, codec] of encoders.entries())
      codec.encode(mixes[beat]?.[talker] ?? new Int16Array(FRAMES));
  };
  const measure = (isPaced: boolean) => {
    const cost = { decodeMicroseconds: 0, encodeMicroseconds: 0 };
    const startedAt = performance.now();
    for (let beat = 0; beat < BEATS; beat += 1) {
      const restMs = startedAt + beat * BEAT_MS - performance.now();
      if (isPaced && restMs > 0) Atomics.wait(NEVER, 0, 0, restMs);
      cost.decodeMicroseconds += cpuOf(() => decode(beat)) / BEATS / decoders.length;
      cost.encodeMicroseconds += cpuOf(() => encode(beat)) / BEATS / encoders.length;
    }
    return cost;
  };
  // The compiler warms up in the first.
  measure(false);
  const costs = { hot: measure(false), paced: measure(true) };
  for (const codec of [...decoders, ...encoders]) codec.close();
  return costs;
}

async function makeCodecs(count: number): Promise<readonly Codec[]> {
  const codecs = await loadCodecs({ log: silentLog, names: ['opus'] });
  const description = codecs.find('opus');
  if (!description) throw new Error('there is no Opus here');
  const { formatParameters } = OPUS;
  const made: Codec[] = [];
  for (let i = 0; i < count; i += 1) made.push(await codecs.create({ ...description, formatParameters }));
  return made;
}

/** For each beat what each talker hears: all others, as a room mixes them. */
function mixesOf(
  voices: readonly (readonly Uint8Array[])[],
  maxTalkers: number,
  decoders: readonly Codec[],
): readonly (readonly Int16Array[])[] {
  const chains = voices.slice(0, maxTalkers).map(() => new VoiceChain({}));
  const mixes = chains.map(() => new Mix(1));
  return Array.from({ length: BEATS }, (_, beat) => {
    const heard = chains.map((chain, talker) => {
      const pcm = decoders[talker]?.decode(payloadAt(voices[talker], beat));
      const voice = Float32Array.from(pcm instanceof Int16Array ? pcm : new Int16Array(FRAMES));
      chain.process(voice, 0);
      return voice;
    });
    return mixes.map((mix, listener) => {
      for (let i = 0; i < FRAMES; i += 1) {
        mix.sum[i] = heard.reduce(
          (sum, voice, talker) => (talker === listener ? sum : sum + (voice[i] ?? 0)),
          0,
        );
      }
      return mix.finish().slice();
    });
  });
}

function payloadAt(payloads: readonly Uint8Array[] = [], beat: number): Uint8Array {
  return payloads[beat % payloads.length] ?? new Uint8Array();
}

/** @returns microseconds */
function cpuOf(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}
