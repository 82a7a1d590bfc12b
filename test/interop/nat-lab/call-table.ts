// What calls through NATs came to, for people.
import type { CandidateType } from '../../../nat/index.ts';
import type { CallReport } from '../../../softphone/index.ts';

/** One call, in the words of the table. */
export interface CallRow {
  readonly caller: string;
  readonly callee: string;
  readonly path: CallReport['path'];
  readonly answeredMs: number | null;
  /** From the answer to the first sound, at the caller and the callee. */
  readonly firstSoundMs: readonly [caller: number, callee: number];
  readonly roundTripMs: number | null;
}

const COLUMNS: readonly { readonly title: string; readonly textOf: (row: CallRow) => string }[] = [
  { title: "caller's NAT", textOf: ({ caller }) => caller },
  { title: "callee's NAT", textOf: ({ callee }) => callee },
  { title: 'path', textOf: ({ path }) => pathText(path) },
  { title: 'answered', textOf: ({ answeredMs }) => milliseconds(answeredMs) },
  { title: 'first sound', textOf: ({ firstSoundMs }) => firstSoundMs.map(milliseconds).join(', ') },
  // After the answer, as the first sound.
  { title: 'path found', textOf: ({ path }) => milliseconds(path?.setupMs ?? null) },
  { title: 'round trip', textOf: ({ roundTripMs }) => milliseconds(roundTripMs) },
];

/** Prints it beside the results of the tests. */
export function printCallTable(rows: readonly CallRow[]): void {
  const calls = rows.map((row) => COLUMNS.map(({ textOf }) => textOf(row)));
  // Calls at once end in any order.
  const lines = [COLUMNS.map(({ title }) => title), ...calls.sort((a, b) => (a.join() < b.join() ? -1 : 1))];
  const widths = COLUMNS.map((_, i) => Math.max(...lines.map((cells) => cells[i]?.length ?? 0)));
  const text = lines.map((cells) =>
    cells
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  process.stderr.write(`\n${text.join('\n')}\n\n`);
}

function milliseconds(value: number | null): string {
  return value === null ? '-' : `${Math.round(value)} ms`;
}

/** As candidates name them (RFC 8839 §5.1). */
const TYPES: Readonly<Record<CandidateType, string>> = {
  host: 'host',
  serverReflexive: 'srflx',
  peerReflexive: 'prflx',
  relayed: 'relay',
};

function pathText(path: CallReport['path']): string {
  if (!path) return '-';
  const { kind, localType, remoteType } = path;
  return localType && remoteType ? `${kind} (${TYPES[localType]} to ${TYPES[remoteType]})` : kind;
}
