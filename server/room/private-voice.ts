// What one caller alone hears: prompts, tones, hold music. Something newer ends what is older.
import { codeOf, type Log, messageOf } from '../../core/index.ts';
import type { MediaEngine } from '../../media/index.ts';
import type { PromptName, Prompts } from './prompts.ts';

export interface PrivateVoiceOptions {
  readonly media: Pick<MediaEngine, 'playFile' | 'stopPlaying'>;
  readonly log: Log;
  readonly prompts: Prompts;
  readonly legId: number;
}

export class PrivateVoice {
  readonly #options: PrivateVoiceOptions;
  /** Who spoke last. */
  #turn = {};
  #isPlaying = false;

  constructor(options: PrivateVoiceOptions) {
    this.#options = options;
  }

  /** Resolves when all was said, or something newer began. Never rejects: the call may be over. */
  async say(...prompts: readonly PromptName[]): Promise<void> {
    await this.sayAndHold(prompts, undefined);
  }

  /** Prompts, and then a file over and over. */
  async sayAndHold(prompts: readonly PromptName[], music: string | undefined): Promise<void> {
    this.stop();
    const turn = this.#turn;
    this.#isPlaying = true;
    for (const prompt of prompts) {
      await this.#play(this.#options.prompts.path(prompt), false);
      if (this.#turn !== turn) return;
    }
    if (music !== undefined) await this.#play(music, true);
    if (this.#turn === turn) this.#isPlaying = false;
  }

  /** Ends whatever is played. */
  stop(): void {
    const wasPlaying = this.#isPlaying;
    this.#turn = {};
    this.#isPlaying = false;
    if (!wasPlaying) return;
    const { media, legId } = this.#options;
    media.stopPlaying(legId).catch(() => {}); // Only a closed leg refuses, and it plays nothing.
  }

  async #play(path: string, loop: boolean): Promise<void> {
    const { media, legId, log } = this.#options;
    await media.playFile(legId, { path, loop }).catch((error: unknown) => {
      const fields = { file: path, legId, reason: messageOf(error) };
      // Otherwise the caller has hung up.
      if (codeOf(error) === 'MEDIA_FILE_UNUSABLE') log.warn(fields, 'prompt not played');
      else log.debug(fields, 'prompt not played');
    });
  }
}
