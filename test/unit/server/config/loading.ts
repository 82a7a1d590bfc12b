// Configurations as text, and what is said where one is refused.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../../../../core/index.ts';
import { type Configuration, loadConfiguration } from '../../../../server/config/index.ts';

interface OtherPlaces {
  readonly flags?: Record<string, string>;
  readonly environment?: Record<string, string>;
}

/** Loads text as a file of the folder. */
export function loaderIn(folder: () => string) {
  return (text: string, more: OtherPlaces = {}): Configuration => {
    const file = join(folder(), 'patchcord.yaml');
    writeFileSync(file, text);
    return loadConfiguration({ file, ...more });
  };
}

/** @returns the message of the UsageError */
export function refusal(load: () => unknown): string {
  try {
    load();
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  throw new Error('nothing was refused');
}
