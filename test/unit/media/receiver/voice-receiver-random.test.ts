// Whatever a far end sends: sound comes out in exact pieces, and nothing piles up.
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { silentLog } from '../../../../core/index.ts';
import {
  type Codec,
  G711Codec,
  JitterBuffer,
  type JitterFrame,
  loadCodecs,
  opusDescription,
  type PlayingState,
  type PlayoutStep,
  pcmuDescription,
  VoiceReceiver,
} from '../../../../media/index.ts';

/** Notes the most sound that ever waited behind it. */
class WatchedBuffer extends JitterBuffer {
  mostReadyMs = 0;

  override pull(now: number, playing: PlayingState): PlayoutStep {
    this.mostReadyMs = Math.max(this.mostReadyMs, playing.readyMs);
    return super.pull(now, playing);
  }
}

const uint32 = fc.integer({ min: 0, max: 0xffff_ffff });
const garbage = fc.record({
  payloadType: fc.constantFrom(0, 111, 77),
  payload: fc.uint8Array({ maxLength: 400 }),
  timestamp: uint32,
  extendedSequenceNumber: fc.integer({ min: 0, max: 2 ** 40 }),
  ssrc: fc.constantFrom(1, 2),
  marker: fc.boolean(),
  isRedundant: fc.boolean(),
});

let opus: Codec;
let payloads: readonly Uint8Array[];

beforeAll(async () => {
  const registry = await loadCodecs({ names: ['opus'], log: silentLog });
  opus = await registry.create(opusDescription);
  const tone = Int16Array.from({ length: 960 }, (_, i) => 8000 * Math.sin(i / 20));
  payloads = Array.from({ length: 50 }, () => opus.encode(tone));
});

function receive(buffer = new WatchedBuffer()) {
  const voice = new VoiceReceiver({ buffer });
  voice.setCodecs(
    new Map<number, Codec>([
      [111, opus],
      [0, new G711Codec(pcmuDescription)],
    ]),
  );
  return { voice, buffer };
}

function expectExact(voice: VoiceReceiver, now: number, durationMs: number): void {
  const { length } = voice.read(now, durationMs);
  const exact = (durationMs * voice.sampleRateHz * voice.channels) / 1000;
  // There are a hundred thousand of these, and an assertion takes longer than its sound.
  if (length !== exact) expect(length).toBe(exact);
}

describe('VoiceReceiver, whatever comes', () => {
  it('gives exactly as much sound as is asked for, and keeps no pile of it', () => {
    const events = fc.array(
      fc.record({ frames: fc.array(garbage, { maxLength: 3 }), durationMs: fc.constantFrom(5, 10, 20, 60) }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(events, (steps) => {
        const { voice, buffer } = receive();
        let now = 0;
        for (const { frames, durationMs } of steps) {
          for (const frame of frames) voice.push(now, { ...frame, arrivedAt: now, clockRateHz: 48_000 });
          expectExact(voice, now, durationMs);
          now += durationMs;
        }
        // 120 ms of Opus, twice as long by stretching, and what a read left over.
        expect(buffer.mostReadyMs).toBeLessThanOrEqual(300);
      }),
      { numRuns: 40 },
    );
  });

  it('plays on through loss, reordering, doubles and stalls of a stream', () => {
    const fate = fc.record({
      delayMs: fc.oneof({ weight: 8, arbitrary: fc.nat(80) }, { weight: 1, arbitrary: fc.nat(3000) }),
      isLost: fc.boolean(),
      isDoubled: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(fate, { minLength: 50, maxLength: 200 }), (fates) => {
        const { voice, buffer } = receive();
        const arrivals = fates.flatMap(({ delayMs, isLost, isDoubled }, number) => {
          const arrivedAt = 20 * number + delayMs;
          return isLost ? [] : Array.from({ length: isDoubled ? 2 : 1 }, () => opusFrame(number, arrivedAt));
        });
        arrivals.sort((a, b) => a.arrivedAt - b.arrivedAt);
        const endsAt = 20 * fates.length + 4000;
        for (let now = 0; now < endsAt; now += 10) {
          while (arrivals[0] && arrivals[0].arrivedAt <= now)
            voice.push(now, arrivals.shift() as JitterFrame);
          expectExact(voice, now, 10);
        }
        const { received, played, late, duplicate, overflowed } = buffer.statistics;
        expect(played + late + duplicate + overflowed).toBe(received);
        expect(buffer.mostReadyMs).toBeLessThanOrEqual(50);
        expect(voice.statistics.undecodable).toBe(0);
      }),
      { numRuns: 40 },
    );
  });
});

function opusFrame(number: number, arrivedAt: number): JitterFrame {
  return {
    payloadType: 111,
    payload: payloads[number % payloads.length] ?? new Uint8Array(),
    timestamp: (960 * number + 4_000_000_000) % 2 ** 32,
    extendedSequenceNumber: 65_500 + number,
    ssrc: 1,
    marker: false,
    arrivedAt,
    clockRateHz: opusDescription.clockRateHz,
  };
}
