// patchcord ping: OPTIONS in the manner of ping(8), or as a heartbeat.
import type { Command } from 'commander';
import {
  createSoftphone,
  PeerWatch,
  type PingReply,
  type PingStatistics,
  PingTally,
  pingRepeatedly,
} from '../softphone/index.ts';
import {
  addPhoneOptions,
  commandRuntime,
  type PhoneFlags,
  phoneOptionsOf,
  positiveNumber,
  wholeNumber,
} from './call-options.ts';
import { paintFor } from './call-screen.ts';
import { stopSignal } from './call-signals.ts';

interface PingFlags extends PhoneFlags {
  readonly count?: number;
  readonly interval: number;
  readonly json?: boolean;
  readonly watch?: boolean;
  readonly misses: number;
}

/** The longest that an answer is waited for. */
const PING_TIMEOUT_MS = 1000;

const HELP = `
Any answer counts, whatever its status. Exit status: 0 the peer answered (with --watch: it is up at the end),
1 it did not, 2 wrong usage.

  patchcord ping sip:192.0.2.7:5070 --count 3
  patchcord ping bob --server 127.0.0.1 --user alice --password-file alice.txt
  patchcord ping sip:pbx.example.org --watch --interval 10`;

export function register(program: Command): void {
  const command = program.command('ping <target>').description('send SIP OPTIONS and measure the answers');
  addPhoneOptions(command)
    .option('--count <n>', 'stop after so many', wholeNumber(1, 1_000_000_000))
    .option('--interval <seconds>', 'one each so many seconds', positiveNumber, 1)
    .option('--watch', 'heartbeat: report losses, and when the peer goes down or comes up')
    .option('--misses <n>', 'with --watch: misses in a row that mean down', wholeNumber(1, 1000), 3)
    .option('--json', 'one JSON object a line')
    .addHelpText('after', HELP)
    .action(async (target: string, flags: PingFlags) => {
      process.exitCode = await ping(target, flags);
    });
}

async function ping(target: string, flags: PingFlags): Promise<number> {
  const runtime = commandRuntime(flags);
  const stop = stopSignal();
  const output = new PingOutput(target, flags);
  const phone = await createSoftphone({ ...phoneOptionsOf(flags), runtime, codecs: [] });
  const tally = new PingTally();
  const watch = new PeerWatch(flags.misses);
  const startedAt = runtime.clock.now();
  try {
    output.header();
    await pingRepeatedly(runtime, {
      intervalMs: flags.interval * 1000,
      signal: stop.signal,
      ...(flags.count === undefined ? {} : { count: flags.count }),
      ping: (sequence) => phone.ping(target, { sequence, timeoutMs: PING_TIMEOUT_MS }),
      onReply: (reply) => {
        tally.add(reply);
        output.reply(reply);
        const change = watch.observe(reply);
        if (change && flags.watch) output.change(change, watch.misses);
      },
    });
    output.footer(tally.statistics(), runtime.clock.now() - startedAt);
  } finally {
    await phone.close();
    stop.dispose();
  }
  if (flags.watch) return watch.state === 'up' ? 0 : 1;
  return tally.statistics().received > 0 ? 0 : 1;
}

class PingOutput {
  readonly #target: string;
  readonly #flags: PingFlags;
  readonly #paint = paintFor(process.stdout);

  constructor(target: string, flags: PingFlags) {
    this.#target = target;
    this.#flags = flags;
  }

  header(): void {
    if (this.#flags.json) return;
    this.#print(`SIP PING ${this.#target} (OPTIONS over ${this.#flags.transport.toUpperCase()})`);
  }

  reply(reply: PingReply): void {
    if (this.#flags.json) return this.#print(JSON.stringify({ type: 'reply', ...reply }));
    // A heartbeat is told of what goes wrong alone.
    if (this.#flags.watch && reply.roundTripMs !== null) return;
    if (reply.roundTripMs === null) {
      this.#print(this.#paint(missText(reply), 'yellow'));
    } else {
      this.#print(
        `${reply.status} ${reply.reason}: seq=${reply.sequence} time=${milliseconds(reply.roundTripMs)} ms`,
      );
    }
  }

  change(state: string, misses: number): void {
    const time = new Date().toISOString();
    if (this.#flags.json) return this.#print(JSON.stringify({ type: 'change', time, state, misses }));
    const why = state === 'down' ? ` after ${misses} misses` : '';
    this.#print(this.#paint(`${time} ${this.#target} is ${state}${why}`, state === 'up' ? 'green' : 'red'));
  }

  footer(statistics: PingStatistics, elapsedMs: number): void {
    if (this.#flags.json) return this.#print(JSON.stringify({ type: 'statistics', ...statistics }));
    const { sent, received, lossRatio, minMs, avgMs, maxMs, mdevMs } = statistics;
    this.#print(`\n--- ${this.#target} ping statistics ---`);
    this.#print(
      `${sent} sent, ${received} received, ${Number((lossRatio * 100).toFixed(1))}% loss, time ${Math.round(elapsedMs)} ms`,
    );
    if (minMs === null) return;
    this.#print(`rtt min/avg/max/mdev = ${[minMs, avgMs, maxMs, mdevMs].map(milliseconds).join('/')} ms`);
  }

  #print(line: string): void {
    process.stdout.write(`${line}\n`);
  }
}

/** A name without an address says so in its reason; of who is silent there is no more to say. */
export function missText({ sequence, isTimeout, reason }: PingReply): string {
  return `no answer: seq=${sequence} (${isTimeout ? `${PING_TIMEOUT_MS} ms` : reason})`;
}

function milliseconds(value: number | null): string {
  return value === null ? '-' : value.toFixed(3);
}
