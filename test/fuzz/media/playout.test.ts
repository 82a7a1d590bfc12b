// The jitter buffer, and the receiver above it with its comfort noise, under a stream that does what it wants.
import { expect } from 'vitest';
import type { Random } from '../../../core/index.ts';
import {
  G711Codec,
  JitterBuffer,
  type JitterFrame,
  pcmaDescription,
  pcmuDescription,
  VoiceReceiver,
} from '../../../media/index.ts';
import { type Fed, type FuzzTarget, fuzz } from '../support/fuzz.ts';

const COMFORT_NOISE = 13;
const FRAME_MS = 20;

/** A packet of a stream that is mostly in order. */
class HostileStream {
  now = 0;
  #sequence = 1000;
  #timestamp = 0;

  next(payload: Uint8Array, random: Random): JitterFrame {
    const chance = random.uint32() % 100;
    this.now += chance < 2 ? random.uint32() % 5000 : random.uint32() % 40;
    this.#sequence = chance === 3 ? random.uint32() : this.#sequence + (chance < 10 ? (chance % 7) - 3 : 1);
    this.#timestamp = chance === 4 ? random.uint32() : (this.#timestamp + 160) >>> 0;
    return {
      payloadType: [0, 8, COMFORT_NOISE, 77][random.uint32() % (chance < 30 ? 4 : 1)] ?? 0,
      payload,
      timestamp: this.#timestamp,
      extendedSequenceNumber: Math.max(0, this.#sequence),
      ssrc: chance === 5 ? random.uint32() : 1,
      marker: chance < 5,
      arrivedAt: this.now,
      clockRateHz: 8000,
      isRedundant: chance > 95,
      hasFec: chance > 90,
    };
  }
}

function jitterBuffer(): Fed {
  const buffer = new JitterBuffer();
  const stream = new HostileStream();
  return {
    feed: (payload, random) => {
      buffer.push(stream.now, stream.next(payload, random));
      for (let pulls = random.uint32() % 3; pulls > 0; pulls -= 1) {
        const step = buffer.pull(stream.now, { readyMs: 0, isSilent: random.uint32() % 2 === 0 });
        if ('durationMs' in step) expect(step.durationMs).toBeGreaterThan(0);
      }
      const counts = buffer.statistics;
      const values = Object.values(counts).filter((value) => value !== null);
      for (const value of values) expect(Number.isFinite(value)).toBe(true);
      expect(counts.late + counts.duplicate + counts.overflowed).toBeLessThanOrEqual(counts.received);
    },
  };
}

/** RFC 3389 among the frames of a codec. */
function voiceReceiver(): Fed {
  const voice = new VoiceReceiver();
  const codecs = [new G711Codec(pcmuDescription), new G711Codec(pcmaDescription)];
  voice.setCodecs(new Map(codecs.map((codec) => [codec.description.payloadType, codec])), [COMFORT_NOISE]);
  const stream = new HostileStream();
  return {
    feed: (payload, random) => {
      voice.push(stream.now, stream.next(payload, random));
      const expected = (FRAME_MS * voice.sampleRateHz * voice.channels) / 1000;
      expect(voice.read(stream.now, FRAME_MS)).toHaveLength(expected);
    },
  };
}

const sound = new Uint8Array(160).map((_, i) => i);
/** RFC 3389 §3: a level, and ten reflection coefficients. */
const comfortNoise = Uint8Array.of(60, 127, 127, 100, 127, 127, 127, 127, 127, 127, 127);

const TARGETS: readonly FuzzTarget[] = [
  { name: 'jitter buffer', corpus: [sound], open: jitterBuffer },
  { name: 'comfort noise within a voice', corpus: [comfortNoise, sound], open: voiceReceiver },
];

fuzz(TARGETS);
