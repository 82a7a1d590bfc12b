// What dist/ was built from, by content: dates lie after a checkout or a copy.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** The folders that are compiled to dist/. */
export const ROOMS = ['core', 'signaling', 'media', 'nat', 'server', 'softphone', 'cli'];

const ROOT = join(import.meta.dirname, '..');
const PLACES = [...ROOMS, 'scripts'];
const FILES = ['index.ts', 'package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json'];
const STAMP = join(ROOT, 'dist', 'built-from');

/** Whether dist/ is what a build would make. */
export function isBuilt() {
  return existsSync(STAMP) && readFileSync(STAMP, 'utf8') === fingerprint();
}

/** Called when a build has succeeded. */
export function noteBuilt() {
  writeFileSync(STAMP, fingerprint());
}

/** Of all that a build reads, about two megabytes. */
function fingerprint() {
  const hash = createHash('sha256');
  const found = PLACES.flatMap((place) =>
    readdirSync(join(ROOT, place), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(ROOT, join(entry.parentPath, entry.name))),
  );
  for (const path of [...FILES.filter((file) => existsSync(join(ROOT, file))), ...found].sort()) {
    const content = readFileSync(join(ROOT, path));
    hash.update(`${path} ${content.length}\n`).update(content);
  }
  return hash.digest('hex');
}
