// Tells all in a room who comes and goes: tones, or how many they are.
import type { RoomSound } from '../../media/index.ts';
import { type PromptName, type Prompts, peoplePrompts } from './prompts.ts';
import type { RoomSettings } from './types.ts';

export interface AnnouncerOptions {
  readonly announce: RoomSettings['announce'];
  readonly prompts: Prompts;
  /** How many are in the mix. */
  count(): number;
  /** Never rejects. */
  play(sound: RoomSound): Promise<void>;
}

/** One announcement at a time, and one that waits: when many come at once, nobody wants to hear each. */
export class Announcer {
  readonly #options: AnnouncerOptions;
  #next: 'entry' | 'exit' | undefined;
  #isPlaying = false;

  constructor(options: AnnouncerOptions) {
    this.#options = options;
  }

  /** Somebody came or went. */
  tell(what: 'entry' | 'exit'): void {
    if (this.#options.announce === 'none') return;
    this.#next = what;
    if (!this.#isPlaying) void this.#playAll();
  }

  /** A prompt for all. */
  async say(prompt: PromptName): Promise<void> {
    await this.#options.play({ files: [this.#options.prompts.path(prompt)] });
  }

  async #playAll(): Promise<void> {
    this.#isPlaying = true;
    for (let what = this.#take(); what; what = this.#take()) await this.#options.play(this.#soundOf(what));
    this.#isPlaying = false;
  }

  #take(): 'entry' | 'exit' | undefined {
    const next = this.#next;
    this.#next = undefined;
    return next;
  }

  #soundOf(what: 'entry' | 'exit'): RoomSound {
    const { announce, prompts, count } = this.#options;
    if (announce === 'tones') return { tone: what };
    return { files: peoplePrompts(count()).map((prompt) => prompts.path(prompt)) };
  }
}
