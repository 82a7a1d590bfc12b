// Reads the time line of a recording, also one that ends where its writer was killed.
import { DecodeError } from '../../core/index.ts';
import { TIMELINE_VERSION, type TimelineEvent, type TimelineStart } from './timeline.ts';

/** A day of a busy room has a fraction of it. */
const MAX_TIMELINE_BYTES = 64 * 2 ** 20;
/** What a line may have: labels and notes are short. */
const MAX_LINE_CHARACTERS = 16_384;
const MAX_TEXT_CHARACTERS = 4096;
/** A year. */
const LONGEST_MS = 366 * 86_400_000;

/** What happened in a recording. */
export interface Timeline {
  readonly start: TimelineStart;
  /** In the order of their time. */
  readonly events: readonly TimelineEvent[];
  /** Whether the last line says that the recording ended, or failed; without it its writer was killed. */
  readonly isWhole: boolean;
}

/** @returns a DecodeError that names the line and its fault. A last line that is cut is left out */
export function parseTimeline(bytes: Uint8Array): Timeline | DecodeError {
  if (bytes.length > MAX_TIMELINE_BYTES) {
    const reason = `it has ${bytes.length} bytes, and at most ${MAX_TIMELINE_BYTES} are read`;
    return new DecodeError('TIMELINE_TOO_LONG', 'time line', reason);
  }
  const lines = new TextDecoder().decode(bytes).split('\n');
  // What stands behind the last line feed is nothing, or the beginning of a line.
  lines.pop();
  const [first, ...others] = lines;
  if (first === undefined) return bad(1, 'is missing; a time line begins with a line of type "start"');
  const start = readStart(first);
  if (start instanceof DecodeError) return start;
  const events: TimelineEvent[] = [];
  for (const [index, line] of others.entries()) {
    const event = readEvent(line, index + 2);
    if (event instanceof DecodeError) return event;
    if (event) events.push(event);
  }
  const last = events.at(-1)?.type;
  const isWhole = last === 'end' || last === 'failed';
  return { start, events: events.toSorted((a, b) => a.ms - b.ms), isWhole };
}

function readStart(line: string): TimelineStart | DecodeError {
  const fields = readObject(line, 1);
  if (fields instanceof DecodeError) return fields;
  const { type, version, wallClock, format, sampleRateHz, mix, channels } = fields;
  if (type !== 'start') return bad(1, `has type ${quoted(type)}, and should have "start"`);
  if (version !== TIMELINE_VERSION) {
    return bad(1, `has version ${quoted(version)}, and this Patchcord reads ${TIMELINE_VERSION}; update it`);
  }
  if (typeof wallClock !== 'string' || Number.isNaN(Date.parse(wallClock))) {
    return bad(1, `has wallClock ${quoted(wallClock)}, which is no time`);
  }
  if (format !== 'wav' && format !== 'opus') {
    return bad(1, `has format ${quoted(format)}, and should have "wav" or "opus"`);
  }
  if (!isFileName(mix)) return bad(1, `has mix ${quoted(mix)}, which is no name of a file`);
  if (channels !== 1 && channels !== 2) return bad(1, `has channels ${quoted(channels)}, not 1 or 2`);
  if (typeof sampleRateHz !== 'number' || !(sampleRateHz > 0)) {
    return bad(1, `has sampleRateHz ${quoted(sampleRateHz)}, which is no rate`);
  }
  return { type, ms: 0, version, wallClock, format, sampleRateHz, mix, channels };
}

/** @returns undefined for a type that a later version has added */
function readEvent(line: string, number: number): TimelineEvent | DecodeError | undefined {
  const fields = readObject(line, number);
  if (fields instanceof DecodeError) return fields;
  const { type, ms } = fields;
  if (typeof ms !== 'number' || !(ms >= 0 && ms <= LONGEST_MS)) {
    return bad(number, `has ms ${quoted(ms)}, which is no time of the recording`);
  }
  const fault = faultOf(fields);
  if (fault !== undefined) return bad(number, fault);
  if (typeof type !== 'string') return bad(number, `has type ${quoted(type)}, which is no text`);
  if (!Object.hasOwn(FIELDS, type)) return undefined;
  const kept = Object.entries(fields).filter(([name]) => KNOWN.includes(name));
  // Every field that the type needs is there, and has been checked.
  return Object.fromEntries(kept) as TimelineEvent;
}

/** What each type must have. */
const FIELDS: Readonly<Record<TimelineEvent['type'], readonly string[]>> = {
  joined: ['member', 'label'],
  left: ['member'],
  talking: ['member'],
  silent: ['member'],
  digit: ['member', 'digit', 'durationMs'],
  hold: [],
  resume: [],
  note: [],
  failed: ['text'],
  end: [],
};

const CHECKS: Readonly<Record<string, (value: unknown) => boolean>> = {
  member: (value) => Number.isSafeInteger(value) && Number(value) > 0,
  label: isText,
  text: isText,
  file: isFileName,
  digit: (value) => typeof value === 'string' && /^[0-9A-D*#]$/.test(value),
  durationMs: (value) => typeof value === 'number' && value >= 0 && value <= LONGEST_MS,
};
const KNOWN = ['type', 'ms', ...Object.keys(CHECKS)];

function faultOf(fields: Readonly<Record<string, unknown>>): string | undefined {
  const { type } = fields;
  const needed = typeof type === 'string' && Object.hasOwn(FIELDS, type) ? FIELDS[type as 'end'] : [];
  for (const [name, isRight] of Object.entries(CHECKS)) {
    const value = fields[name];
    if (value === undefined) {
      if (needed.includes(name)) return `is of type ${quoted(type)} and has no ${name}`;
    } else if (!isRight(value)) return `has ${name} ${quoted(value)}, which makes no sense there`;
  }
  return undefined;
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value.length <= MAX_TEXT_CHARACTERS;
}

/** Files lie beside the time line: a path could lead anywhere. */
function isFileName(value: unknown): value is string {
  return (
    typeof value === 'string' && value.length > 0 && value.length <= 255 && !/[/\\\0]|^\.{1,2}$/.test(value)
  );
}

function readObject(line: string, number: number): Readonly<Record<string, unknown>> | DecodeError {
  if (line.length > MAX_LINE_CHARACTERS) {
    return bad(number, `has ${line.length} characters, and should have at most ${MAX_LINE_CHARACTERS}`);
  }
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      // An object that JSON has: every value is unknown still.
      return value as Record<string, unknown>;
    }
  } catch {
    // Said below.
  }
  return bad(number, `is no object of JSON: ${quoted(line)}`);
}

function bad(number: number, reason: string): DecodeError {
  return new DecodeError('TIMELINE_LINE', `line ${number}`, reason);
}

function quoted(value: unknown): string {
  const text = JSON.stringify(value) ?? 'undefined';
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
