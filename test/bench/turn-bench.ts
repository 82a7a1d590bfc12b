// ChannelData packets that a TURN server relays in a CPU second, beside coturn.
import { type Coturn, startCoturn } from '../support/peers/coturn.ts';
import { findPeer, installHint } from '../support/peers/require-peer.ts';
import { compare } from './compare.ts';
import { onServerCore } from './cores.ts';
import { HostProcess } from './host-process.ts';
import { checkHeadroom, LoadMeter, type Usage } from './load-meter.ts';
import { complain, formatPercent } from './report.ts';
import type { TurnHostAnswer, TurnHostRequest } from './turn-host.ts';
import { TurnLoad, type TurnTarget } from './turn-load.ts';

/** A TURN server in a process of its own. */
interface TurnHost {
  readonly pid: number;
  readonly target: TurnTarget;
  stop(): Promise<void>;
}

interface TurnFigures {
  readonly packetsPerCpuSecond: number;
  readonly usage: Usage;
  readonly lossRatio: number;
}

/** With the ratio that the project promises. */
const LOADS = [
  { clients: 500, payloadBytes: 172, target: 1 },
  { clients: 100, payloadBytes: 172, target: 1 },
  { clients: 500, payloadBytes: 1200, target: 1 },
] as const;
const WARM_UP_MS = 2_000;
const MEASURE_MS = 5_000;
// Beyond this the server (or the load) was overrun, and what it relayed tells nothing.
const MAX_LOSS_RATIO = 0.001;
const USER = { username: 'bench', password: 'bench', realm: 'bench' } as const;

export async function benchTurn(): Promise<boolean> {
  const hasPeer = findPeer('turnserver') !== undefined;
  if (!hasPeer) process.stdout.write(`\n${installHint('turnserver')}\n`);
  let isMet = true;
  for (const load of LOADS) {
    const measure = (start: () => Promise<TurnHost>) => () => measureServer(start, load);
    const peer = hasPeer ? { name: 'coturn', measure: measure(startPeer) } : undefined;
    const reached = await compare({ name: 'patchcord', measure: measure(startOurs) }, peer, {
      title: `TURN, ${load.clients} clients with a channel, 50 packets of ${load.payloadBytes} bytes a second each way`,
      figure: (figures) => figures.packetsPerCpuSecond,
      unit: 'packets/CPU s',
      target: load.target,
      describe: ({ usage, lossRatio }) =>
        `lost ${(lossRatio * 100).toFixed(3)} %; core busy ${formatPercent(usage.serverBusy)}, ` +
        `load core ${formatPercent(usage.loadBusy)}`,
    });
    isMet = reached && isMet;
  }
  return isMet;
}

async function startOurs(): Promise<TurnHost> {
  const host = new HostProcess<TurnHostRequest, TurnHostAnswer>('turn-host.js');
  const { port } = await host.ask({ kind: 'hello' });
  return { pid: host.pid, target: { port, ...USER }, stop: () => host.stop() };
}

async function startPeer(): Promise<TurnHost> {
  const { username, password, realm } = USER;
  const coturn: Coturn = await startCoturn({
    users: { [username]: password },
    realm,
    threads: 1,
    ...onServerCore,
  });
  return { pid: coturn.pid, target: { port: coturn.port, ...USER }, stop: () => coturn.stop() };
}

async function measureServer(
  start: () => Promise<TurnHost>,
  { clients, payloadBytes }: { readonly clients: number; readonly payloadBytes: number },
): Promise<TurnFigures> {
  const host = await start();
  const load = new TurnLoad(host.target, payloadBytes);
  try {
    await load.open(clients);
    await load.run(WARM_UP_MS);
    const meter = new LoadMeter(host.pid);
    const { sent, received } = await load.run(MEASURE_MS);
    const usage = meter.stop();
    const lossRatio = 1 - received / sent;
    checkHeadroom(usage);
    if (lossRatio > MAX_LOSS_RATIO) complain(`${(lossRatio * 100).toFixed(2)} % of the packets were lost`);
    return { packetsPerCpuSecond: received / usage.serverSeconds, usage, lossRatio };
  } finally {
    load.close();
    await host.stop();
  }
}
