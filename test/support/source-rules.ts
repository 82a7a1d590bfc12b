// Reads the project's own sources, for the test that holds the rules of the rooms.
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';

/** One source file, its path relative to the root of the repository, with `/`. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** An import of whatever kind (static, dynamic, of types, of a worker's file). */
export interface Import {
  readonly from: string;
  /** A path from the root of the repository where the import is relative, else the name as written. */
  readonly target: string;
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The TypeScript sources below the given folders; a folder that is absent has none. */
export function readSources(folders: readonly string[]): readonly SourceFile[] {
  return folders.flatMap((folder) =>
    readFolder(folder)
      .filter((path) => /\.[cm]?tsx?$/.test(path))
      .map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') })),
  );
}

function readFolder(folder: string): readonly string[] {
  let entries: { name: string; isDirectory(): boolean }[];
  try {
    entries = readdirSync(join(ROOT, folder), { withFileTypes: true });
  } catch {
    return [];
  }
  return entries.flatMap((entry) => {
    const path = posix.join(folder, entry.name);
    return entry.isDirectory() ? readFolder(path) : [path];
  });
}

/** All imports of a file. */
export function importsOf(file: SourceFile): readonly Import[] {
  const pattern = /(?:\bfrom\s*|\bimport\s*\(\s*|\bimport\s+|\bnew URL\(\s*)(['"`])([^'"`\n]+)\1/g;
  return [...withoutComments(file.text).matchAll(pattern)].map(([, , name = '']) => ({
    from: file.path,
    target: name.startsWith('.') ? posix.join(posix.dirname(file.path), name) : name,
  }));
}

/** The code alone; strings stay, line breaks too. */
export function withoutComments(text: string): string {
  const pattern = /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|\/\/[^\n]*|\/\*.*?\*\//gs;
  return text.replace(pattern, (match) => (match.startsWith('/') ? match.replace(/[^\n]/g, '') : match));
}
