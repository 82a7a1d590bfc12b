// patchcord doctor: what is wrong with a call, and the mend.
import type { Command } from 'commander';
import { UsageError } from '../core/index.ts';
import { type CallRecord, type Diagnosis, diagnose } from '../server/index.ts';
import { paintFor } from './call-screen.ts';
import { diagnosisLine, diagnosisLines } from './doctor-text.ts';
import { addServerOptions, type ServerFlags, withStore } from './server-options.ts';

interface DoctorFlags extends ServerFlags {
  readonly json?: boolean;
  readonly limit?: string;
}

const HELP = `
CALL is "last", the id that "patchcord records" shows in its JSON, or the beginning of a SIP Call-ID. With --limit, the
latest calls, one line each. A running server writes a record within a second of its call's end.

  patchcord doctor last
  patchcord doctor --limit 20
  patchcord doctor 1732665600.7 --json

Exit status: 0 no fault was found, 1 there are faults, 2 wrong usage.`;

export function register(program: Command): void {
  const command = program
    .command('doctor [call]')
    .description('say in a sentence each what was wrong with a call, and the mend');
  addServerOptions(command, ['data-folder'])
    .option('--limit <count>', 'look at so many of the latest calls, one line each')
    .option('--json', 'one JSON object a line for each call')
    .addHelpText('after', HELP)
    .action((call: string | undefined, flags: DoctorFlags) => {
      process.exitCode = examine(call, flags);
    });
}

function examine(call: string | undefined, flags: DoctorFlags): number {
  const diagnoses = recordsFor(call, flags).map(diagnose);
  const paint = paintFor(process.stdout);
  for (const diagnosis of diagnoses) {
    process.stdout.write(`${textOf(diagnosis)}\n`);
  }
  return diagnoses.some(({ verdict }) => verdict === 'fault') ? 1 : 0;

  function textOf(diagnosis: Diagnosis): string {
    if (flags.json) return JSON.stringify(diagnosis);
    if (flags.limit !== undefined) return diagnosisLine(diagnosis, paint);
    return diagnosisLines(diagnosis, paint).join('\n');
  }
}

function recordsFor(call: string | undefined, flags: DoctorFlags): readonly CallRecord[] {
  const { limit } = flags;
  if (limit !== undefined) {
    if (call !== undefined)
      throw new UsageError(`the call "${call}" and --limit exclude each other; give one`);
    if (!/^\d{1,9}$/.test(limit) || Number(limit) < 1) {
      throw new UsageError(`--limit is "${limit}"; it should be a whole number from 1`);
    }
    return withStore(flags, (store) => store.records(Number(limit)));
  }
  const id = call ?? 'last';
  const record = withStore(flags, (store) => (id === 'last' ? store.records(1)[0] : store.record(id)));
  if (record) return [record];
  throw new UsageError(
    id === 'last'
      ? 'there is no call record yet; make a call first'
      : `no call is "${id}"; "patchcord records --json" shows the ids, and "last" is the latest`,
  );
}
