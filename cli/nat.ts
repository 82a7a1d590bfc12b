// patchcord nat: what NAT this machine is behind, and with whom calls will be direct.
import type { Command } from 'commander';
import { type Endpoint, formatEndpoint, type Runtime } from '../core/index.ts';
import {
  type BehaviourEvent,
  type DiscoveryPhase,
  discoverBehaviour,
  type LifetimeEvent,
  MAX_AGE_MS,
} from '../nat/index.ts';
import { commandRuntime, wholeNumber } from './call-options.ts';
import { paintFor, Screen } from './call-screen.ts';
import { stopSignal } from './call-signals.ts';
import { natServersOf, resolveServers } from './nat-servers.ts';
import { natJson, natLines } from './nat-text.ts';

interface NatFlags {
  readonly lifetime?: boolean;
  readonly maxLifetime: number;
  readonly json?: boolean;
}

const HELP = `
SERVER is host or host:port of a STUN server; one with two addresses (RFC 5780) says all, a second server helps
where the first has one. Without SERVER: PATCHCORD_STUN, or the server of PATCHCORD_SERVER.

A Patchcord server is one. It takes about five seconds.

  patchcord nat stun.example.org
  patchcord nat 192.0.2.1 198.51.100.1:3479 --lifetime
  PATCHCORD_SERVER=pbx.example.org patchcord nat --json

Exit status: 0 a server answered, 1 none did, 2 wrong usage.`;

const PHASE_WORDS: Readonly<Record<DiscoveryPhase, string>> = {
  reach: 'asking where we come from',
  map: 'asking at the other addresses and ports',
  test: 'waiting for answers from there',
  control: 'making sure that those who were not heard can be',
  done: '',
};

export function register(program: Command): void {
  program
    .command('nat [server] [second]')
    .description('find out what NAT is between here and a STUN server, and whether calls can be direct')
    .option('--lifetime', 'also measure how long a mapping lives without traffic; takes minutes')
    .option(
      '--max-lifetime <seconds>',
      'with --lifetime: longer does not matter',
      wholeNumber(10, 86_400),
      MAX_AGE_MS / 1000,
    )
    .option('--json', 'one JSON object on standard output')
    .addHelpText('after', HELP)
    .action(async (server: string | undefined, second: string | undefined, flags: NatFlags) => {
      const texts = [server, second].filter((text) => text !== undefined);
      process.exitCode = await nat(texts, flags);
    });
}

async function nat(texts: readonly string[], flags: NatFlags): Promise<number> {
  const runtime = commandRuntime({ log: 'silent' });
  const screen = new Screen(process.stderr, () => runtime.clock.now());
  const servers = await resolveServers(runtime, natServersOf(texts), (line) => screen.line(line));
  const stop = stopSignal();
  try {
    const report = await discoverBehaviour(runtime, {
      servers,
      withLifetime: flags.lifetime === true,
      maxAgeMs: flags.maxLifetime * 1000,
      signal: stop.signal,
      onProgress: (event) => {
        const text = progressOf(runtime, event);
        // Each phase is a line where nothing can be written over: there are few.
        if (process.stderr.isTTY || event.type === 'bounds') screen.live(text);
        else if (text !== '') screen.line(text);
      },
    });
    screen.clear();
    if (flags.json) process.stdout.write(`${natJson(report)}\n`);
    else if (report.mapped)
      process.stdout.write(`${natLines(report, paintFor(process.stdout)).join('\n')}\n`);
    if (report.mapped) return 0;
    process.stderr.write(`patchcord: ${noAnswer(servers)}\n`);
    return 1;
  } finally {
    screen.clear();
    stop.dispose();
  }
}

function progressOf(runtime: Runtime, event: BehaviourEvent | LifetimeEvent): string {
  if (event.type === 'phase') return PHASE_WORDS[event.phase];
  if (event.type !== 'bounds') return '';
  const { aliveMs, goneMs } = event.lifetime;
  const bounds = goneMs === null ? 'not known yet' : `${seconds(aliveMs)} to ${seconds(goneMs)} s`;
  return `lifetime of a mapping: ${bounds}; this round ends within ${seconds(event.untilAt - runtime.clock.now())} s`;
}

function seconds(ms: number): number {
  return Math.round(ms / 1000);
}

function noAnswer(servers: readonly Endpoint[]): string {
  const names = servers.map(formatEndpoint).join(' and ');
  return `no answer from ${names} over UDP; check that a STUN server runs there and that no firewall drops UDP: where one does, calls need a TURN server over TCP or TLS`;
}
