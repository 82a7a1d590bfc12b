// Rows of the SQLite store, to and from what they mean.
import { DecodeError, OperationError } from '../../core/index.ts';
import {
  type Binding,
  formatNameAddr,
  formatUri,
  parseNameAddr,
  parseUri,
  type StoredBinding,
} from '../../signaling/index.ts';
import type { CallRecord, StoredUser } from './types.ts';

/** A value that SQLite gives or takes. */
export type SqlValue = string | number | null;

/** One row, by column. */
export type Row = Readonly<Record<string, SqlValue>>;

export function userFromRow(row: Row): StoredUser {
  return {
    name: text(row.name),
    displayName: optionalText(row.display_name),
    ha1s: { 'SHA-256': text(row.ha1_sha256), MD5: text(row.ha1_md5) },
    forward: JSON.parse(text(row.forward)),
    source: row.source === 'config' ? 'config' : 'command',
  };
}

/** In the order of the columns of `users`. */
export function userValues(user: StoredUser): SqlValue[] {
  const { name, displayName, ha1s, forward, source } = user;
  return [name, displayName ?? null, ha1s['SHA-256'], ha1s.MD5, JSON.stringify(forward), source];
}

/** @returns undefined where the row cannot be read: one phone registers anew, the others are unharmed */
export function bindingFromRow(row: Row): StoredBinding | undefined {
  const contact = parseUri(text(row.contact));
  if (contact instanceof DecodeError || contact.scheme === 'tel' || contact.scheme === 'other')
    return undefined;
  const paths: readonly string[] = JSON.parse(text(row.path));
  return {
    id: Number(row.id),
    aor: text(row.aor),
    contact,
    path: paths.flatMap((path) => {
      const parsed = parseNameAddr(path);
      return parsed instanceof DecodeError ? [] : [parsed];
    }),
    flow: row.flow === null ? undefined : { connectionId: undefined, ...JSON.parse(text(row.flow)) },
    q: Number(row.q),
    expiresWallClock: Number(row.expires_ms),
    instanceId: optionalText(row.instance_id),
    regId: optionalText(row.reg_id),
    userAgent: optionalText(row.user_agent),
    callId: text(row.call_id),
    sequenceNumber: Number(row.cseq),
  };
}

/** In the order of the columns of `bindings`. */
export function bindingValues(binding: Binding): SqlValue[] {
  return [
    binding.id,
    binding.aor,
    formatUri(binding.contact),
    JSON.stringify(binding.path.map((path) => formatNameAddr(path))),
    binding.flow ? JSON.stringify(binding.flow) : null,
    binding.q,
    binding.expiresWallClock,
    binding.instanceId ?? null,
    binding.regId ?? null,
    binding.userAgent ?? null,
    binding.callId,
    binding.sequenceNumber,
  ];
}

export function recordFromRow(row: Row): CallRecord {
  return {
    uniqueid: text(row.uniqueid),
    src: text(row.src),
    dst: text(row.dst),
    lastDst: text(row.lastdst),
    start: text(row.start),
    answer: optionalText(row.answer) ?? null,
    end: optionalText(row.end) ?? null,
    duration: Number(row.duration),
    billsec: Number(row.billsec),
    disposition: dispositionOf(row.disposition),
    status: row.status === null ? null : Number(row.status),
    reason: optionalText(row.reason) ?? null,
    quality: JSON.parse(text(row.quality)),
    callIds: JSON.parse(text(row.call_ids)),
    phoneReports: JSON.parse(text(row.phone_reports)),
    recordings: JSON.parse(text(row.recordings)),
  };
}

/** In the order of the columns of `calls` from `uniqueid` on. */
export function recordValues(record: CallRecord): SqlValue[] {
  return [
    record.uniqueid,
    record.src,
    record.dst,
    record.lastDst,
    record.start,
    record.answer,
    record.end,
    record.duration,
    record.billsec,
    record.disposition,
    record.status,
    record.reason,
    JSON.stringify(record.quality),
    JSON.stringify(record.callIds),
    JSON.stringify(record.phoneReports),
    JSON.stringify(record.recordings),
  ];
}

const DISPOSITIONS = ['ANSWERED', 'NO ANSWER', 'BUSY', 'FAILED'] as const;

function dispositionOf(value: SqlValue | undefined): CallRecord['disposition'] {
  return DISPOSITIONS.find((disposition) => disposition === value) ?? null;
}

function text(value: SqlValue | undefined): string {
  if (typeof value === 'string') return value;
  throw new OperationError('STORE_FAILED', `a column that holds text holds ${JSON.stringify(value)}`);
}

function optionalText(value: SqlValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
