// patchcord demo: a server and two phones as processes of their own, one call, and whether it was heard.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import {
  codeOf,
  createNodeRuntime,
  messageOf,
  OperationError,
  type Runtime,
  UsageError,
} from '../core/index.ts';
import type { Sound } from '../media/index.ts';
import { type CallReport, formatReport } from '../softphone/index.ts';
import { Screen } from './call-screen.ts';
import { stopSignal, whenAborted } from './call-signals.ts';
import { DemoProcess } from './demo-process.ts';
import { describeRecord, readCallRecord } from './demo-record.ts';
import { type DemoAccount, type DemoServerPlan, planServer, waitForServer } from './demo-server.ts';
import { checkHeard, describeCheck, writeVoice } from './demo-sound.ts';

/** How long the two talk. */
const TALK_SECONDS = 8;
/** Each is a process that starts: half a second on a machine that has nothing else to do, many on one that has. */
const SERVER_LIMIT_MS = 20_000;
const REGISTER_LIMIT_MS = 15_000;
/** The whole demo: a machine that needs longer than this has something wrong. */
const DEMO_LIMIT_MS = 50_000;

const PROGRESS_INTERVAL_MS = 250;
const PROGRESS_WIDTH = 24;

export function register(program: Command): void {
  program
    .command('demo')
    .description('a server and two phones on this machine: one call, both ways, and whether it was heard')
    .action(async () => {
      process.exitCode = await demo();
    });
}

async function demo(): Promise<number> {
  const runtime = createNodeRuntime();
  const screen = new Screen(process.stdout, () => runtime.clock.now());
  const stop = stopSignal();
  const processes: DemoProcess[] = [];
  const folder = makeFolder();
  try {
    screen.line(
      screen.paint('Patchcord: one call between two phones, through a server, on this machine', 'bold'),
    );
    const stage = new Stage({ runtime, screen, folder, processes });
    const outcome = await Promise.race([
      stage.play(),
      whenAborted(stop.signal).then(() => 'stopped' as const),
      lateAfter(DEMO_LIMIT_MS),
    ]);
    if (outcome === 'stopped' || outcome === 'late')
      throw new OperationError('DEMO_FAILED', OUTCOMES[outcome]);
    screen.line(
      outcome ? screen.paint('It works.', 'green') : screen.paint('It does not work: see above.', 'red'),
    );
    return outcome ? 0 : 1;
  } catch (error) {
    screen.clear();
    if (error instanceof UsageError) throw error;
    screen.line(screen.paint(`The demo did not get through: ${messageOf(error)}`, 'red'));
    return 1;
  } finally {
    screen.clear();
    // The phones first, so that they can say goodbye to the server.
    for (const child of processes.reverse()) await child.stop();
    // The recordings stay; passwords and accounts are of no use any more.
    for (const name of SECRETS) rmSync(join(folder, name), { recursive: true, force: true });
    stop.dispose();
  }
}

const SECRETS = ['server', 'patchcord.yaml', 'alice.password', 'bob.password'];

const OUTCOMES = {
  stopped: 'it was stopped',
  late: `it took longer than ${DEMO_LIMIT_MS / 1000} s; is the machine very busy?`,
} as const;

function lateAfter(limitMs: number): Promise<'late'> {
  return new Promise((resolve) => {
    setTimeout(() => resolve('late'), limitMs).unref();
  });
}

function makeFolder(): string {
  try {
    return mkdtempSync(join(tmpdir(), 'patchcord-demo-'));
  } catch (error) {
    throw new UsageError(
      `no folder can be made in ${tmpdir()} (${codeOf(error) ?? messageOf(error)}); set TMPDIR to one that is yours`,
      { cause: error },
    );
  }
}

interface StageOptions {
  readonly runtime: Runtime;
  readonly screen: Screen;
  readonly folder: string;
  /** Takes each process that is started: whoever made the stage stops them. */
  readonly processes: DemoProcess[];
}

interface PhonePart {
  readonly account: DemoAccount;
  /** What it says, and where it writes what it hears. */
  readonly voice: string;
  readonly said: Sound;
  readonly heard: string;
}

class Stage {
  readonly #options: StageOptions;

  constructor(options: StageOptions) {
    this.#options = options;
  }

  /** @returns whether both heard each other */
  async play(): Promise<boolean> {
    const { runtime, screen, folder } = this.#options;
    const plan = await planServer(runtime, folder);
    await this.#startServer(plan);
    const alice = this.#part(plan.alice, 1);
    const bob = this.#part(plan.bob, 2);
    const answering = this.#startPhone(plan, bob, ['answer', '--once']);
    await answering.waitForLine(/registered/, REGISTER_LIMIT_MS);
    const calling = this.#startPhone(plan, alice, ['call', 'bob', '--duration', String(TALK_SECONDS)]);
    const stopProgress = this.#showProgress(calling);
    const statuses = await Promise.all([calling.exited, answering.exited]);
    stopProgress();
    const isReported = [calling, answering].map((phone) => this.#report(phone)).every(Boolean);
    if (!isReported)
      throw new OperationError('DEMO_FAILED', 'a phone ended without a report; its lines above say why');
    const record = await readCallRecord(runtime, plan.dataFolder);
    screen.line(
      `\nThe server's record of the call:\n${record ? describeRecord(record) : '  it wrote none'}\n`,
    );
    const checks = [
      checkHeard({ who: 'bob', path: bob.heard, said: alice.said, other: bob.said }),
      checkHeard({ who: 'alice', path: alice.heard, said: bob.said, other: alice.said }),
    ];
    for (const check of checks) {
      screen.line(screen.paint(describeCheck(check), check.isGood ? 'green' : 'red'));
      screen.line(`  listen: ${check.path}`);
    }
    const isRecorded = record?.disposition === 'ANSWERED';
    return isRecorded && checks.every((check) => check.isGood) && statuses.every((status) => status === 0);
  }

  async #startServer(plan: DemoServerPlan): Promise<void> {
    const { runtime, screen } = this.#options;
    screen.line(`server: starting on ${plan.address}, data in ${this.#options.folder}`);
    const server = this.#start('server', plan.args);
    let hasEnded = false;
    void server.exited.then(() => {
      hasEnded = true;
    });
    const tookMs = await waitForServer(runtime, {
      address: plan.address,
      limitMs: SERVER_LIMIT_MS,
      hasEnded: () => hasEnded,
    });
    if (tookMs !== undefined) return screen.line(`server: answers after ${Math.round(tookMs)} ms`);
    const why = hasEnded ? 'ended at once' : `did not answer within ${SERVER_LIMIT_MS / 1000} s`;
    throw new OperationError('DEMO_FAILED', `the server ${why}; its lines above say why`);
  }

  #part(account: DemoAccount, voice: number): PhonePart {
    const path = (name: string) => join(this.#options.folder, `${account.user}-${name}.wav`);
    const said = writeVoice(path('said'), { voice, seconds: TALK_SECONDS });
    writeFileSync(join(this.#options.folder, `${account.user}.password`), account.password, { mode: 0o600 });
    return { account, voice: path('said'), said, heard: path('heard') };
  }

  #startPhone(plan: DemoServerPlan, part: PhonePart, command: readonly string[]): DemoProcess {
    const { user } = part.account;
    const password = join(this.#options.folder, `${user}.password`);
    const account = ['--server', plan.address, '--user', user, '--password-file', password];
    const sound = ['--codec', 'opus', '--play', part.voice, '--record', part.heard, '--json'];
    return this.#start(user, [...command, ...account, ...sound]);
  }

  #start(name: string, args: readonly string[]): DemoProcess {
    const { screen, processes } = this.#options;
    const child = new DemoProcess({
      name,
      args,
      // Reports are JSON, and shown at the end; what the server prints of itself is for its own terminal.
      onLine: (line, from) => {
        if (from === 'stderr') screen.line(screen.paint(`${name}: ${line}`, 'dim'));
      },
    });
    processes.push(child);
    return child;
  }

  /** A line that goes on while they talk. @returns a function that takes it away */
  #showProgress(calling: DemoProcess): () => void {
    const { runtime, screen } = this.#options;
    let talkingSince: number | undefined;
    calling.waitForLine(/ answered/, DEMO_LIMIT_MS).then(
      () => {
        talkingSince = runtime.clock.now();
      },
      () => {}, // That it never was answered is told by its report.
    );
    const ticker = setInterval(() => {
      if (talkingSince === undefined) return screen.live('waiting for an answer');
      const seconds = Math.min(TALK_SECONDS, (runtime.clock.now() - talkingSince) / 1000);
      const done = Math.round((seconds / TALK_SECONDS) * PROGRESS_WIDTH);
      const bar = '#'.repeat(done).padEnd(PROGRESS_WIDTH);
      screen.live(`the two are talking [${bar}] ${seconds.toFixed(0)} of ${TALK_SECONDS} s`);
    }, PROGRESS_INTERVAL_MS);
    return () => {
      clearInterval(ticker);
      screen.clear();
    };
  }

  #report(phone: DemoProcess): boolean {
    const { screen } = this.#options;
    const text = phone.stdout.find((line) => line.startsWith('{'));
    if (text === undefined) return false;
    // Cast: a phone of this very program wrote it.
    const report = JSON.parse(text) as CallReport;
    screen.line(`\n${phone.name}: ${formatReport(report, screen.paint)}`);
    return true;
  }
}
