// How a call record ends: the arithmetic that both stores share.
import type { ClosedRecord, LiveCall, OpenedRecord } from '../call/index.ts';
import type { PhoneReport } from '../quality/index.ts';
import type { CallRecord } from './types.ts';

/** Said of calls that a crash cut off. */
export const ABANDONED_REASON = 'the server ended without closing this call';

/** The record of a call that begins. */
export function openedRecord(record: OpenedRecord): CallRecord {
  return {
    uniqueid: record.uniqueid,
    src: printable(record.src),
    dst: printable(record.dst),
    lastDst: printable(record.dst),
    start: isoTime(record.start),
    answer: null,
    end: null,
    duration: 0,
    billsec: 0,
    disposition: null,
    status: null,
    reason: null,
    quality: [],
    callIds: [printable(record.callId)],
    recordings: [],
    phoneReports: [],
  };
}

/** The record of a call that is over. */
export function closedRecord(open: CallRecord, closed: ClosedRecord): CallRecord {
  const { answer, end, disposition, status, reason, quality, lastDst, callIds, recordings } = closed;
  return {
    ...open,
    lastDst: printable(lastDst),
    answer: answer === null ? null : isoTime(answer),
    end: isoTime(end),
    duration: wholeSeconds(Date.parse(open.start), end),
    billsec: answer === null ? 0 : wholeSeconds(answer, end),
    disposition,
    status,
    reason: printable(reason),
    quality,
    callIds: callIds.map(printable),
    recordings,
  };
}

/** Two phones that report at the end, in between, and when something is bad. */
export const MOST_PHONE_REPORTS = 6;

/** A phone's later report takes the place of an earlier one of its kind; past the bound nothing is added. */
export function withPhoneReport(
  reports: readonly PhoneReport[],
  report: PhoneReport,
): readonly PhoneReport[] {
  const isSame = (other: PhoneReport) =>
    other.from === report.from && other.report.kind === report.report.kind;
  const others = reports.filter((other) => !isSame(other));
  return others.length >= MOST_PHONE_REPORTS ? reports : [...others, report];
}

/** The record of a call that lives, as it stands. */
export function liveRecord(live: LiveCall, wallClock: number): CallRecord {
  const { start, answer, lastDst, callIds, quality } = live;
  return {
    ...openedRecord(live),
    lastDst: printable(lastDst),
    answer: answer === null ? null : isoTime(answer),
    duration: wholeSeconds(start, wallClock),
    billsec: answer === null ? 0 : wholeSeconds(answer, wallClock),
    quality,
    callIds: callIds.map(printable),
  };
}

/** The record of a call whose end nobody saw. What was answered stays answered: somebody may have to pay for it. */
export function abandonedRecord(open: CallRecord, lastKnownAlive: number): CallRecord {
  const answer = open.answer === null ? null : Date.parse(open.answer);
  return closedRecord(open, {
    uniqueid: open.uniqueid,
    lastDst: open.lastDst,
    answer,
    end: Math.max(Date.parse(open.start), answer ?? 0, lastKnownAlive),
    disposition: answer === null ? 'FAILED' : 'ANSWERED',
    status: null,
    reason: ABANDONED_REASON,
    quality: [],
    callIds: open.callIds,
    recordings: open.recordings,
  });
}

/** What strangers dial, and answer as their reason, is shown on terminals, which obey control characters. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, '\ufffd');
}

export function isoTime(wallClock: number): string {
  return new Date(wallClock).toISOString();
}

function wholeSeconds(from: number, to: number): number {
  return Math.max(0, Math.floor((to - from) / 1000));
}
