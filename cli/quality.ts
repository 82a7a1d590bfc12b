// patchcord quality: how good calls were, and are.
import type { Command } from 'commander';
import { createNodeRuntime, UsageError } from '../core/index.ts';
import type { CallRecord, Store } from '../server/index.ts';
import { wholeNumber } from './call-options.ts';
import { paintFor } from './call-screen.ts';
import { stopSignal } from './call-signals.ts';
import { findCall } from './find-call.ts';
import { directionsCsv, secondsCsv } from './quality-csv.ts';
import { detailsText } from './quality-details.ts';
import { follow } from './quality-follow.ts';
import { qualityJson } from './quality-json.ts';
import { listHead, listLine } from './quality-list.ts';
import { addServerOptions, openStore, type ServerFlags } from './server-options.ts';

interface QualityFlags extends ServerFlags {
  readonly limit: number;
  readonly follow?: boolean;
  readonly json?: boolean;
  readonly csv?: boolean;
}

const HELP = `
CALL is a uniqueid, as in the table, the beginning of a SIP Call-ID of either party, or "last". MOS is that of conversation,
or of listening where the delay is not known: "caller>" is what came from the caller's phone, ">caller" what that phone
received as it said itself. Exit status: 0 shown, 1 the store failed, 2 wrong usage, or no such call.

  patchcord quality                         the latest calls, a line each
  patchcord quality last                    both legs in both directions, second by second, and what the phones said
  patchcord quality 1764220000.3 --csv      a line a second and direction
  patchcord quality --follow                live calls of the running server; Ctrl-C ends it
  patchcord quality --follow --json         the same, a JSON object every two seconds`;

export function register(program: Command): void {
  const command = program
    .command('quality [call]')
    .description('show how good calls were: MOS, loss, jitter, delay');
  addServerOptions(command, ['data-folder'])
    .option('--limit <count>', 'so many calls at most', wholeNumber(1, 1_000_000_000), 20)
    .option('--follow', 'live calls, again and again')
    .option('--json', 'one JSON object a call and line')
    .option('--csv', 'for spreadsheets: a line a direction; of one call a line a second and direction')
    .addHelpText('after', HELP)
    .action(show);
}

async function show(id: string | undefined, flags: QualityFlags): Promise<void> {
  if (flags.json && flags.csv) throw new UsageError('--json and --csv exclude each other; leave out one');
  if (flags.follow && flags.csv) throw new UsageError('--follow has no --csv; take --json');
  const { store } = openStore(flags);
  try {
    if (flags.follow) await followUntilStopped(store, id, flags);
    else if (id === undefined) showList(store.records(flags.limit), flags);
    else showCall(findCall(store, id), flags);
  } finally {
    store.close();
  }
}

function showList(records: readonly CallRecord[], flags: QualityFlags): void {
  if (flags.csv) return write(directionsCsv(records));
  if (flags.json) return write(records.map((record) => `${JSON.stringify(qualityJson(record))}\n`).join(''));
  const paint = paintFor(process.stdout);
  if (records.length === 0) return write('no calls yet\n');
  write([listHead(paint), ...records.map((record) => listLine(record, paint))].map((l) => `${l}\n`).join(''));
}

function showCall(record: CallRecord, flags: QualityFlags): void {
  if (flags.csv) return write(secondsCsv(record));
  if (flags.json) return write(`${JSON.stringify(qualityJson(record))}\n`);
  write(`${detailsText(record, paintFor(process.stdout))}\n`);
}

async function followUntilStopped(store: Store, id: string | undefined, flags: QualityFlags): Promise<void> {
  const stop = stopSignal();
  try {
    await follow({
      store,
      runtime: createNodeRuntime(),
      output: process.stdout,
      signal: stop.signal,
      limit: flags.limit,
      isJson: flags.json === true,
      id,
    });
  } finally {
    stop.dispose();
  }
}

function write(text: string): void {
  process.stdout.write(text);
}
