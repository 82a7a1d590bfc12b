// A call report for people.

import type { BurstGap } from '../../media/index.ts';
import { SOUND_STOPPED_MS } from './exit-status.ts';
import { mosHistoryText, type Paint, plainPaint, roundTripText, UNKNOWN } from './figures.ts';
import { pathText } from './path.ts';
import { qualityTable } from './quality-table.ts';
import type { CallReport } from './types.ts';

/** Several lines, without a line break at the end. */
export function formatReport(report: CallReport, paint: Paint = plainPaint): string {
  const lines = [headline(report, paint), ...setupLines(report), ...pathLines(report)];
  if (report.isAnswered)
    lines.push(
      '',
      ...table(report, paint),
      ...playoutLines(report),
      ...burstLines(report),
      ...farEndLines(report),
      ...mosLines(report, paint),
    );
  if (report.silentTailMs >= SOUND_STOPPED_MS) {
    lines.push(`  ${paint(`no sound came in the last ${seconds(report.silentTailMs)} s`, 'red')}`);
  }
  if (report.digits !== '') lines.push(`  digits received: ${report.digits}`);
  if (report.recordingFailure !== null) lines.push(`  ${paint(report.recordingFailure, 'red')}`);
  else if (report.recording !== null) lines.push(`  recorded in ${report.recording}`);
  return lines.join('\n');
}

function headline(report: CallReport, paint: Paint): string {
  const who = `${report.direction === 'outgoing' ? 'Call to' : 'Call from'} ${paint(report.remote, 'bold')}`;
  if (!report.isAnswered) {
    const status = report.status === null ? '' : `${report.status} `;
    return `${who}: ${paint(`failed, ${status}${report.reason}`, 'red')}`;
  }
  return `${who}: ${seconds(report.durationMs)} s, ${report.reason}`;
}

function setupLines(report: CallReport): string[] {
  const { ringingMs, answeredMs } = report.setup;
  const parts = [
    ringingMs === null ? undefined : `ringing after ${Math.round(ringingMs)} ms`,
    answeredMs === null ? undefined : `answered after ${Math.round(answeredMs)} ms`,
    report.codec === null ? undefined : `codec ${report.codec}`,
    roundTripText(report),
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? [] : [`  ${parts.join(', ')}`];
}

function pathLines({ path, silentServers, secured, isAnswered }: CallReport): string[] {
  return [
    ...(path ? [`  path: ${pathText(path)}`] : []),
    ...silentServers.map(
      (uri) => `  no answer from ${uri}: ${SILENT_MEND[uri.startsWith('stun') ? 'stun' : 'turn']}`,
    ),
    ...(secured && isAnswered
      ? [
          `  secured: ${secured.protocol}, far end ${secured.fingerprint ?? UNKNOWN}`,
          `  our end ${secured.ownFingerprint ?? UNKNOWN}`,
        ]
      : []),
  ];
}

const SILENT_MEND = {
  stun: 'it told no address of ours; check --stun, and whether a firewall lets UDP through to there',
  turn: 'it gave no relay; check --turn, and whether a firewall lets us through to there',
} as const;

function table({ inbound, outbound }: CallReport, paint: Paint): string[] {
  const columns = [
    { title: 'heard here', quality: inbound },
    { title: 'heard there', quality: outbound },
  ];
  return qualityTable(columns, paint);
}

/** What the jitter buffer did to the sound that is heard here. */
function playoutLines({ inbound: { playout } }: CallReport): string[] {
  if (playout?.delayMs == null) return [];
  const { delayMs, recovered, undecodable, concealedMs, stretchedMs, compressedMs, clockDriftPpm } = playout;
  const parts = [
    `${delayMs.toFixed(0)} ms of delay`,
    recovered > 0 ? `${recovered} packets from copies` : undefined,
    undecodable > 0 ? `${undecodable} not decodable` : undefined,
    `${(concealedMs / 1000).toFixed(2)} s made up`,
    stretchedMs + compressedMs > 0
      ? `${seconds(stretchedMs)} s put in, ${seconds(compressedMs)} s taken out`
      : undefined,
    clockDriftPpm === null ? undefined : `clock ${clockDriftPpm.toFixed(0)} ppm`,
  ].filter((part) => part !== undefined);
  return [`  playout: ${parts.join(', ')}`];
}

/** Losses that came together: only where some did. */
function burstLines({ inbound, outbound }: CallReport): string[] {
  const parts = [burstsOf('here', inbound.burstGap), burstsOf('there', outbound.burstGap)].filter(
    (part) => part !== undefined,
  );
  return parts.length === 0 ? [] : [`  lost in bursts: ${parts.join('; ')}`];
}

function burstsOf(where: string, burstGap: BurstGap | null): string | undefined {
  if (!burstGap || burstGap.burstMs === 0) return undefined;
  const { burstDensity, burstMs, gapMs } = burstGap;
  const share = `${(100 * burstDensity).toFixed(0)} %`;
  return `${where} ${share} within ${burstMs.toFixed(0)} ms on average, ${seconds(gapMs)} s apart`;
}

/** What the far end measured and no report of receivers says (RFC 3611 §4.7). */
function farEndLines({ farEndMetrics }: CallReport): string[] {
  if (!farEndMetrics) return [];
  const { rFactor, mosLq, discardRatio, endSystemDelayMs, echoReturnLossDb } = farEndMetrics;
  const parts = [
    rFactor === null ? undefined : `R ${rFactor.toFixed(0)}`,
    mosLq === null ? undefined : `MOS-LQ ${mosLq.toFixed(1)}`,
    discardRatio > 0 ? `${(100 * discardRatio).toFixed(1)} % came too late` : undefined,
    endSystemDelayMs === null ? undefined : `${endSystemDelayMs.toFixed(0)} ms of delay of its own`,
    echoReturnLossDb === null ? undefined : `echo ${echoReturnLossDb.toFixed(0)} dB down`,
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? [] : [`  the far end says: ${parts.join(', ')}`];
}

function mosLines(report: CallReport, paint: Paint): string[] {
  const line = mosHistoryText(report.mosHistory, report.mosIntervalMs, paint);
  return line === undefined ? [] : ['', `  MOS ${line}`];
}

function seconds(milliseconds: number | null): string {
  return milliseconds === null ? UNKNOWN : (milliseconds / 1000).toFixed(1);
}
