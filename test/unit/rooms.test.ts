// Holds the rules of the design: which room sees which, and that protocol code touches no machine.
import { describe, expect, test } from 'vitest';
import {
  type Import,
  importsOf,
  readSources,
  type SourceFile,
  withoutComments,
} from '../support/source-rules.ts';

/** What each room may import, besides itself: imports point downwards. */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  core: [],
  nat: ['core'],
  signaling: ['core', 'nat'],
  media: ['core', 'nat'],
  server: ['core', 'nat', 'signaling', 'media'],
  softphone: ['core', 'nat', 'signaling', 'media'],
  cli: ['core', 'nat', 'signaling', 'media', 'server', 'softphone'],
};

/** The rooms whose code is sans-I/O. */
const SANS_IO = ['signaling', 'media', 'nat'];

/** The files of those rooms that may touch the machine, each with its reason. */
const SHELLS: readonly { readonly path: string; readonly reason: string }[] = [
  {
    path: 'media/worker/',
    reason: 'threads: starts workers, and runs the engine on their clock and sockets',
  },
  {
    path: 'nat/turn/worker/',
    reason: 'a thread: starts it, and runs the TURN server on its clock and sockets',
  },
  { path: 'media/engine/disk-files.ts', reason: 'reads the announcements that the engine plays' },
  { path: 'media/engine/disk-recordings.ts', reason: 'writes the recordings' },
];

const FORBIDDEN_CODE = [
  { name: 'Date.now', pattern: /\bDate\.now\b/ },
  { name: 'new Date()', pattern: /\bnew Date\(\s*\)/ },
  { name: 'Math.random', pattern: /\bMath\.random\b/ },
  { name: 'performance.now', pattern: /\bperformance\.now\b/ },
  { name: 'timers', pattern: /\b(?:setTimeout|setInterval|setImmediate)\s*\(/ },
  { name: 'process', pattern: /(?<![.\w'])process\.\w/ },
  { name: 'crypto', pattern: /(?<![.\w])crypto\.\w/ },
];

const sources = readSources(Object.keys(ROOMS));
const imports = sources.flatMap(importsOf);

function roomOf(path: string): string | undefined {
  const [first = ''] = path.split('/');
  return first in ROOMS ? first : undefined;
}

/** @returns what is wrong with an import, or undefined */
function faultOf({ from, target }: Import): string | undefined {
  const [own, other] = [roomOf(from), roomOf(target)];
  if (own === undefined || other === undefined) {
    return target.startsWith('test/') ? `${from} imports a test: ${target}` : undefined;
  }
  if (own === other) {
    return target === `${own}/index.ts` ? `${from} imports the index of its own room` : undefined;
  }
  if (!ROOMS[own]?.includes(other)) return `${from}: ${own} must not see ${other}`;
  return target === `${other}/index.ts` ? undefined : `${from} imports ${target} past its index.ts`;
}

/** @returns what of the machine a sans-I/O file touches */
function touchedBy(file: SourceFile): readonly string[] {
  const code = withoutComments(file.text);
  const modules = importsOf(file).filter(({ target }) => target.startsWith('node:'));
  return [
    ...modules.map(({ target }) => `${file.path} imports ${target}`),
    ...FORBIDDEN_CODE.filter(({ pattern }) => pattern.test(code)).map(({ name }) => `${file.path}: ${name}`),
  ];
}

function isShell(path: string): boolean {
  return SHELLS.some(
    (shell) => path === shell.path || (shell.path.endsWith('/') && path.startsWith(shell.path)),
  );
}

describe('the rooms', () => {
  test('are found', () => {
    expect(new Set(sources.map(({ path }) => roomOf(path)))).toContain('signaling');
    expect(imports.length).toBeGreaterThan(100);
  });

  test('import downwards, and each other only through index.ts', () => {
    expect(imports.map(faultOf).filter((fault) => fault !== undefined)).toEqual([]);
  });

  test('signaling, media and nat are sans-I/O: no sockets, no clock, no chance but what is handed in', () => {
    const files = sources.filter(({ path }) => SANS_IO.includes(roomOf(path) ?? '') && !isShell(path));
    expect(files.flatMap(touchedBy)).toEqual([]);
  });
});

test.each(SHELLS)('$path is still a shell: $reason', ({ path }) => {
  const files = sources.filter((file) => file.path.startsWith(path));
  // A shell that touches nothing any more leaves the list.
  if (files.length > 0) expect(files.flatMap(touchedBy)).not.toEqual([]);
});

describe('the rules themselves', () => {
  const faulty = [
    { from: 'core/a.ts', target: 'signaling/index.ts', fault: 'core must not see signaling' },
    { from: 'nat/a.ts', target: 'media/index.ts', fault: 'nat must not see media' },
    { from: 'signaling/a.ts', target: 'media/index.ts', fault: 'signaling must not see media' },
    { from: 'media/a/b.ts', target: 'signaling/index.ts', fault: 'media must not see signaling' },
    { from: 'server/a.ts', target: 'softphone/index.ts', fault: 'server must not see softphone' },
    { from: 'softphone/a.ts', target: 'cli/main.ts', fault: 'softphone must not see cli' },
    { from: 'server/a.ts', target: 'signaling/message/index.ts', fault: 'past its index.ts' },
    { from: 'signaling/a.ts', target: 'core/address.ts', fault: 'past its index.ts' },
    { from: 'signaling/a/b.ts', target: 'signaling/index.ts', fault: 'index of its own room' },
    { from: 'server/a.ts', target: 'test/support/world.ts', fault: 'imports a test' },
  ];
  test.each(faulty)('$from must not import $target', ({ from, target, fault }) => {
    expect(faultOf({ from, target })).toContain(fault);
  });

  test.each([
    { from: 'signaling/a.ts', target: 'nat/index.ts' },
    { from: 'media/a.ts', target: 'core/index.ts' },
    { from: 'media/a/b.ts', target: 'media/c/d.ts' },
    { from: 'cli/a.ts', target: 'softphone/index.ts' },
    { from: 'core/a.ts', target: 'node:net' },
  ])('$from may import $target', (entry) => {
    expect(faultOf(entry)).toBeUndefined();
  });

  test.each([
    `import { a } from './x.ts';`,
    `import type { A } from './x.ts';`,
    `import {\n  a,\n} from './x.ts';`,
    `export * from './x.ts';`,
    `import './x.ts';`,
    `const a = await import('./x.ts');`,
    `type A = import('./x.ts').A;`,
    `new Worker(new URL('./x.ts', import.meta.url));`,
  ])('an import is seen: %s', (text) => {
    expect(importsOf({ path: 'media/a/b.ts', text })).toEqual([
      { from: 'media/a/b.ts', target: 'media/a/x.ts' },
    ]);
  });

  test('a comment is no code, and a string is no comment', () => {
    const text = `// import './x.ts';\n/* Math.random() */ const url = 'http://a'; setTimeout(f, 1);`;
    expect(importsOf({ path: 'nat/a.ts', text })).toEqual([]);
    expect(touchedBy({ path: 'nat/a.ts', text })).toEqual(['nat/a.ts: timers']);
  });

  test.each([
    'import net from "node:net";',
    'const now = Date.now();',
    'const now = new Date();',
    'const chance = Math.random();',
    'performance.now();',
    'setInterval(tick, 20);',
    'setImmediate(tick);',
    'process.nextTick(f);',
    'crypto.getRandomValues(bytes);',
  ])('sans-I/O code must not say %s', (text) => {
    expect(touchedBy({ path: 'media/a.ts', text })).toHaveLength(1);
  });

  test('a method or a word that only looks alike is no fault', () => {
    const text =
      'runtime.setTimer(at, f); this.process.run(); const processing = clock.now(); new Date(wallClock);';
    expect(touchedBy({ path: 'media/a.ts', text })).toEqual([]);
  });
});
