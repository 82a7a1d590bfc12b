// Packets that were lost or came too late, on each of the four ways of a call: which, how many, how, and at what cost.
import { codecImpairment, lossImpairment } from '../../../media/index.ts';
import type { LegView } from '../call-view.ts';
import type { FindingCode } from '../catalogue.ts';
import type { DirectionEvidence } from '../evidence.ts';
import { fromParty, type Said, toParty } from '../finding.ts';
import { lossBehindRepair, mosOf, type Way } from '../repair.ts';
import {
  BURSTY_DENSITY,
  ENOUGH_LOST,
  ENOUGH_PACKETS,
  JITTER_RISK_MS,
  LOSS_FAULT_RATIO,
  LOSS_RISK_RATIO,
  ROUND_TRIP_SWING_MS,
} from '../thresholds.ts';
import type { Evidence, Finding } from '../types.ts';
import { mosEvidence, msEvidence, packetsEvidence, percent, percentEvidence } from '../words.ts';
import { ofEachLeg, type Rule } from './rule.ts';

type LossCode = Extract<FindingCode, 'loss-congestion' | 'loss-bursty' | 'loss-random'>;

/** One way, and what was lost on it and not before it. */
interface LossyWay extends Way {
  readonly quality: DirectionEvidence;
  readonly lossRatio: number;
}

const LOSS = ofEachLeg((leg) => {
  const { inbound, sent } = leg.report;
  const outbound = leg.heard;
  const own = lossHere(leg);
  const findings: (Finding | undefined)[] = [];
  if (inbound.packets >= ENOUGH_PACKETS) {
    findings.push(lossOf({ leg, isInbound: true, quality: inbound, lossRatio: own }));
  }
  if (outbound && sent >= ENOUGH_PACKETS) {
    const lossRatio = lossBeyond(outbound.lossRatio ?? 0, leg.hearsRelayed ? leg.other : null);
    findings.push(lossOf({ leg, isInbound: false, quality: outbound, lossRatio }));
  }
  return findings.filter((finding) => finding !== undefined);
});

/** Packets that came and could not be used leave holes in the numbers, and are told of elsewhere. */
function lossHere({ report }: LegView): number {
  const { packets, lost } = report.inbound;
  const unused = report.discarded['wrong-payload-type'] ?? 0;
  return lost <= 0 ? 0 : Math.max(0, lost - unused) / (packets + lost);
}

/** What is passed on has its holes already, but for those that copies filled: they are no loss of the second way. */
function lossBeyond(total: number, speaker: LegView | null): number {
  const left = speaker && lossBehindRepair({ leg: speaker, isInbound: true });
  const before = left ?? speaker?.report.inbound.lossRatio ?? 0;
  if (before >= 1) return 0;
  return Math.max(0, 1 - (1 - total) / (1 - before));
}

function lossOf(way: LossyWay): Finding | undefined {
  const { lossRatio, leg, isInbound } = way;
  if (lossRatio < LOSS_RISK_RATIO) return undefined;
  const code = kindOf(way);
  const [from, to] = isInbound
    ? [`${leg.name}'s phone`, 'this server']
    : ['this server', `${leg.name}'s phone`];
  const listener = isInbound ? leg.otherName : leg.name;
  const left = lossBehindRepair(way);
  const [mos, costR] = [mosOf(way), costOf(way, left ?? lossRatio)];
  const rated = mos === null ? '' : `, which leaves ${listener} a MOS of ${mos.toFixed(1)}`;
  const repaired = left === null ? '' : `; copies (RED) made up for all but ${percent(left)}`;
  const said: Said = {
    severity: (left ?? lossRatio) >= LOSS_FAULT_RATIO ? 'fault' : 'risk',
    sentence: `${percent(lossRatio)} of the packets from ${from} to ${to} were lost, ${HOW[code]}${repaired}${rated}`,
    mend: MENDS[code],
    costR,
    evidence: evidenceOf(way, { mos, costR }),
  };
  return isInbound ? fromParty(code, leg, said) : toParty(code, leg, said);
}

/** Queues show in jitter or in the round trip; radio loses in bursts and keeps the time. */
function kindOf({ leg, isInbound, quality, lossRatio }: LossyWay): LossCode {
  const { minRoundTripMs, maxRoundTripMs } = leg.report;
  const swingMs = (maxRoundTripMs ?? 0) - (minRoundTripMs ?? 0);
  if ((quality.maxJitterMs ?? quality.jitterMs ?? 0) >= JITTER_RISK_MS || swingMs >= ROUND_TRIP_SWING_MS) {
    return 'loss-congestion';
  }
  // What copies made up for is in no burst.
  const isCounted = quality.lost >= ENOUGH_LOST && lossBehindRepair({ leg, isInbound }) === null;
  const density = isCounted ? (quality.burstGap?.burstDensity ?? 0) : 0;
  return density >= Math.max(BURSTY_DENSITY, 2 * lossRatio) ? 'loss-bursty' : 'loss-random';
}

const HOW: Readonly<Record<LossCode, string>> = {
  'loss-congestion': 'with jitter beside it, as where a queue runs over',
  'loss-bursty': 'several in a row, as on Wi-Fi',
  'loss-random': 'one here and one there, as on a faulty line',
};

const MENDS: Readonly<Record<LossCode, string>> = {
  'loss-congestion':
    'something else fills the line: give voice (DSCP EF) precedence in the router, or limit uploads; Opus with media.redundancy: auto bears more',
  'loss-bursty':
    'bring the phone nearer to its access point, to 5 GHz, or onto a cable; Opus with media.redundancy: auto bears more',
  'loss-random':
    'look for a bad cable, a duplex mismatch or a policer on the way; Opus with media.redundancy: auto bears more',
};

interface Figures {
  readonly mos: number | null;
  readonly costR: number | null;
}

/** What the loss takes of R (ITU-T G.107 §7.5). */
function costOf({ leg }: Way, lossRatio: number): number | null {
  const codec = codecImpairment(leg.report.codec ?? '', true);
  return codec ? lossImpairment(codec, lossRatio) - codec.ie : null;
}

function evidenceOf({ quality, lossRatio }: LossyWay, figures: Figures): readonly Evidence[] {
  const { burstGap, maxJitterMs, lost } = quality;
  const { mos, costR } = figures;
  return [
    percentEvidence('lost', lossRatio),
    packetsEvidence('lost', Math.max(0, lost)),
    ...(burstGap?.burstDensity == null ? [] : [percentEvidence('lost within bursts', burstGap.burstDensity)]),
    ...(burstGap?.burstMs == null ? [] : [msEvidence('mean burst', burstGap.burstMs)]),
    ...(maxJitterMs === null ? [] : [msEvidence('greatest jitter', maxJitterMs)]),
    ...mosEvidence(mos),
    ...(costR === null ? [] : [{ name: 'taken of R', value: Number(costR.toFixed(1)), unit: null }]),
  ];
}

/** Loss. */
export const LOSS_RULES: readonly Rule[] = [LOSS];
