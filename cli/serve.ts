// patchcord serve: the phone system, until it is told to stop.

import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Command } from 'commander';
import { formatEndpoint, messageOf, SystemRandom } from '../core/index.ts';
import {
  type Configuration,
  listeningTexts,
  makeFirstAccounts,
  type PatchcordServer,
  type RoomEvent,
  SqliteStore,
  startServer,
  type UserToAdd,
} from '../server/index.ts';
import { turnLines } from './serve-text.ts';
import { addServerOptions, configurationOf, type ServerFlags } from './server-options.ts';

interface ServeFlags extends ServerFlags {
  readonly json?: boolean;
}

/** Passwords of the first run: shown once, and kept here for who closed the window. */
const FIRST_ACCOUNTS_FILE = 'first-accounts.txt';

/** After the second signal: time for the calls to be hung up and written down, and no more. */
const HURRY_MS = 900;

const HELP = `
Without any option: listens on every address, port 5060, and keeps its data in ./patchcord-data. The first run makes
two accounts. SIGTERM and SIGINT refuse new calls and let live ones go on for --drain-seconds; a second signal hangs
them up at once, closes their records, and ends the server within a second. Exit status: 0 stopped, 130 or 143 after a
second SIGINT or SIGTERM, 2 wrong configuration, a port that is taken, a data folder that cannot be used or has another
server.

  patchcord serve
  patchcord serve --sip-udp 127.0.0.1:5070 --sip-tcp off --data-folder /var/lib/patchcord
  patchcord serve --advertised-address 203.0.113.7
  patchcord config example > patchcord.yaml && patchcord serve`;

export function register(program: Command): void {
  const command = program.command('serve').description('run the phone system');
  addServerOptions(command)
    .option('--json', 'one JSON object a line: what it listens on, each call record, what happens in rooms')
    .addHelpText('after', HELP)
    .action(serve);
}

async function serve(flags: ServeFlags): Promise<void> {
  const configuration = configurationOf(flags);
  const firstAccounts = prepareFirstRun(configuration);
  const stop = new StopSignals();
  const server = await startServer(configuration);
  stop.isStarted = true;
  const output = flags.json ? jsonOutput : textOutput;
  output.started(server, { configuration, firstAccounts });
  server.on('record', (record) => output.record?.(record));
  server.on('room', (event) => output.room?.(event));
  const signal = await stop.first;
  output.stopping?.(signal, server.counts.calls);
  const drained = server.drain();
  const second = await Promise.race([drained.then(() => undefined), stop.second]);
  // The wait is bounded: a phone that is gone would be waited for much longer.
  if (second) await Promise.race([server.drain(0), delay(HURRY_MS)]);
  // A worker or a socket that lingers must not keep a stopped server alive.
  process.exit(second ? SIGNAL_STATUS[second] : 0);
}

/** Before the server opens the store: it is the person at the first run who is shown the passwords. */
function prepareFirstRun(configuration: Configuration): readonly UserToAdd[] | undefined {
  const { dataFolder } = configuration;
  const store = SqliteStore.open({ dataFolder });
  try {
    const accounts = makeFirstAccounts(store, { configuration, random: new SystemRandom() });
    if (!accounts) return undefined;
    const lines = accounts.map(({ name, password }) => `${name} ${password}\n`);
    writeFileSync(join(dataFolder, FIRST_ACCOUNTS_FILE), lines.join(''), { mode: 0o600 });
    return accounts;
  } finally {
    store.close();
  }
}

type StopSignal = 'SIGTERM' | 'SIGINT';

/** 128 + the number of the signal. */
const SIGNAL_STATUS: Readonly<Record<StopSignal, number>> = { SIGINT: 130, SIGTERM: 143 };

/** The first signal drains; the second ends what is left, and a third the process. */
class StopSignals {
  readonly first: Promise<StopSignal>;
  readonly second: Promise<StopSignal>;
  /** Until the server has started there is nothing to end in order. */
  isStarted = false;

  constructor() {
    const waiting: ((name: StopSignal) => void)[] = [];
    this.first = new Promise((resolve) => waiting.push(resolve));
    this.second = new Promise((resolve) => waiting.push(resolve));
    let count = 0;
    for (const name of ['SIGTERM', 'SIGINT'] as const) {
      process.on(name, () => {
        waiting[count]?.(name);
        count += 1;
        if (count > 2 || (count === 2 && !this.isStarted)) process.exit(SIGNAL_STATUS[name]);
      });
    }
  }
}

interface Started {
  readonly configuration: Configuration;
  readonly firstAccounts: readonly UserToAdd[] | undefined;
}

interface Output {
  started(server: PatchcordServer, started: Started): void;
  record?(record: object): void;
  room?(event: RoomEvent): void;
  stopping?(signal: string, calls: number): void;
}

const jsonOutput: Output = {
  started: (server, { firstAccounts }) => {
    const listening = server.listening.map(({ protocol, local }) => ({ protocol, ...local }));
    const { turnListening: turn, turnAlternates } = server;
    printJson({
      type: 'started',
      realm: server.realm,
      listening,
      turn: { ...turn, alternates: turnAlternates },
      ...(firstAccounts ? { firstAccounts } : {}),
    });
  },
  record: (record) => printJson({ type: 'record', ...record }),
  room: ({ type, ...event }) => printJson({ type: 'room', event: type, ...event }),
  stopping: (signal, calls) => printJson({ type: 'stopping', signal, calls }),
};

const textOutput: Output = {
  started: (server, { configuration, firstAccounts }) => {
    print(`Patchcord listens on ${listeningTexts(server).join(', ')}`);
    for (const line of turnLines(server)) print(line);
    print(`realm ${server.realm}, data in ${configuration.dataFolder}`);
    const kept = join(configuration.dataFolder, FIRST_ACCOUNTS_FILE);
    if (firstAccounts) printFirstRun(server, firstAccounts, configuration);
    else if (existsSync(kept))
      print(`${kept} still has the passwords of the first run; delete it when your phones have them`);
  },
  stopping: (signal, calls) => {
    print(`${signal}: no new calls${calls === 0 ? '' : `, ${calls} live; the same again ends them at once`}`);
  },
};

function printFirstRun(
  server: PatchcordServer,
  accounts: readonly UserToAdd[],
  { dataFolder }: Configuration,
): void {
  const address = addressToTry(server);
  const [caller, callee] = accounts;
  if (!caller || !callee) return;
  const phone = ({ name, password }: UserToAdd) =>
    `--server ${address} --user ${name} --password ${password}`;
  print(`
First run: two accounts were made. Their passwords are shown this once; ${join(dataFolder, FIRST_ACCOUNTS_FILE)} has them, too.

${accounts.map(({ name, password }) => `  ${name.padEnd(8)} ${password}`).join('\n')}

Try it in two other windows, or enter server, user and password into any SIP phone:

  npx patchcord answer ${phone(callee)}
  npx patchcord call ${callee.name} ${phone(caller)}
  npx patchcord ping sip:${address}
`);
}

/** Where a phone on this machine reaches the server. */
function addressToTry(server: PatchcordServer): string {
  const places = server.listening.filter(({ protocol }) => protocol === 'udp').map(({ local }) => local);
  const local = places[0] ?? server.listening[0]?.local ?? { address: '127.0.0.1', port: 5060 };
  const isEverywhere = local.address === '0.0.0.0' || local.address === '::';
  return formatEndpoint(isEverywhere ? { ...local, address: '127.0.0.1' } : local);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function printJson(value: object): void {
  print(JSON.stringify(value));
}

// Who reads the output may go away; the server stays.
process.stdout.on('error', (error) => {
  process.stderr.write(`output is lost: ${messageOf(error)}\n`);
});
