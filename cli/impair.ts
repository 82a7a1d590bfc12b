// patchcord impair: a bad network between two programs.
import type { Command } from 'commander';
import {
  codeOf,
  createNodeRuntime,
  formatEndpoint,
  type Runtime,
  SeededRandom,
  UsageError,
} from '../core/index.ts';
import { type LinkOptions, type RelayCounts, type RelayDirection, UdpRelay } from '../media/index.ts';
import { wholeNumber } from './call-options.ts';
import { stopSignal, whenAborted } from './call-signals.ts';
import { IMPAIRMENTS, portRangeOf, senderTestOf } from './impair-options.ts';

/** The impairments are among them under their own names: what commander makes of options that a table gave it. */
type ImpairFlags = Readonly<Record<string, unknown>> & {
  readonly listen: string;
  readonly to: string;
  readonly only?: string;
  readonly seed?: number;
  readonly json?: boolean;
};

const SUMMARY_EVERY_MS = 5000;

const HELP = `
UDP that comes to a listening port goes on to the port of the target with the same place in its range, and what the
target answers goes back to whoever sent there last. Ctrl-C ends it and says what it did. The same seed harms the
same datagrams. Exit status: 0 stopped, 2 wrong usage.

  patchcord impair --listen 127.0.0.1:5080 --to 127.0.0.1:5060 --loss 10% --jitter 40ms
  patchcord impair --listen 127.0.0.1:5080 --to 192.0.2.7:5060 --delay 20ms --back-delay 300ms

The sound of calls through a server: let it show the address where this listens, and give this all of its media ports:

  patchcord serve --advertised-address 127.0.0.2 --media-ports 20000-20039
  patchcord impair --listen 127.0.0.2:20000-20039 --to 127.0.0.1:20000-20039 --loss burst:5%,3`;

export function register(program: Command): void {
  const command = program
    .command('impair')
    .description('relay UDP between two programs, with loss, delay and jitter')
    .requiredOption('--listen <host:port[-port]>', 'where it listens')
    .requiredOption('--to <host:port[-port]>', 'where what comes there goes on to');
  for (const { flag, value, help } of IMPAIRMENTS) command.option(`--${flag} <${value}>`, help);
  for (const { flag } of IMPAIRMENTS) {
    command.option(`--back-${flag} <…>`, `the same for what comes back alone`);
  }
  command
    .option('--only <host[:port[-port]]>', 'harm what comes from here, and answers to it, and pass all else')
    .option('--seed <n>', 'of its chance; any where not given', wholeNumber(0, 0xffff_ffff))
    .option('--json', 'one JSON object a line')
    .addHelpText('after', HELP)
    .action(impair);
}

async function impair(flags: ImpairFlags): Promise<void> {
  const runtime = createNodeRuntime();
  const seed = flags.seed ?? runtime.random.uint32();
  const relay = await openRelay(runtime, flags, seed);
  const output = new ImpairOutput(relay, flags);
  const stop = stopSignal();
  output.started(seed);
  const timer = setInterval(() => output.summary(), SUMMARY_EVERY_MS);
  await whenAborted(stop.signal);
  clearInterval(timer);
  output.ended();
  relay.close();
  stop.dispose();
}

async function openRelay(runtime: Runtime, flags: ImpairFlags, seed: number): Promise<UdpRelay> {
  const listen = portRangeOf('--listen', flags.listen);
  const to = portRangeOf('--to', flags.to);
  if (listen.count !== to.count) {
    throw new UsageError(
      `--listen has ${listen.count} ports and --to has ${to.count}; they should have as many, one for one`,
    );
  }
  const both = linkOf(flags, '');
  const options = {
    listen,
    to,
    random: new SeededRandom(seed),
    there: both,
    back: { ...both, ...linkOf(flags, 'back-') },
    ...(flags.only === undefined ? {} : { isHarmed: senderTestOf('--only', flags.only) }),
  };
  try {
    return await UdpRelay.open(runtime, options);
  } catch (error) {
    throw cannotListen(error, flags.listen);
  }
}

/** A link does nothing by itself: what is not asked for is not done. */
const CLEAN_LINK: LinkOptions = { delayMs: 0 };

function linkOf(flags: ImpairFlags, prefix: '' | 'back-'): LinkOptions {
  let link = prefix === '' ? CLEAN_LINK : {};
  for (const { flag, read } of IMPAIRMENTS) {
    const name = `${prefix}${flag}`;
    // As commander names it.
    const text = flags[name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())];
    if (typeof text === 'string') link = { ...link, ...read(`--${name}`, text) };
  }
  return link;
}

function cannotListen(error: unknown, listen: string): unknown {
  const code = codeOf(error);
  if (code === 'EADDRINUSE') return new UsageError(`--listen ${listen}: another program has a port of these`);
  if (code === 'EADDRNOTAVAIL') return new UsageError(`--listen ${listen}: this machine has no such address`);
  if (code === 'EACCES')
    return new UsageError(`--listen ${listen}: ports under 1024 are not ours; take others`);
  return error;
}

class ImpairOutput {
  readonly #relay: UdpRelay;
  readonly #flags: ImpairFlags;
  #lastText = '';

  constructor(relay: UdpRelay, flags: ImpairFlags) {
    this.#relay = relay;
    this.#flags = flags;
  }

  started(seed: number): void {
    const listening = this.#relay.listening;
    if (this.#flags.json) {
      return this.#print(JSON.stringify({ type: 'started', seed, listening: listening.map(formatEndpoint) }));
    }
    this.#print(`impairing ${this.#flags.listen} -> ${this.#flags.to}, seed ${seed}; Ctrl-C ends it`);
  }

  /** Nothing where nothing happened. */
  summary(): void {
    const text = this.#flags.json ? this.#json('summary') : this.#lines().join('   ');
    if (text !== this.#lastText) this.#print(text);
    this.#lastText = text;
  }

  ended(): void {
    if (this.#flags.json) return this.#print(this.#json('ended'));
    this.#print(`\n--- what became of the datagrams ---\n${this.#lines().join('\n')}`);
    const { strangers, unharmed } = this.#relay;
    if (unharmed > 0) this.#print(`of others, passed at once: ${unharmed}`);
    if (strangers > 0) this.#print(`not from the target, or before anybody sent: ${strangers}`);
  }

  #lines(): string[] {
    return [`there: ${this.#text('there')}`, `back: ${this.#text('back')}`];
  }

  #text(direction: RelayDirection): string {
    const counts = this.#relay.counts(direction);
    const { received, lost, overflowed, duplicated, reordered } = counts;
    const share = received === 0 ? 0 : (100 * lost) / received;
    return [
      `${received} came`,
      `${lost} lost (${share.toFixed(1)}%)`,
      ...(overflowed > 0 ? [`${overflowed} too many`] : []),
      ...(duplicated > 0 ? [`${duplicated} doubled`] : []),
      ...(reordered > 0 ? [`${reordered} overtaken`] : []),
      `delayed ${meanDelayMs(counts).toFixed(0)} ms, at most ${counts.maxDelayMs.toFixed(0)} ms`,
    ].join(', ');
  }

  #json(type: string): string {
    const { strangers, unharmed } = this.#relay;
    const [there, back] = [this.#relay.counts('there'), this.#relay.counts('back')];
    return JSON.stringify({ type, there, back, strangers, unharmed });
  }

  #print(line: string): void {
    process.stdout.write(`${line}\n`);
  }
}

function meanDelayMs({ passed, totalDelayMs }: Readonly<RelayCounts>): number {
  return passed === 0 ? 0 : totalDelayMs / passed;
}
