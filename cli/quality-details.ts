// All that is known of the quality of one call.
import type { VoipMetrics } from '../media/index.ts';
import type { CallRecord, PhoneReport } from '../server/index.ts';
import {
  figure,
  mosHistoryText,
  type Paint,
  paintMos,
  percentText,
  qualityTable,
  roundTripText,
} from '../softphone/index.ts';
import { clockText } from './quality-list.ts';
import {
  burstsText,
  calleeText,
  type DirectionView,
  directionsOf,
  directionText,
  legsOf,
  reportedBy,
  type StoredLeg,
  worstSecondOf,
} from './quality-view.ts';

/** Several lines, without a line break at the end. */
export function detailsText(record: CallRecord, paint: Paint): string {
  const directions = directionsOf(record);
  const lines = [...headLines(record, paint)];
  for (const { role, leg } of legsOf(record)) {
    const own = directions.filter((direction) => direction.role === role);
    lines.push('', ...legLines(leg, { role, own }, paint));
  }
  const worst = worstSecondOf(directions);
  if (worst) {
    const { mos, atMs, direction } = worst;
    const text = `${mos.toFixed(2)} at ${clockText(atMs)}, ${directionText(direction)}`;
    const { intervalMs } = direction.history;
    const span = intervalMs === 1000 ? 'second' : `${intervalMs / 1000} s`;
    lines.push('', `worst ${span}: MOS ${paintMos(text, mos, paint)}`);
  }
  for (const report of record.phoneReports ?? []) lines.push('', ...phoneReportLines(report, paint));
  return lines.join('\n');
}

function headLines(record: CallRecord, paint: Paint): readonly string[] {
  const { uniqueid, src, start, billsec, disposition, reason, callIds = [] } = record;
  const outcome = [disposition ?? 'LIVE', `${billsec} s`, reason ?? undefined].filter(
    (part) => part !== undefined,
  );
  return [
    `call ${uniqueid}: ${paint(`${src} -> ${calleeText(record)}`, 'bold')}, ${outcome.join(', ')}`,
    `  began ${start}`,
    ...callIds.map((callId, index) => `  Call-ID of the ${index === 0 ? 'caller' : 'callee'}: ${callId}`),
    ...(record.quality.length === 0 ? ['  no sound was measured'] : []),
  ];
}

function legLines(
  leg: StoredLeg,
  { role, own }: { readonly role: string; readonly own: readonly DirectionView[] },
  paint: Paint,
): readonly string[] {
  const about = [
    `${paint(leg.label ?? role, 'bold')} (${role})`,
    leg.codec ?? undefined,
    roundTripText({
      roundTripMs: leg.roundTripMs ?? null,
      minRoundTripMs: leg.minRoundTripMs ?? null,
      maxRoundTripMs: leg.maxRoundTripMs ?? null,
    }),
  ];
  return [
    about.filter((part) => part !== undefined).join(', '),
    ...qualityTable(
      own.map((direction) => ({ title: directionText(direction), quality: direction.quality })),
      paint,
    ),
    ...extras(leg, own, paint),
  ];
}

function extras(leg: StoredLeg, own: readonly DirectionView[], paint: Paint): readonly string[] {
  const lines = own.flatMap((direction) => {
    const bursts = burstsText(direction.quality?.burstGap ?? null);
    return bursts === undefined ? [] : [`  lost or late ${directionText(direction)}: ${bursts}`];
  });
  for (const direction of own) {
    const { mosLq, intervalMs } = direction.history;
    const bars = mosHistoryText(mosLq, intervalMs, paint);
    if (bars !== undefined) lines.push(`  MOS ${directionText(direction)}  ${bars}`);
  }
  const told = reportedBy(leg);
  if (told) lines.push(`  told by ${leg.label ?? 'the phone'} (RTCP XR): ${metricsText(told)}`);
  return lines;
}

/** What both forms of telling have in common. */
type ToldMetrics = {
  readonly [Name in
    | 'lossRatio'
    | 'discardRatio'
    | 'roundTripMs'
    | 'endSystemDelayMs'
    | 'signalLevelDbm'
    | 'noiseLevelDbm'
    | 'rFactor'
    | 'mosLq'
    | 'mosCq']?: number | null;
} & Partial<Pick<VoipMetrics, 'jitterBuffer'>>;

function metricsText(told: ToldMetrics): string {
  const { roundTripMs, endSystemDelayMs, signalLevelDbm, noiseLevelDbm, rFactor, mosLq, mosCq } = told;
  const part = (label: string, value: number | null | undefined, digits = 0, unit = '') =>
    value == null ? undefined : `${label} ${value.toFixed(digits)}${unit}`;
  const parts = [
    told.lossRatio == null ? undefined : `lost ${percentText(told.lossRatio)}`,
    told.discardRatio == null ? undefined : `discarded ${percentText(told.discardRatio)}`,
    part('round trip', roundTripMs, 0, ' ms'),
    part('end system', endSystemDelayMs, 0, ' ms'),
    part('jitter buffer', told.jitterBuffer?.nominalMs, 0, ' ms'),
    part('signal', signalLevelDbm, 0, ' dBm0'),
    part('noise', noiseLevelDbm, 0, ' dBm0'),
    part('R', rFactor),
    part('MOS-LQ', mosLq, 2),
    part('MOS-CQ', mosCq, 2),
  ].filter((text) => text !== undefined);
  return parts.length === 0 ? 'nothing measured' : parts.join(', ');
}

function phoneReportLines({ from, receivedAt, report }: PhoneReport, paint: Paint): readonly string[] {
  const kind = report.alert ? `alert on ${report.alert.metric}` : report.kind;
  const sides = [
    { name: `heard by ${from}`, metrics: report.local },
    { name: `heard by its far end`, metrics: report.remote },
  ];
  return [
    `${paint(from, 'bold')} reported (vq-rtcpxr, ${kind}) at ${receivedAt}`,
    ...sides.flatMap(({ name, metrics }) => {
      if (!metrics) return [];
      const { jitterMs, codec, rFactorCq, rFactorLq } = metrics;
      const about = [codec ?? undefined, jitterMs === null ? undefined : `jitter ${figure(jitterMs)} ms`];
      const text = [
        ...about.filter((one) => one !== undefined),
        metricsText({ ...metrics, rFactor: rFactorCq ?? rFactorLq }),
      ];
      return [`  ${name}: ${text.join(', ')}`];
    }),
  ];
}
