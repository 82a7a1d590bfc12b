// Delay and echo: harmless each for itself, and together what makes people talk over one another.

import { delayImpairment } from '../../../media/index.ts';
import type { CallView, LegView } from '../call-view.ts';
import { ofCall, toParty } from '../finding.ts';
import { DELAY_FAULT_MS, DELAY_RISK_MS, ECHO_FAULT_R, ECHO_RISK_R } from '../thresholds.ts';
import { milliseconds, msEvidence } from '../words.ts';
import type { Rule } from './rule.ts';

/** Half the round trips of both ways, and what the phones say that they add (RFC 3611 §4.7.5); null where nothing was measured. */
function oneWayMs(call: CallView): number | null {
  const known = call.legs.filter(({ report }) => report.roundTripMs !== null);
  if (known.length === 0) return null;
  const networkMs = known.reduce((sum, { report }) => sum + (report.roundTripMs ?? 0) / 2, 0);
  // End system delay is of playing and sending; one way has a half of each.
  const phonesMs = call.legs.reduce(
    (sum, { report }) => sum + (report.reportedByParty?.endSystemDelayMs ?? 0) / 2,
    0,
  );
  return Math.max(0, networkMs + phonesMs);
}

const LONG_DELAY: Rule = (call) => {
  const delayMs = oneWayMs(call);
  if (delayMs === null || delayMs <= DELAY_RISK_MS) return [];
  const [longest] = call.legs.toSorted((a, b) => (b.report.roundTripMs ?? 0) - (a.report.roundTripMs ?? 0));
  const most = longest ? `, most of it to ${longest.name}'s phone` : '';
  return [
    ofCall('long-delay', {
      severity: delayMs > DELAY_FAULT_MS ? 'fault' : 'risk',
      sentence: `It takes ${milliseconds(delayMs)} or more from mouth to ear${most}: people interrupt each other, and any echo is heard`,
      mend: 'use a server nearer to both, avoid VPNs and satellites on the way, and let phones buffer less',
      costR: delayImpairment(delayMs),
      evidence: [
        msEvidence('one way, at least', delayMs),
        ...call.legs.flatMap(({ name, report }) =>
          report.roundTripMs === null ? [] : [msEvidence(`round trip to ${name}`, report.roundTripMs)],
        ),
      ],
    }),
  ];
};

const ECHO: Rule = (call) => {
  const delayMs = oneWayMs(call);
  if (delayMs === null) return [];
  return call.legs.flatMap((leg) => {
    const lossDb = leg.report.reportedByParty?.echoReturnLossDb ?? null;
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
