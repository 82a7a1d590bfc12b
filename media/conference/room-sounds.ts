// Sounds that everybody in a room hears: one after the other.
import type { AudioSource } from '../audio/index.ts';
import { BEAT_FRAMES } from './mix.ts';

interface WaitingSound {
  readonly source: AudioSource;
  /** It was played, or never will be. */
  onDone(): void;
}

export class RoomSounds {
  readonly #waiting: WaitingSound[] = [];
  readonly #frame = new Int16Array(BEAT_FRAMES);
  /** As voices are: one kind of array keeps the sums quick. */
  readonly #sound = new Float32Array(BEAT_FRAMES);

  get isPlaying(): boolean {
    return this.#waiting.length > 0;
  }

  /** @returns when it was played, or never will be */
  play(source: AudioSource): Promise<void> {
    return new Promise((onDone) => this.#waiting.push({ source, onDone }));
  }

  /** The next beat of what plays; valid until the next. @returns undefined where nothing does */
  read(): Float32Array | undefined {
    const sound = this.#waiting[0];
    if (!sound) return undefined;
    sound.source.read(this.#frame);
    if (sound.source.isEnded) {
      this.#waiting.shift();
      sound.onDone();
    }
    this.#sound.set(this.#frame);
    return this.#sound;
  }

  close(): void {
    for (const { onDone } of this.#waiting.splice(0)) onDone();
  }
}
