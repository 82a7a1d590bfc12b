// Delay and echo: harmless each for itself, and together what makes people talk over one another.

import { delayImpairment } from '../../../media/index.ts';
import type { CallView, LegView } from '../call-view.ts';
import { ofCall, type Said, toParty } from '../finding.ts';
import {
  DELAY_FAULT_MS,
  DELAY_RISK_MS,
  ECHO_FAULT_R,
  ECHO_RISK_R,
  ROUND_TRIP_SWING_MS,
} from '../thresholds.ts';
import type { Evidence, Finding } from '../types.ts';
import { milliseconds, msEvidence } from '../words.ts';
import type { Rule } from './rule.ts';

/** What is known of the time from mouth to ear; null where nothing was measured. */
interface Delay {
  /** Half the round trips of both ways. */
  readonly networkMs: number;
  /** What the phones say that they add (RFC 3611 §4.7.5): of playing and sending, so that one way has a half of each. */
  readonly phonesMs: number;
}

function delayOf({ legs }: CallView): Delay | null {
  if (legs.every(({ report }) => report.roundTripMs === null)) return null;
  const sum = (of: (leg: LegView) => number) =>
    legs.reduce((total, leg) => total + Math.max(0, of(leg)) / 2, 0);
  return {
    networkMs: sum(roundTripOf),
    phonesMs: sum(({ measuredThere }) => measuredThere?.endSystemDelayMs ?? 0),
  };
}

/** The last one may have met a queue: where round trips swing, the least says how long the way is. */
function roundTripOf({ report }: LegView): number {
  const { roundTripMs, minRoundTripMs, maxRoundTripMs } = report;
  const swingMs = (maxRoundTripMs ?? 0) - (minRoundTripMs ?? 0);
  return (swingMs >= ROUND_TRIP_SWING_MS ? minRoundTripMs : roundTripMs) ?? 0;
}

const LONG_DELAY: Rule = (call) => {
  const delay = delayOf(call);
  const totalMs = delay ? delay.networkMs + delay.phonesMs : 0;
  if (!delay || totalMs <= DELAY_RISK_MS) return [];
  const said = {
    severity: totalMs > DELAY_FAULT_MS ? ('fault' as const) : ('risk' as const),
    costR: delayImpairment(totalMs),
    evidence: evidenceOf(call, delay),
  };
  return [delay.networkMs >= delay.phonesMs ? longWay(call, totalMs, said) : longBuffer(call, totalMs, said)];
};

function longWay({ legs }: CallView, totalMs: number, said: Omit<Said, 'sentence'>): Finding {
  const [longest] = legs.toSorted((a, b) => roundTripOf(b) - roundTripOf(a));
  const most = longest ? `, most of it on the way to ${longest.name}'s phone` : '';
  return ofCall('long-delay', {
    ...said,
    sentence: `It takes ${milliseconds(totalMs)} or more from mouth to ear${most}: people interrupt each other, and any echo is heard`,
    mend: 'use a server nearer to both, and avoid VPNs and satellites on the way',
  });
}

function longBuffer({ legs }: CallView, totalMs: number, said: Omit<Said, 'sentence'>): Finding {
  const heldBy = ({ measuredThere }: LegView) => measuredThere?.endSystemDelayMs ?? 0;
  const [longest] = legs.toSorted((a, b) => heldBy(b) - heldBy(a));
  const where = longest ? `${longest.name}'s phone` : 'the phones';
  return ofCall('buffer-delay', {
    ...said,
    sentence: `It takes ${milliseconds(totalMs)} or more from mouth to ear, most of it in the buffers of ${where}: people interrupt each other`,
    mend: `let ${where} buffer less, or adaptively`,
  });
}

function evidenceOf({ legs }: CallView, { networkMs, phonesMs }: Delay): readonly Evidence[] {
  return [
    msEvidence('one way on the network', networkMs),
    msEvidence('in the phones', phonesMs),
    ...legs.flatMap(({ name, report }) =>
      report.roundTripMs === null ? [] : [msEvidence(`round trip to ${name}`, report.roundTripMs)],
    ),
  ];
}

const ECHO: Rule = (call) => {
  const delay = delayOf(call);
  if (!delay) return [];
  const delayMs = delay.networkMs + delay.phonesMs;
  return call.legs.flatMap((leg) => {
    const lossDb = leg.measuredThere?.echoReturnLossDb ?? null;
    if (lossDb === null) return [];
    const costR = talkerEchoImpairment(lossDb, delayMs);
    return costR < ECHO_RISK_R ? [] : [echoOf(leg, { lossDb, delayMs, costR })];
  });
};

function echoOf(leg: LegView, figures: { lossDb: number; delayMs: number; costR: number }) {
  const { lossDb, delayMs, costR } = figures;
  return toParty('echo', leg, {
    severity: costR >= ECHO_FAULT_R ? 'fault' : 'risk',
    sentence: `${leg.otherName} hears an echo of their own voice: ${leg.name}'s phone gives it back ${Math.round(lossDb)} dB weaker, after ${milliseconds(2 * delayMs)}`,
    mend: `use a headset on ${leg.name}'s side, or turn the loudspeaker down and echo cancellation on`,
    costR,
    evidence: [
      { name: 'echo return loss', value: Math.round(lossDb), unit: 'dB' },
      msEvidence('there and back', 2 * delayMs),
      { name: 'taken of R', value: Number(costR.toFixed(1)), unit: null },
    ],
  });
}

// ITU-T G.107 table 1: loudness of sending and receiving, and all that is taken as noise there.
const SEND_LOUDNESS_DB = 8;
const RECEIVE_LOUDNESS_DB = 2;
const NOISE_DBM0P = -61.2;

/** ITU-T G.107 §7.4, Idte with STMR at its default. @param lossDb - of the far phone's echo path */
export function talkerEchoImpairment(lossDb: number, delayMs: number): number {
  const talkerEchoDb = SEND_LOUDNESS_DB + lossDb + RECEIVE_LOUDNESS_DB;
  const t = Math.max(0, delayMs);
  const terv = talkerEchoDb - 40 * Math.log10((1 + t / 10) / (1 + t / 150)) + 6 * Math.exp(-0.3 * t * t);
  const re = 80 + 2.5 * (terv - 14);
  const roe = -1.5 * (NOISE_DBM0P - RECEIVE_LOUDNESS_DB);
  const half = (roe - re) / 2;
  return Math.max(0, (half + Math.sqrt(half * half + 100) - 1) * (1 - Math.exp(-t)));
}

/** Delay and echo. */
export const DELAY_RULES: readonly Rule[] = [LONG_DELAY, ECHO];
