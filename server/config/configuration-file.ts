// Reads patchcord.yaml, and knows on which line each value stands.
import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { isMap, isNode, LineCounter, parseDocument } from 'yaml';
import { codeOf, messageOf, UsageError } from '../../core/index.ts';

/** The file that is read where it exists and none is named. */
export const DEFAULT_FILE = 'patchcord.yaml';

/** The file as it was read. */
export interface ConfigurationFile {
  readonly name: string;
  readonly values: Record<string, unknown>;
  /** Line of a value, counted from 1. */
  lineOf(path: readonly PropertyKey[]): number | undefined;
}

/** @throws UsageError where it is no YAML, or was named and is not there */
export function readFile(name: string | undefined): ConfigurationFile {
  const path = name ?? DEFAULT_FILE;
  if (name === undefined && !existsSync(path)) return { name: path, values: {}, lineOf: () => undefined };
  const lines = new LineCounter();
  const document = parseDocument(readText(path), { lineCounter: lines });
  const [fault] = document.errors;
  if (fault) {
    const line = fault.linePos?.[0].line ?? 1;
    throw new UsageError(`${path}:${line}: not YAML: ${fault.message.split('\n', 1)[0]}`);
  }
  if (document.contents !== null && !isMap(document.contents)) {
    throw new UsageError(`${path}: should be "name: value" lines; "patchcord config example" prints some`);
  }
  const values: Record<string, unknown> = document.toJS() ?? {};
  const lineOf = (at: readonly PropertyKey[]) => {
    const node = document.getIn(at, true);
    return isNode(node) && node.range ? lines.linePos(node.range[0]).line : undefined;
  };
  return { name: basename(path), values, lineOf };
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const why = codeOf(error) === 'ENOENT' ? 'does not exist' : `cannot be read: ${messageOf(error)}`;
    throw new UsageError(`the configuration file "${path}" ${why}; name another with --config`, {
      cause: error,
    });
  }
}
