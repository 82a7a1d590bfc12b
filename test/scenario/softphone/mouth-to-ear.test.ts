// How long sound takes from a microphone to a loudspeaker, to the eighth of a millisecond of the world's clock.
// Opus: 20 ms of a frame, 6.5 ms that its encoder looks ahead, 40 ms of buffer, and up to 10 ms to the next beat of playing.
// G.711: 3.75 ms of its concealment (appendix I), and 4 ms of each of two resamplers, for source and sink have 48 kHz here.
import { expect } from 'vitest';
import type { Clock } from '../../../core/index.ts';
import { type AudioSource, SpeechLikeSource } from '../../../media/index.ts';
import { MemorySink } from '../../../softphone/index.ts';
import { expectEmpty, scenario } from '../../support/index.ts';
import { closePhones, connect, testPhone } from './phones.ts';

const RATE_HZ = 48_000;
const PER_MS = RATE_HZ / 1000;
/** What is looked for: speech, two seconds into the call. */
const PIECE = { from: 2000 * PER_MS, length: 800 * PER_MS };
const LONGEST_MS = 200;
const STEP = 6;

/** Gives each frame when its last sample was spoken, and keeps what was said. */
class Mouth implements AudioSource {
  readonly sampleRateHz = RATE_HZ;
  readonly isEnded = false;
  readonly #clock: Clock;
  readonly #voice = new SpeechLikeSource(1, RATE_HZ);
  readonly said: number[] = [];
  startedAt: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  read(pcm: Int16Array): void {
    this.startedAt ??= this.#clock.now() - pcm.length / PER_MS;
    this.#voice.read(pcm);
    this.said.push(...pcm);
  }
}

/** Sounds from the moment at which it is written. */
class Ear extends MemorySink {
  readonly #clock: Clock;
  startedAt: number | undefined;

  constructor(clock: Clock) {
    super(RATE_HZ);
    this.#clock = clock;
  }

  override write(pcm: Int16Array): void {
    this.startedAt ??= this.#clock.now();
    super.write(pcm);
  }
}

/** @returns where the piece is in the sound, at or after `from` */
function find(piece: Int16Array, sound: Int16Array, from: number): number {
  let best = { at: from, correlation: 0 };
  for (let at = from; at < from + LONGEST_MS * PER_MS; at += STEP) {
    let [product, power] = [0, 1];
    for (let i = 0; i < piece.length; i += STEP) {
      product += (piece[i] ?? 0) * (sound[at + i] ?? 0);
      power += (sound[at + i] ?? 0) ** 2;
    }
    const correlation = product / Math.sqrt(power);
    if (correlation > best.correlation) best = { at, correlation };
  }
  return best.at;
}

// Packets come at another moment of the playing beat in each.
for (const { codec, delayMs, atMost } of [
  { codec: 'opus', delayMs: 1, atMost: 77 },
  { codec: 'opus', delayMs: 4, atMost: 77 },
  { codec: 'opus', delayMs: 7, atMost: 77 },
  { codec: 'opus', delayMs: 9.9, atMost: 77 },
  { codec: 'pcmu', delayMs: 1, atMost: 82 },
] as const) {
  scenario(
    `${codec}: mouth to ear is at most ${atMost} ms and the network's ${delayMs}`,
    {},
    async (world) => {
      const [mouths, ears]: [Mouth[], Ear[]] = [[], []];
      const alice = await testPhone(world, 'alice', {
        codecs: [codec],
        makeSource: () => {
          const mouth = new Mouth(alice.host.clock);
          mouths.push(mouth);
          return mouth;
        },
      });
      const bob = await testPhone(world, 'bob', {
        makeSink: async () => {
          const ear = new Ear(bob.host.clock);
          ears.push(ear);
          return ear;
        },
      });
      world.link('alice', 'bob', { delayMs });
      const { outgoing } = await connect(world, alice, bob);
      await world.run(3000);
      outgoing.hangUp();

      await closePhones(world, alice, bob).then(expectEmpty);
      const [mouth, ear] = [mouths[0]!, ears[0]!]; // One call, so one of each.
      const piece = Int16Array.from(mouth.said.slice(PIECE.from, PIECE.from + PIECE.length));
      const headStartMs = ear.startedAt! - mouth.startedAt!; // Both ran.
      const spokenAt = Math.round(PIECE.from - headStartMs * PER_MS);
      const tookMs = (find(piece, ear.pcm, spokenAt) - spokenAt) / PER_MS;
      expect(tookMs - delayMs).toBeGreaterThan(60);
      expect(tookMs - delayMs).toBeLessThanOrEqual(atMost);
    },
  );
}
