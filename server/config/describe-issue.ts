// Says in a sentence what is wrong with a configuration.
import type { z } from 'zod';
import { nearestName } from './nearest.ts';
import { knownNamesAt } from './schema.ts';

type Issue = z.core.$ZodIssue;

/** What is wrong, and the place of it. */
export interface Said {
  readonly path: readonly PropertyKey[];
  readonly text: string;
}

/** Puts what the schema found into a sentence: the value, and what it should be. */
export function describeIssue(issue: Issue, raw: unknown): Said {
  const { path } = issue;
  if (issue.code === 'unrecognized_keys') return unknownName([...path, issue.keys[0] ?? '']);
  if (issue.code === 'invalid_key') {
    const what = path[0] === 'rooms' ? 'room name' : 'user name';
    return { path, text: `is no ${what}; it ${issue.issues[0]?.message ?? 'should be another'}` };
  }
  if (issue.code === 'invalid_union') return describeUnion(issue, raw);
  const value = valueAt(raw, path);
  if (value === undefined) return { path, text: missing(path) };
  return { path, text: `is ${shown(path, value)}; it ${expectation(issue)}` };
}

/** Of the forms that a value may have, the one that came furthest knows best what is wrong. */
function describeUnion(issue: Extract<Issue, { code: 'invalid_union' }>, raw: unknown): Said {
  const tries = issue.errors.flatMap((issues) => issues.slice(0, 1));
  const value = valueAt(raw, issue.path);
  const deepest = tries
    .filter((one) => one.code !== 'invalid_type' && one.code !== 'invalid_value')
    .toSorted((a, b) => b.path.length - a.path.length)[0];
  if (deepest) return describeIssue({ ...deepest, path: [...issue.path, ...deepest.path] }, raw);
  return {
    path: issue.path,
    text: `is ${shown(issue.path, value)}; "patchcord config example" shows what it can be`,
  };
}

function unknownName(path: readonly PropertyKey[]): Said {
  const known = knownNamesAt(path.slice(0, -1));
  const meant = nearestName(String(path.at(-1)), known);
  const mend = meant === undefined ? `known here: ${known.join(', ')}` : `did you mean "${meant}"?`;
  return { path, text: `is not known; ${mend}` };
}

function missing(path: readonly PropertyKey[]): string {
  const [first, name, last] = path;
  if (first === 'users' && last === 'password') {
    return `is missing; add one, or leave the user out and run "patchcord user add ${String(name)}"`;
  }
  return 'is missing; add it';
}

function expectation(issue: Issue): string {
  if (issue.code === 'custom' || issue.code === 'invalid_format') return issue.message;
  if (issue.code === 'too_small') return `should be at least ${issue.minimum}${unitOf(issue.origin)}`;
  if (issue.code === 'too_big') return `should be at most ${issue.maximum}${unitOf(issue.origin)}`;
  if (issue.code === 'invalid_value') return `should be one of ${issue.values.join(', ')}`;
  if (issue.code === 'invalid_type' && isSecret(issue.path)) return issue.message;
  if (issue.code === 'invalid_type') return `should be ${TYPE_NAMES[issue.expected] ?? issue.expected}`;
  return issue.message;
}

function unitOf(origin: string): string {
  return origin === 'string' ? ' characters long' : '';
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  int: 'a whole number',
  number: 'a number',
  string: 'text',
  boolean: 'true or false',
  array: 'a list',
  object: 'a block of "name: value" lines',
  record: 'a block of "name: value" lines',
};

function valueAt(raw: unknown, path: readonly PropertyKey[]): unknown {
  let value = raw;
  for (const part of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Reflect.get(value, part);
  }
  return value;
}

/** Names whose values nobody is to see in a log. */
export const SECRETS: ReadonlySet<unknown> = new Set(['password', 'pin', 'moderatorPin', 'secret']);

function isSecret(path: readonly PropertyKey[]): boolean {
  return SECRETS.has(path.at(-1));
}

/** A password is never shown. */
function shown(path: readonly PropertyKey[], value: unknown): string {
  if (isSecret(path)) return 'not usable';
  const hide = (key: string, inner: unknown) => (SECRETS.has(key) ? '…' : inner);
  const text = JSON.stringify(value, hide) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
