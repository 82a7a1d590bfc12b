// What Opus' in-band FEC wins over concealment, in decibels on the frames that were lost.
import { DecodeError, type Random } from '../../core/index.ts';
import { type Codec, type EncoderSettings, FRAME_MS } from '../../media/index.ts';

/** How near lost frames came to what the decoder gives without loss: signal over error, all frames together. */
export interface FecGain {
  readonly fecSnrDb: number;
  readonly concealmentSnrDb: number;
  /** How much nearer FEC comes. */
  readonly gainDb: number;
  readonly lostFrames: number;
  /** Share of the lost frames of which a copy came. */
  readonly recoveredRatio: number;
}

export interface FecGainOptions {
  /** Makes a codec with a fresh encoder and decoder. */
  readonly create: () => Promise<Codec>;
  /** Mono, at the codec's rate. */
  readonly speech: Int16Array;
  readonly random: Random;
  readonly lossRatio: number;
  /** How often the speech is played, each time with other losses. */
  readonly rounds: number;
  /** Of the encoder; the expected loss is the true one where not given. */
  readonly settings?: Partial<EncoderSettings>;
}

/** The first frames are not lost: both ways would start from nothing. */
const SPARED_FRAMES = 5;

/** Encodes speech once, and decodes it whole, with FEC, and with concealment alone, both with the same losses. */
export async function measureFecGain(options: FecGainOptions): Promise<FecGain> {
  const packets = await encodeSpeech(options);
  const whole = await decodeFrames(options.create, packets, { lost: [], usesFec: false });
  const total = { signal: 0, fec: 0, concealment: 0, lost: 0, recovered: 0 };
  for (let round = 0; round < options.rounds; round += 1) {
    const lost = packets.map((_, i) => options.random.float() < options.lossRatio && i >= SPARED_FRAMES);
    const fec = await decodeFrames(options.create, packets, { lost, usesFec: true });
    const concealment = await decodeFrames(options.create, packets, { lost, usesFec: false });
    for (const [i, frame] of whole.frames.entries()) {
      if (!lost[i]) continue;
      total.lost += 1;
      total.signal += energy(frame, silence);
      total.fec += energy(frame, fec.frames[i] ?? silence);
      total.concealment += energy(frame, concealment.frames[i] ?? silence);
    }
    total.recovered += fec.recovered;
  }
  const fecSnrDb = 10 * Math.log10(total.signal / total.fec);
  const concealmentSnrDb = 10 * Math.log10(total.signal / total.concealment);
  return {
    fecSnrDb,
    concealmentSnrDb,
    gainDb: fecSnrDb - concealmentSnrDb,
    lostFrames: total.lost,
    recoveredRatio: total.recovered / total.lost,
  };
}

async function encodeSpeech({ create, speech, lossRatio, settings }: FecGainOptions): Promise<Uint8Array[]> {
  const codec = await create();
  codec.tune?.({ expectedLossRatio: lossRatio, ...settings });
  const frame = frameSamples(codec);
  const packets: Uint8Array[] = [];
  for (let at = 0; at + frame <= speech.length; at += frame) {
    packets.push(codec.encode(speech.subarray(at, at + frame)));
  }
  codec.close();
  return packets;
}

async function decodeFrames(
  create: () => Promise<Codec>,
  packets: readonly Uint8Array[],
  how: { readonly lost: readonly boolean[]; readonly usesFec: boolean },
): Promise<{ readonly frames: readonly Int16Array[]; readonly recovered: number }> {
  const codec = await create();
  let recovered = 0;
  const frames = packets.map((packet, i) => {
    if (!how.lost[i]) return soundOf(codec.decode(packet));
    const next = how.lost[i + 1] ? undefined : packets[i + 1];
    if (!how.usesFec || !next || !codec.hasFec?.(next)) return codec.conceal(frameSamples(codec));
    recovered += 1;
    return soundOf(codec.recover?.(next, frameSamples(codec)));
  });
  codec.close();
  return { frames, recovered };
}

const silence = new Int16Array();

/** Of the difference between two frames. */
function energy(frame: Int16Array, other: Int16Array): number {
  return frame.reduce((sum, sample, i) => sum + (sample - (other[i] ?? 0)) ** 2, 0);
}

function frameSamples(codec: Codec): number {
  return (codec.description.sampleRateHz * FRAME_MS) / 1000;
}

function soundOf(decoded: Int16Array | DecodeError | undefined): Int16Array {
  if (decoded instanceof Int16Array) return decoded;
  throw new Error(
    `our own packet was refused: ${decoded instanceof DecodeError ? decoded.reason : 'no FEC'}`,
  );
}
