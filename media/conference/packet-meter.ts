// What a packet's bytes tell of its loudness before anybody decodes it.
import { SILENCE_DBOV } from '../audio/index.ts';
import { aLaw, muLaw } from '../codec/index.ts';
import { OpusPacket, opusFrameMs } from '../codec/opus-packet.ts';
import type { PayloadFormat } from '../engine/types.ts';
import { isComfortNoise } from '../leg/format-table.ts';
import { G722Loudness } from './g722-loudness.ts';

/**
 * A level in dBov, or what the sender's own detector of voices found; `unknown` where only a decoder can tell, `doubtful`
 * where it found none and one look is due whether it is right.
 */
export type Loudness = number | 'voice' | 'silence' | 'doubtful' | 'unknown';

/** Of one payload type of one member. */
export interface PacketMeter {
  /** How much sound the payload holds. */
  lengthMs(payload: Uint8Array): number;
  loudness(payload: Uint8Array): Loudness;
}

/** RFC 7587 §3.1.3: so few bytes say that nothing follows for a while. */
const LARGEST_DTX_BYTES = 2;
/** RFC 6716 §3.1, table 2: configurations from here on are CELT, which has no detector of voices. */
const FIRST_CELT = 16;
const OVERLOAD_POWER = 32_768 ** 2;
/** The detector of voices hears none in music and tones: one in so many packets without a voice, some two seconds', is decoded. */
const PACKETS_A_LOOK = 100;

/** @returns undefined where the format is no sound that a member may say */
export function meterFor(format: PayloadFormat): PacketMeter | undefined {
  const { encoding, clockRateHz, channels } = format;
  if (isComfortNoise(format)) return comfortNoiseMeter;
  if (encoding === 'opus') return new OpusMeter();
  if (encoding === 'pcmu') return new TableMeter(squaresOf(muLaw.linear));
  if (encoding === 'pcma') return new TableMeter(squaresOf(aLaw.linear));
  if (encoding === 'g722') return new G722Meter();
  return encoding === 'l16' ? new LinearMeter((2 * channels * clockRateHz) / 1000) : undefined;
}

const comfortNoiseMeter: PacketMeter = { lengthMs: () => 0, loudness: () => 'silence' };

class OpusMeter implements PacketMeter {
  readonly #packet = new OpusPacket();
  #voiceless = 0;

  lengthMs(payload: Uint8Array): number {
    return this.#packet.read(payload) ? 0 : this.#packet.frameCount * opusFrameMs(this.#packet.toc);
  }

  loudness(payload: Uint8Array): Loudness {
    if (payload.length <= LARGEST_DTX_BYTES) return 'silence';
    if (this.#packet.read(payload)) return 'silence';
    if (this.#packet.toc >> 3 >= FIRST_CELT) return 'unknown';
    if (this.#packet.hasVoice) return 'voice';
    // The bits are of the first frame alone.
    if (this.#packet.frameCount > 1) return 'unknown';
    this.#voiceless += 1;
    return this.#voiceless % PACKETS_A_LOOK === 0 ? 'doubtful' : 'silence';
  }
}

/** G.711: a byte a sample, whose power a table tells. */
class TableMeter implements PacketMeter {
  readonly #squares: Float64Array;

  constructor(squares: Float64Array) {
    this.#squares = squares;
  }

  lengthMs(payload: Uint8Array): number {
    return payload.length / 8;
  }

  loudness(payload: Uint8Array): number {
    let sum = 0;
    // Both are within their arrays: i by the loop, a byte by its size.
    for (let i = 0; i < payload.length; i += 1) sum += this.#squares[payload[i]!]!;
    return levelOf(sum, payload.length);
  }
}

class LinearMeter implements PacketMeter {
  readonly #bytesPerMs: number;

  constructor(bytesPerMs: number) {
    this.#bytesPerMs = bytesPerMs;
  }

  lengthMs(payload: Uint8Array): number {
    return payload.length / this.#bytesPerMs;
  }

  loudness(payload: Uint8Array): number {
    let sum = 0;
    // Within the payload by the loop: big-endian samples.
    for (let i = 0; i + 1 < payload.length; i += 2) {
      const sample = ((payload[i]! << 24) >> 16) | payload[i + 1]!;
      sum += sample * sample;
    }
    return levelOf(sum, payload.length >> 1);
  }
}

class G722Meter implements PacketMeter {
  readonly #loudness = new G722Loudness();

  lengthMs(payload: Uint8Array): number {
    return payload.length / 8;
  }

  loudness(payload: Uint8Array): number {
    return this.#loudness.measure(payload);
  }
}

function squaresOf(linear: Int16Array): Float64Array {
  return Float64Array.from(linear, (sample) => sample * sample);
}

function levelOf(sumOfSquares: number, samples: number): number {
  if (samples === 0 || sumOfSquares === 0) return SILENCE_DBOV;
  return Math.max(SILENCE_DBOV, 10 * Math.log10(sumOfSquares / samples / OVERLOAD_POWER));
}
