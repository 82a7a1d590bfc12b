// Reads reports of phones (RFC 6035 §4.6.1): forgiving, for few phones keep the grammar, and bounded.
import { addressFamily, DecodeError } from '../../core/index.ts';
import { VQ_LINES, type VqField } from './lines.ts';
import type { VqAddress, VqAlert, VqMetrics, VqNumbers, VqReport } from './types.ts';

/** Of a body; real ones have one or two thousand. */
export const MAX_VQ_BODY_BYTES = 16_384;
const MAX_TEXT_LENGTH = 256;

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** @returns what is wrong where the body is no report, or does not say on which call */
export function parseVqReport(body: Uint8Array | string): VqReport | DecodeError {
  if (body.length > MAX_VQ_BODY_BYTES) return bad('body', `has ${body.length} bytes`);
  const text = typeof body === 'string' ? body : new TextDecoder().decode(body);
  // A line that begins with a space goes on with the one before (RFC 6035 §4.6.3 shows such).
  // No control characters are kept: a terminal would obey them.
  const lines = text
    .replace(/\r?\n[ \t]+/g, ' ')
    .split(/\r?\n|\r/)
    .map((line) => line.replace(/\p{Cc}/gu, ' '));
  const title = readTitle(lines[0] ?? '');
  if (!title) return bad('line 1', `${JSON.stringify((lines[0] ?? '').slice(0, 40))} names no report`);
  const reading = new Reading();
  for (const line of lines.slice(1)) reading.take(line);
  const { callId } = reading.info;
  if (callId === undefined || callId === '') return bad('CallID', 'is missing');
  return { ...title, ...reading.report(callId) };
}

type Title = Pick<VqReport, 'kind' | 'isFinal' | 'alert'>;

const KINDS = { session: 'session', interval: 'interval', alert: 'alert' } as const;

function readTitle(line: string): Title | undefined {
  const match = /^VQ(Session|Interval|Alert)Report\s*(?::\s*(.*))?$/i.exec(line.trim());
  if (!match) return undefined;
  const [, name = '', rest = ''] = match;
  const kind = Object.values(KINDS).find((one) => one === name.toLowerCase()) ?? 'session';
  const isFinal = /\bCallTerm\b/i.test(rest);
  return { kind, isFinal, alert: kind === 'alert' ? readAlert(rest) : null };
}

function readAlert(text: string): VqAlert {
  const values = valuesOf(text);
  const severity = (values.get('severity') ?? '').toLowerCase();
  const direction = (values.get('dir') ?? '').toLowerCase();
  return {
    metric: values.get('type') ?? '',
    severity: (['warning', 'critical', 'clear'] as const).find((one) => one === severity) ?? null,
    direction: (['local', 'remote'] as const).find((one) => one === direction) ?? null,
  };
}

/** The lines behind the first, one after the other. */
class Reading {
  readonly info: Mutable<Partial<Record<'callId' | 'localId' | 'remoteId' | 'origId', string>>> = {};
  #localAddress: VqAddress | null = null;
  #remoteAddress: VqAddress | null = null;
  #tags: readonly [toTag: string | null, fromTag: string | null] = [null, null];
  #local: Mutable<VqMetrics> | null = null;
  #remote: Mutable<VqMetrics> | null = null;
  #current: Mutable<VqMetrics> | null = null;

  take(line: string): void {
    const colon = line.indexOf(':');
    if (colon < 0) return;
    const name = line.slice(0, colon).trim().toLowerCase();
    const value = line.slice(colon + 1).trim();
    switch (name) {
      case 'callid':
        this.info.callId ??= clean(value);
        return;
      case 'localid':
        this.info.localId ??= clean(value);
        return;
      case 'remoteid':
        this.info.remoteId ??= clean(value);
        return;
      case 'origid':
        this.info.origId ??= clean(value);
        return;
      case 'localaddr':
        this.#localAddress ??= readAddress(value);
        return;
      case 'remoteaddr':
        this.#remoteAddress ??= readAddress(value);
        return;
      case 'dialogid':
        this.#tags = [tagOf(value, 'to-tag'), tagOf(value, 'from-tag')];
        return;
      case 'localmetrics':
        this.#local ??= noMetrics();
        this.#current = this.#local;
        return;
      case 'remotemetrics':
        this.#remote ??= noMetrics();
        this.#current = this.#remote;
        return;
      default:
        if (this.#current) takeMetrics(this.#current, name, value);
    }
  }

  report(callId: string): Omit<VqReport, keyof Title> {
    const { localId = null, remoteId = null, origId = null } = this.info;
    const [toTag, fromTag] = this.#tags;
    return {
      callId,
      localId,
      remoteId,
      origId,
      localAddress: this.#localAddress,
      remoteAddress: this.#remoteAddress,
      local: this.#local,
      remote: this.#remote,
      toTag,
      fromTag,
    };
  }
}

const LINES: ReadonlyMap<string, readonly VqField[]> = new Map(
  VQ_LINES.map(([line, fields]) => [line.toLowerCase(), fields]),
);

function takeMetrics(metrics: Mutable<VqMetrics>, line: string, text: string): void {
  const values = valuesOf(text);
  if (line === 'timestamps') {
    metrics.start = timeOf(values.get('start'));
    metrics.stop = timeOf(values.get('stop'));
    return;
  }
  for (const field of LINES.get(line) ?? []) {
    const value = numberOf(field, values.get(field.name.toLowerCase()) ?? values.get(aliasOf(field)));
    // What a line says twice, it says first.
    if (value !== null) metrics[field.field] ??= value;
  }
  if (line === 'sessiondesc') metrics.codec ??= values.get('pd') ?? null;
}

function aliasOf({ alias = '' }: VqField): string {
  return alias.toLowerCase();
}

/** Every `NAME=value`, names in lower case; the first counts. A quoted value may have spaces. */
function valuesOf(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  // Looked for from the beginning of each name alone: from each of its letters, a long one would take long.
  const pairs = text.matchAll(/(?<![A-Za-z-])([A-Za-z-]+)=(?:"([^"]*)"|(\S*))/g);
  for (const [, name = '', quoted, plain = ''] of pairs) {
    const key = name.toLowerCase();
    if (!values.has(key)) values.set(key, clean(quoted ?? plain));
  }
  return values;
}

/** Some phones write units or the next field without a space: the number in front counts. */
function numberOf({ lowest, highest, scale }: VqField, text: string | undefined): number | null {
  const [digits] = /^-?\d{1,9}(\.\d{1,6})?/.exec(text ?? '') ?? [];
  if (digits === undefined) return null;
  const value = Number(digits);
  // A percent of a percent has six decimals; what the multiplication adds behind them is nothing.
  return value >= lowest && value <= highest ? Math.round(value * scale * 1e6) / 1e6 : null;
}

function timeOf(text: string | undefined): string | null {
  return text !== undefined && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/i.test(text)
    ? text
    : null;
}

function readAddress(text: string): VqAddress | null {
  const values = valuesOf(text);
  const address = values.get('ip') ?? '';
  const port = Number(values.get('port') ?? 'none');
  if (!addressFamily(address) || !Number.isInteger(port) || port < 0 || port > 65_535) return null;
  return { address, port, ssrc: ssrcOf(values.get('ssrc')) };
}

/** Hexadecimal by the RFC, with `0x` or without; ten digits are a decimal number, as drafts had it. */
function ssrcOf(text: string | undefined): number | null {
  const [, hex] = /^(?:0x)?([0-9a-f]{1,8})$/i.exec(text ?? '') ?? [];
  if (hex !== undefined) return Number.parseInt(hex, 16);
  const decimal = /^\d{9,10}$/.test(text ?? '') ? Number(text) : Number.NaN;
  return decimal < 2 ** 32 ? decimal : null;
}

function tagOf(text: string, name: string): string | null {
  const [, tag] = new RegExp(`;\\s*${name}=([^;\\s]+)`, 'i').exec(text) ?? [];
  return tag === undefined ? null : clean(tag);
}

/** Of bounded length. */
function clean(text: string): string {
  return text.trim().slice(0, MAX_TEXT_LENGTH).trim();
}

function bad(place: string, reason: string): DecodeError {
  return new DecodeError('SIP_BAD_VQ_REPORT', place, reason);
}

/** Metrics that say nothing. */
export function noMetrics(): VqMetrics {
  const numbers = Object.fromEntries(
    VQ_LINES.flatMap(([, fields]) => fields.map(({ field }) => [field, null])),
  ) as Record<keyof VqNumbers, null>; // The table has every field: a test holds it.
  return { ...numbers, start: null, stop: null, codec: null };
}
