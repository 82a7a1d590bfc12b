// Lets tests import the rooms as they were built, where dist/ is as new as its sources: Node loads that natively, without
// a transformation of each file and a getter at each use of an import. It takes a quarter less time, and proves what ships.
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const ROOMS = ['core', 'signaling', 'media', 'nat', 'server', 'softphone', 'cli'];

/** A plugin for Vite; without a fresh build it does nothing, and the sources are tested as they are. */
export function builtRooms(root) {
  if (!isFresh(root)) return { name: 'built-rooms' };
  return {
    name: 'built-rooms',
    enforce: 'pre',
    resolveId(source, importer) {
      if (!importer || !source.startsWith('.') || !source.endsWith('.ts')) return undefined;
      const path = relative(root, resolve(dirname(importer), source));
      if (path !== 'index.ts' && !ROOMS.includes(path.split('/')[0])) return undefined;
      return { id: builtPath(root, path), external: true };
    },
  };
}

/** All or nothing: a module that came from both places would exist twice. */
function isFresh(root) {
  const sources = ['index.ts', ...ROOMS.flatMap((room) => sourcesIn(root, room))];
  return sources.every((path) => {
    const built = builtPath(root, path);
    return existsSync(built) && statSync(built).mtimeMs >= statSync(join(root, path)).mtimeMs;
  });
}

function sourcesIn(root, room) {
  const paths = readdirSync(join(root, room), { recursive: true });
  return paths.filter((path) => path.endsWith('.ts')).map((path) => join(room, path));
}

function builtPath(root, path) {
  return join(root, 'dist', path.replace(/\.ts$/, '.js'));
}
