// What rooms say: our recordings, or those of a configured folder.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Made by scripts/make-prompts.sh, which has their texts. */
export type PromptName =
  | 'enter-pin'
  | 'wrong-pin'
  | 'no-more-tries'
  | 'full'
  | 'locked'
  | 'wait-for-moderator'
  | 'moderator-left'
  | 'conference-over'
  | 'kicked'
  | 'muted'
  | 'unmuted'
  | 'all-muted'
  | 'all-unmuted'
  | 'now-locked'
  | 'now-unlocked'
  | 'recording-on'
  | 'recording-off'
  | 'only-one'
  | 'there-are'
  | 'people'
  | 'more-than'
  | 'menu-confbridge'
  | 'menu-confbridge-moderator'
  | `${number}`;

const OUR_FOLDER = fileURLToPath(new URL('./prompts/en', import.meta.url));
const EXTENSIONS = ['.opus', '.ogg', '.wav'];

/** Finds the file of each prompt: the one of the configured folder where it has one, or else ours. */
export class Prompts {
  readonly #folder: string | undefined;
  readonly #paths = new Map<PromptName, string>();

  constructor(folder: string | undefined) {
    this.#folder = folder;
  }

  path(prompt: PromptName): string {
    const known = this.#paths.get(prompt);
    if (known !== undefined) return known;
    const path = this.#configured(prompt) ?? join(OUR_FOLDER, `${prompt}.opus`);
    this.#paths.set(prompt, path);
    return path;
  }

  #configured(prompt: PromptName): string | undefined {
    const folder = this.#folder;
    if (folder === undefined) return undefined;
    return EXTENSIONS.map((extension) => join(folder, prompt + extension)).find((path) => existsSync(path));
  }
}

/** The largest number that is said. */
const LARGEST = 99;

/** How many are in a room, as prompts. */
export function peoplePrompts(count: number): readonly PromptName[] {
  if (count <= 1) return ['only-one'];
  return ['there-are', ...numberPrompts(count), 'people'];
}

function numberPrompts(count: number): readonly PromptName[] {
  if (count > LARGEST) return ['more-than', ...numberPrompts(LARGEST)];
  if (count <= 20) return [`${count}`];
  const ones = count % 10;
  return ones === 0 ? [`${count}`] : [`${count - ones}`, `${ones}`];
}
