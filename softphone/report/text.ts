// A call report for people.

import { SOUND_STOPPED_MS } from './exit-status.ts';
import { sparkline } from './sparkline.ts';
import type { CallReport, DirectionReport } from './types.ts';

/** Paints a piece of text, or leaves it as it is where nobody sees colours. */
export type Paint = (text: string, colour: 'green' | 'yellow' | 'red' | 'dim' | 'bold') => string;

export const plainPaint: Paint = (text) => text;

const LABEL_WIDTH = 14;
const COLUMN_WIDTH = 21;
const SPARKLINE_WIDTH = 60;
/** ITU-T G.107 annex B: from 4.03 on most people are satisfied, below 3.6 many are not. */
const GOOD_MOS = 4.03;
const FAIR_MOS = 3.6;
const UNKNOWN = '-';

/** Several lines, without a line break at the end. */
export function formatReport(report: CallReport, paint: Paint = plainPaint): string {
  const lines = [headline(report, paint), ...setupLines(report)];
  if (report.isAnswered)
    lines.push('', ...table(report, paint), ...playoutLines(report), ...mosLines(report, paint));
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
    roundTrip(report),
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? [] : [`  ${parts.join(', ')}`];
}

function roundTrip(report: CallReport): string | undefined {
  if (report.roundTripMs === null) return undefined;
  const range =
    report.minRoundTripMs === null || report.maxRoundTripMs === null
      ? ''
      : ` (${fixed(report.minRoundTripMs)} to ${fixed(report.maxRoundTripMs)})`;
  return `round trip ${fixed(report.roundTripMs)} ms${range}`;
}

function table(report: CallReport, paint: Paint): string[] {
  const row = (
    label: string,
    cell: (direction: DirectionReport) => string,
    colour?: (d: DirectionReport) => number | null,
  ) =>
    `  ${label.padEnd(LABEL_WIDTH)}${[report.inbound, report.outbound]
      .map((direction) => {
        const text = cell(direction).padStart(COLUMN_WIDTH);
        return colour ? paintMos(text, colour(direction), paint) : text;
      })
      .join('')}`;
  return [
    `  ${''.padEnd(LABEL_WIDTH)}${'heard here'.padStart(COLUMN_WIDTH)}${'heard there'.padStart(COLUMN_WIDTH)}`,
    row('packets', (d) => String(d.packets)),
    row('lost', (d) => (d.lost === null ? UNKNOWN : `${d.lost}${percent(d.lossRatio)}`)),
    row('discarded', (d) => number(d.discarded, 0)),
    row('jitter', jitter),
    row('level', (d) => (d.levelDbov === null ? UNKNOWN : `${d.levelDbov.toFixed(0)} dBov`)),
    row('R factor', (d) => number(d.rFactor)),
    row(
      'MOS-LQ',
      (d) => number(d.mosLq, 2),
      (d) => d.mosLq,
    ),
    row(
      'MOS-CQ',
      (d) => number(d.mosCq, 2),
      (d) => d.mosCq,
    ),
  ];
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

function mosLines(report: CallReport, paint: Paint): string[] {
  const known = report.mosHistory.filter((value) => value !== null);
  if (known.length === 0) return [];
  const bars = sparkline(report.mosHistory, { lowest: 1, highest: 4.5, width: SPARKLINE_WIDTH });
  const lowest = Math.min(...known);
  const range = `${lowest.toFixed(2)} to ${Math.max(...known).toFixed(2)}`;
  const group = Math.ceil(report.mosHistory.length / SPARKLINE_WIDTH);
  const step = `a bar is ${seconds(report.mosIntervalMs * group)} s`;
  return ['', `  MOS ${paintMos(bars, lowest, paint)} ${range}, ${step}`];
}

function paintMos(text: string, mos: number | null, paint: Paint): string {
  if (mos === null) return paint(text, 'dim');
  if (mos >= GOOD_MOS) return paint(text, 'green');
  return paint(text, mos >= FAIR_MOS ? 'yellow' : 'red');
}

function percent(ratio: number | null): string {
  return ratio === null ? '' : ` (${(ratio * 100).toFixed(1)} %)`;
}

function number(value: number | null, digits = 1): string {
  return value === null ? UNKNOWN : value.toFixed(digits);
}

function fixed(value: number): string {
  return value.toFixed(1);
}

function seconds(milliseconds: number | null): string {
  return milliseconds === null ? UNKNOWN : (milliseconds / 1000).toFixed(1);
}

function jitter({ jitterMs, maxJitterMs }: DirectionReport): string {
  if (jitterMs === null) return UNKNOWN;
  return `${fixed(jitterMs)}${maxJitterMs === null ? '' : ` (max ${fixed(maxJitterMs)})`} ms`;
}
