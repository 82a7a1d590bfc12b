// Writes a report as the text of RFC 6035 §4.6.1.
import { VQ_LINES, type VqField } from './lines.ts';
import type { VqAddress, VqMetrics, VqNumbers, VqReport } from './types.ts';

const TITLES = { session: 'VQSessionReport', interval: 'VQIntervalReport', alert: 'VQAlertReport' } as const;

/** The body of `application/vq-rtcpxr`. What the report does not know is left out. */
export function formatVqReport(report: VqReport): string {
  const { callId, toTag, fromTag } = report;
  const dialog = toTag === null || fromTag === null ? null : `${callId};to-tag=${toTag};from-tag=${fromTag}`;
  const lines = [
    titleOf(report),
    line('CallID', callId),
    line('LocalID', report.localId),
    line('RemoteID', report.remoteId),
    line('OrigID', report.origId),
    line('LocalAddr', addressText(report.localAddress)),
    line('RemoteAddr', addressText(report.remoteAddress)),
    ...metricLines('LocalMetrics', report.local),
    ...metricLines('RemoteMetrics', report.remote),
    line('DialogID', dialog),
  ];
  return lines.map((text) => (text === undefined ? '' : `${text}\r\n`)).join('');
}

function titleOf({ kind, isFinal, alert }: VqReport): string {
  const title = TITLES[kind];
  if (!alert) return isFinal ? `${title}: CallTerm` : title;
  const { metric, severity, direction } = alert;
  const parts = [
    `Type=${metric}`,
    severity === null ? '' : ` Severity=${capitalized(severity)}`,
    direction === null ? '' : ` Dir=${direction}`,
  ];
  return `${title}: ${parts.join('')}`;
}

/** A line break in a value would begin a line of its own. */
function line(name: string, value: string | null): string | undefined {
  return value === null ? undefined : `${name}: ${value.replace(/[\r\n]+/g, ' ')}`;
}

function addressText(address: VqAddress | null): string | null {
  if (!address) return null;
  const ssrc = address.ssrc === null ? '' : ` SSRC=0x${address.ssrc.toString(16).padStart(8, '0')}`;
  return `IP=${address.address} PORT=${address.port}${ssrc}`;
}

function metricLines(title: string, metrics: VqMetrics | null): readonly (string | undefined)[] {
  if (!metrics) return [];
  const { start, stop, codec } = metrics;
  return [
    `${title}:`,
    start === null || stop === null ? undefined : `Timestamps: START=${start} STOP=${stop}`,
    ...VQ_LINES.map(([name, fields]) => {
      const parts = fields.flatMap((field) => fieldText(field, metrics) ?? []);
      // The name stands behind the payload type in the grammar; a name that is no token would break the line.
      if (name === 'SessionDesc' && codec !== null && /^[\w.-]+$/.test(codec)) {
        parts.splice(metrics.payloadType === null ? 0 : 1, 0, `PD=${codec}`);
      }
      return parts.length === 0 ? undefined : `${name}: ${parts.join(' ')}`;
    }),
  ];
}

function fieldText(field: VqField, numbers: VqNumbers): string | undefined {
  const value = numbers[field.field];
  if (value === null || !Number.isFinite(value)) return undefined;
  const text = Math.min(field.highest, Math.max(field.lowest, value / field.scale));
  return `${field.name}=${text.toFixed(field.decimals)}`;
}

function capitalized(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
