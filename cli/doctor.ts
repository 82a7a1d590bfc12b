// patchcord doctor: what is wrong with a call, and the mend.
import type { Command } from 'commander';
import { createNodeRuntime, UsageError } from '../core/index.ts';
import { type CallRecord, type Diagnosis, diagnose, type Store } from '../server/index.ts';
import type { Paint } from '../softphone/index.ts';
import { wholeNumber } from './call-options.ts';
import { paintFor } from './call-screen.ts';
import { liveRecordOf } from './doctor-live.ts';
import { diagnosisLine, diagnosisLines } from './doctor-text.ts';
import { findCall } from './find-call.ts';
import { addServerOptions, openStore, type ServerFlags } from './server-options.ts';

interface DoctorFlags extends ServerFlags {
  readonly json?: boolean;
  readonly limit?: number;
}

const HELP = `
CALL is "last", the id that "patchcord records" shows in its JSON, or the beginning of a SIP Call-ID. With --limit, the
latest calls, one line each. A call that still lives is judged by its figures of now.

  patchcord doctor last
  patchcord doctor --limit 20
  patchcord doctor 1732665600.7 --json

Exit status: 0 no fault was found, 1 there are faults, 2 wrong usage.`;

export function register(program: Command): void {
  const command = program
    .command('doctor [call]')
    .description('say in a sentence each what was wrong with a call, and the mend');
  addServerOptions(command, ['data-folder'])
    .option(
      '--limit <count>',
      'look at so many of the latest calls, one line each',
      wholeNumber(1, 1_000_000_000),
    )
    .option('--json', 'one JSON object a line for each call')
    .addHelpText('after', HELP)
    .action(async (call: string | undefined, flags: DoctorFlags) => {
      process.exitCode = await examine(call, flags);
    });
}

async function examine(call: string | undefined, flags: DoctorFlags): Promise<number> {
  const diagnoses = (await recordsFor(call, flags)).map(diagnose);
  const paint = paintFor(process.stdout);
  for (const diagnosis of diagnoses) process.stdout.write(`${textOf(diagnosis, flags, paint)}\n`);
  return diagnoses.some(({ verdict }) => verdict === 'fault') ? 1 : 0;
}

function textOf(diagnosis: Diagnosis, { json, limit }: DoctorFlags, paint: Paint): string {
  if (json) return JSON.stringify(diagnosis);
  if (limit !== undefined) return diagnosisLine(diagnosis, paint);
  return diagnosisLines(diagnosis, paint).join('\n');
}

async function recordsFor(call: string | undefined, flags: DoctorFlags): Promise<readonly CallRecord[]> {
  const { limit } = flags;
  if (limit !== undefined && call !== undefined) {
    throw new UsageError(`the call "${call}" and --limit exclude each other; give one`);
  }
  const { store } = openStore(flags);
  try {
    return limit === undefined ? [await recordOf(store, call ?? 'last')] : store.records(limit);
  } finally {
    store.close();
  }
}

/** @throws UsageError where there is none */
async function recordOf(store: Store, id: string): Promise<CallRecord> {
  const record = findCall(store, id);
  if (record.end !== null) return record;
  return (await liveRecordOf(store, createNodeRuntime(), record.uniqueid)) ?? record;
}
