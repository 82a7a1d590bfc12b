// The delays of a real network, replayed.
import { DecodeError } from '../../core/index.ts';

/** What happened to the packets of a recording, one row a packet, by the time at which it was sent. */
export interface DelayTrace {
  /** Milliseconds after the recording's start, rising. */
  readonly sentAt: readonly number[];
  /** Time under way in milliseconds; null where the packet was lost. */
  readonly delaysMs: readonly (number | null)[];
  /** Length of the recording: after it, it begins anew. */
  readonly lengthMs: number;
}

const fault = (line: number, reason: string) => new DecodeError('TRACE_BAD_ROW', `line ${line}`, reason);

/** Reads lines of `send_ms,recv_ms`; an empty `recv_ms` is a lost packet, a first line of names is passed over. */
export function parseDelayTrace(text: string): DelayTrace | DecodeError {
  const sentAt: number[] = [];
  const delaysMs: (number | null)[] = [];
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '' || (i === 0 && /[a-z]/i.test(line))) continue;
    const match = /^\s*(\d+(?:\.\d+)?)\s*,\s*(\d+(?:\.\d+)?)?\s*$/.exec(line);
    if (!match) return fault(i + 1, `"${line.slice(0, 40)}" should be "SEND_MS,RECV_MS"`);
    const sent = Number(match[1]);
    const delayMs = match[2] === undefined ? null : Number(match[2]) - sent;
    if (delayMs !== null && delayMs < 0) return fault(i + 1, `"${line}" is received before it is sent`);
    if (sent <= (sentAt.at(-1) ?? -1)) return fault(i + 1, `"${line}" is sent before the line above it`);
    sentAt.push(sent);
    delaysMs.push(delayMs);
  }
  if (sentAt.length < 2) return fault(1, 'there should be at least two packets');
  return { sentAt, delaysMs, lengthMs: lengthOf(sentAt) };
}

/** The last packet stands for as long as those before it do on average. */
function lengthOf(sentAt: readonly number[]): number {
  const [first = 0, last = 0] = [sentAt[0], sentAt.at(-1)];
  return ((last - first) * sentAt.length) / (sentAt.length - 1);
}

/**
 * What the recorded network does to a packet that is sent at this time.
 *
 * @param sinceStartMs - milliseconds since the replay began
 * @returns milliseconds under way, or null where it is lost
 */
export function traceDelayAt(trace: DelayTrace, sinceStartMs: number): number | null {
  const first = trace.sentAt[0] ?? 0;
  const at = first + (sinceStartMs % trace.lengthMs);
  let [low, high] = [0, trace.sentAt.length];
  // The last row that was sent by then.
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((trace.sentAt[middle] ?? 0) <= at) low = middle;
    else high = middle;
  }
  return trace.delaysMs[low] ?? null;
}
