// Packets that a relay forwards in a CPU second, and the delay that it adds, beside rtpengine in user space.
import { findPeer, installHint } from '../support/peers/require-peer.ts';
import { startRtpengine } from '../support/peers/rtpengine.ts';
import { compare, median } from './compare.ts';
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

/** With the ratio that the project promises: of few calls, where each packet is a wake-up of its own, none. */
const LOADS = [{ calls: 1000, target: 1.2 }, { calls: 200 }] as const;
const WARM_UP_MS = 2_000;
const MEASURE_MS = 5_000;
// Beyond this the relay (or the load) was overrun, and what it forwarded tells nothing.
const MAX_LOSS_RATIO = 0.01;
/** What the project promises of its own relay. */
const TARGET_LOSS_RATIO = 0.0001;
const PEER_PORTS = [32_000, 60_000] as const;

export async function benchRelay(): Promise<boolean> {
  const hasPeer = findPeer('rtpengine') !== undefined;
  if (!hasPeer) process.stdout.write(`\n${installHint('rtpengine')}\n`);
  let isMet = true;
  for (const load of LOADS) {
    const { calls } = load;
    const direct = await measureDirect(calls);
    const [ownRuns, peerRuns]: [RelayFigures[], RelayFigures[]] = [[], []];
    const ours = {
      name: 'patchcord',
      measure: () => noted(ownRuns, measureRelay(startRelayHost(), calls)),
    };
    const start = () => startRtpengine({ rtpPorts: PEER_PORTS, ...onServerCore });
    const measurePeer = () => noted(peerRuns, measureRelay(start(), calls));
    const peer = hasPeer ? { name: 'rtpengine', measure: measurePeer } : undefined;
    const reached = await compare(ours, peer, {
      title: `Relay, ${calls} calls, 50 packets a second each way (a datagram straight across: ${direct.text})`,
      figure: (figures) => figures.packetsPerCpuSecond,
      unit: 'packets/CPU s',
      ...('target' in load ? { target: load.target } : {}),
      describe: (figures) => describe(figures, direct.delays),
    });
    isMet = reached && isMet;
    if ('target' in load) isMet = judgeDelayAndLoss(ownRuns, peerRuns) && isMet;
  }
  return isMet;
}

async function noted(runs: RelayFigures[], measuring: Promise<RelayFigures>): Promise<RelayFigures> {
  const figures = await measuring;
  runs.push(figures);
  return figures;
}

/** Medians of the rounds: no packet is to wait longer than in the peer, and next to none to be lost. */
function judgeDelayAndLoss(ours: readonly RelayFigures[], peer: readonly RelayFigures[]): boolean {
  const p99 = (runs: readonly RelayFigures[]) =>
    median(runs.map(({ delays }) => delays.quantile(0.99))) ?? Number.NaN;
  const loss = median(ours.map(({ lossRatio }) => lossRatio)) ?? Number.NaN;
  const isQuick = peer.length === 0 || p99(ours) <= p99(peer);
  const isWhole = loss <= TARGET_LOSS_RATIO;
  const delays = `p99 of the way ${p99(ours).toFixed(2)} ms, the peer's ${p99(peer).toFixed(2)} ms`;
  process.stdout.write(`  ${delays} (${isQuick ? 'reached' : 'MISSED'}); `);
  process.stdout.write(`lost ${formatPercent(loss)} (to reach: 0.01 %; ${isWhole ? 'reached' : 'MISSED'})\n`);
  return isQuick && isWhole;
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
