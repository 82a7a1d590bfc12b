// patchcord records: who called whom.
import type { Command } from 'commander';
import { UsageError } from '../core/index.ts';
import type { CallRecord } from '../server/index.ts';
import { addServerOptions, type ServerFlags, withStore } from './server-options.ts';

interface RecordFlags extends ServerFlags {
  readonly json?: boolean;
  readonly limit: string;
}

const HELP = `
A running server writes a record within a second of its call's end. Columns are Asterisk's.

  patchcord records --limit 5
  patchcord records --json`;

export function register(program: Command): void {
  const command = program.command('records').description('show call records, the latest first');
  addServerOptions(command, ['data-folder'])
    .option('--limit <count>', 'so many at most', '20')
    .option('--json', 'one JSON object a line, with the quality of both legs')
    .addHelpText('after', HELP)
    .action(show);
}

function show(flags: RecordFlags): void {
  const limit = Number(flags.limit);
  if (!/^\d{1,9}$/.test(flags.limit) || limit < 1) {
    throw new UsageError(`--limit is "${flags.limit}"; it should be a whole number from 1`);
  }
  const records = withStore(flags, (store) => store.records(limit));
  for (const record of records) {
    process.stdout.write(`${flags.json ? JSON.stringify(record) : describe(record)}\n`);
  }
}

function describe(record: CallRecord): string {
  const { start, src, dst, lastDst, disposition, billsec, reason, recordings } = record;
  const callee = dst === lastDst ? dst : `${dst} (${lastDst})`;
  const state = disposition ?? 'LIVE';
  const recorded = recordings.length > 0 ? '  (recorded)' : '';
  return `${start}  ${src} -> ${callee}  ${state}  ${billsec} s  ${reason ?? ''}${recorded}`.trimEnd();
}
