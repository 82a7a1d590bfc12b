// Packets that a relay forwards in a CPU second, and the delay that it adds, beside rtpengine in user space.
import { findPeer, installHint } from '../support/peers/require-peer.ts';
import { startRtpengine } from '../support/peers/rtpengine.ts';
import { compare } from './compare.ts';
import { onServerCore } from './cores.ts';
import type { DelayHistogram } from './delay-histogram.ts';
import { checkHeadroom, LoadMeter, type Usage } from './load-meter.ts';
import { startRelayHost } from './relay-host-client.ts';
import { complain, formatPercent } from './report.ts';
import { type RelayedCall, RtpLoad } from './rtp-load.ts';

/** A relay that is measured: ours, or a peer. */
export interface Relay {
  readonly pid: number;
  openCall(
    callId: string,
    parties: { readonly callerPort: number; readonly calleePort: number },
  ): Promise<RelayedCall>;
  stop(): Promise<void>;
}

interface RelayFigures {
  readonly packetsPerCpuSecond: number;
  readonly usage: Usage;
  readonly delays: DelayHistogram;
  readonly lossRatio: number;
}

const CALL_COUNTS = [200, 1000] as const;
const WARM_UP_MS = 2_000;
const MEASURE_MS = 5_000;
// Beyond this the relay (or the load) was overrun, and what it forwarded tells nothing.
const MAX_LOSS_RATIO = 0.01;
const TARGET_RATIO = 0.8;
const PEER_PORTS = [32_000, 60_000] as const;

export async function benchRelay(): Promise<boolean> {
  const hasPeer = findPeer('rtpengine') !== undefined;
  if (!hasPeer) process.stdout.write(`\n${installHint('rtpengine')}\n`);
  let isMet = true;
  for (const calls of CALL_COUNTS) {
    const direct = await measureDirect(calls);
    const ours = { name: 'patchcord', measure: () => measureRelay(startRelayHost(), calls) };
    const start = () => startRtpengine({ rtpPorts: PEER_PORTS, ...onServerCore });
    const peer = hasPeer ? { name: 'rtpengine', measure: () => measureRelay(start(), calls) } : undefined;
    const reached = await compare(ours, peer, {
      title: `Relay, ${calls} calls, 50 packets a second each way (a datagram straight across: ${direct.text})`,
      figure: (figures) => figures.packetsPerCpuSecond,
      unit: 'packets/CPU s',
      target: TARGET_RATIO,
      describe: (figures) => describe(figures, direct.delays),
    });
    isMet = reached && isMet;
  }
  return isMet;
}

function describe(figures: RelayFigures, direct: DelayHistogram): string {
  const added = (share: number) =>
    Math.max(0, figures.delays.quantile(share) - direct.quantile(share)).toFixed(2);
  const { usage } = figures;
  return (
    `adds p50 ${added(0.5)} ms, p99 ${added(0.99)} ms; lost ${(figures.lossRatio * 100).toFixed(2)} %; ` +
    `core busy ${formatPercent(usage.serverBusy)}, load core ${formatPercent(usage.loadBusy)}`
  );
}

/** The load alone, each party sending straight to the other: the delay of sockets and generator. */
async function measureDirect(calls: number): Promise<{ delays: DelayHistogram; text: string }> {
  const load = new RtpLoad();
  await load.open();
  for (let call = 0; call < calls; call += 1) {
    const { callerPort, calleePort } = load.partiesOf(call);
    load.addCall(call, { forCaller: calleePort, forCallee: callerPort });
  }
  const startedAt = performance.now();
  const before = process.cpuUsage();
  const { delays } = await load.run(WARM_UP_MS);
  const { user, system } = process.cpuUsage(before);
  const busy = (user + system) / 1000 / (performance.now() - startedAt);
  load.close();
  const quantiles = `p50 ${delays.quantile(0.5).toFixed(2)} ms, p99 ${delays.quantile(0.99).toFixed(2)} ms`;
  return { delays, text: `${quantiles}, load core ${formatPercent(busy)}` };
}

async function measureRelay(starting: Promise<Relay>, calls: number): Promise<RelayFigures> {
  const relay = await starting;
  const load = new RtpLoad();
  try {
    await load.open();
    for (let call = 0; call < calls; call += 1) {
      load.addCall(call, await relay.openCall(`bench-${call}`, load.partiesOf(call)));
    }
    await load.run(WARM_UP_MS);
    const meter = new LoadMeter(relay.pid);
    const result = await load.run(MEASURE_MS);
    const usage = meter.stop();
    const lossRatio = 1 - result.received / result.sent;
    checkHeadroom(usage);
    if (result.late > 0) complain(`the load was late with ${result.late} packets`);
    if (lossRatio > MAX_LOSS_RATIO) complain(`${formatPercent(lossRatio)} of the packets were lost`);
    const packetsPerCpuSecond = result.received / usage.serverSeconds;
    return { packetsPerCpuSecond, usage, delays: result.delays, lossRatio };
  } finally {
    load.close();
    await relay.stop();
  }
}
