// A fresh folder for one peer or one test.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TempFolder {
  readonly path: string;
  remove(): void;
}

/** Whoever asked for the folder removes it. */
export function makeTempFolder(purpose: string): TempFolder {
  const path = mkdtempSync(join(tmpdir(), `patchcord-${purpose}-`));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
