// Why a data folder cannot be used, for the person who starts a server.
import { codeOf, messageOf, UsageError } from '../../core/index.ts';

/** A file that was to be opened. */
export interface Place {
  readonly dataFolder: string;
  /** Its name within the folder. */
  readonly file: string;
}

/** Stands for the name of the file. */
const FILE = '{file}';

/** One sentence with the mend, for what stops a server at its start. */
export function unusable(place: Place, error: unknown): UsageError {
  const name = sqliteCodeOf(error) ?? codeOf(error) ?? '';
  const [, why, mend] = FAULTS.find(([codes]) => codes.includes(name)) ?? [
    [],
    `cannot be used (${messageOf(error)})`,
    'choose another with --data-folder',
  ];
  return new UsageError(`the data folder "${place.dataFolder}" ${why.replace(FILE, place.file)}; ${mend}`, {
    cause: error,
  });
}

type Fault = readonly [codes: readonly string[], why: string, mend: string];

const FAULTS: readonly Fault[] = [
  [
    ['SQLITE_FULL', 'ENOSPC', 'SQLITE_IOERR'],
    'is on a full disk',
    'free some space or choose another with --data-folder',
  ],
  [
    ['SQLITE_CANTOPEN', 'SQLITE_READONLY', 'SQLITE_PERM', 'EACCES', 'EPERM', 'EROFS'],
    'cannot be read and written',
    'give this user the right to, or choose another with --data-folder',
  ],
  [['ENOTDIR', 'EEXIST', 'ENOENT', 'EISDIR'], 'cannot be made', 'choose another with --data-folder'],
  [['SQLITE_NOTADB', 'SQLITE_CORRUPT'], `holds a damaged ${FILE}`, 'restore it from a copy, or move it away'],
  [['SQLITE_BUSY'], 'is in use by another process', 'stop that one, or choose another with --data-folder'],
];

/** SQLite's name of what went wrong, without its details; undefined where SQLite did not fail. */
export function sqliteCodeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('sqliteCodeName' in error)) return undefined;
  return typeof error.sqliteCodeName === 'string' ? error.sqliteCodeName : undefined;
}
