// What lies behind a voice: how loud it is, whether there is only that, and more of it where nothing comes.
import { ACTIVE_DBOV, levelDbov, remix, SILENCE_DBOV } from '../audio/index.ts';
import { type ComfortNoise, ComfortNoiseGenerator } from '../codec/index.ts';

/** How quickly a background that became louder is believed, in decibels a millisecond of sound: 3 dB a second. */
const RISE_DB_PER_MS = 0.003;
/** Sound this little above the background is background. */
const MARGIN_DB = 6;
/** Louder than this is never silence, however steady it is. */
const LOUDEST_SILENCE_DBOV = -40;
/** Noise that we make up ourselves tells that the line lives; it is never loud enough to count as sound. */
const LOUDEST_NOISE_DBOV = ACTIVE_DBOV - 3;
/** Low frequencies prevail: a room hisses less than white noise does. */
const ROOM: readonly number[] = [-0.5];

/** Learns from the frames that arrive. */
export class Background {
  /** The softest level of late; silence before anything came. */
  #floorDbov: number | undefined;
  #isSilent = true;
  /** Whether the far end told it, and sent no sound since. */
  #isTold = false;
  readonly #generator = new ComfortNoiseGenerator();
  #reflection = ROOM;

  /** Whether the last frame held nothing but background. */
  get isSilent(): boolean {
    return this.#isSilent;
  }

  get levelDbov(): number {
    return this.#floorDbov ?? SILENCE_DBOV;
  }

  /** Takes one frame that arrived; `pcm` stays the caller's. */
  measure(pcm: Int16Array, durationMs: number): void {
    const level = levelDbov(pcm);
    const risen = (this.#floorDbov ?? level) + RISE_DB_PER_MS * durationMs;
    this.#floorDbov = Math.min(level, risen);
    const threshold = Math.max(ACTIVE_DBOV, Math.min(this.#floorDbov + MARGIN_DB, LOUDEST_SILENCE_DBOV));
    this.#isSilent = level <= threshold;
    this.#isTold = false;
  }

  /** Takes what the far end tells of its background. */
  adopt({ levelDbov, reflection }: ComfortNoise): void {
    this.#floorDbov = levelDbov;
    this.#reflection = reflection;
    this.#isSilent = true;
    this.#isTold = true;
  }

  /** @returns noise at the level of the background, zeros where that was digital silence; the caller's, interleaved */
  noise(frames: number, channels: number): Int16Array {
    const levelDbov = Math.min(this.levelDbov, this.#isTold ? LOUDEST_SILENCE_DBOV : LOUDEST_NOISE_DBOV);
    this.#generator.update({ levelDbov, reflection: this.#reflection });
    this.#isSilent = true;
    return remix(this.#generator.generate(frames), 1, channels);
  }
}
