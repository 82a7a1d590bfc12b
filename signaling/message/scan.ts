// One pass over the header section of a message: finds the lines, judges their shape, reads none of the values.
import { DecodeError } from '../../core/index.ts';
import { shown, TOKEN } from './grammar.ts';
import { headerId, knownHeaderId } from './header-name.ts';
import { HeaderTable } from './header-table.ts';
import { MAX_HEADER_FIELDS } from './limits.ts';

/** What a header section holds. Lines that are no header fields are left out. */
export interface HeaderSection {
  readonly startLine: string;
  readonly headers: HeaderTable;
  /** The first line that is wrong. */
  readonly fault: DecodeError | undefined;
}

const TAB = 0x09;
const CR = 0x0d;
const SPACE = 0x20;

/** @param text - from the start line through the line break of the last field; a line without one is not looked at */
export function scanHeaderSection(text: string): HeaderSection {
  const headers = HeaderTable.empty();
  let startLine: string | undefined;
  let fault: DecodeError | undefined;
  const length = text.lastIndexOf('\n') + 1;
  for (let start = 0, next = 0; start < length; start = next) {
    let isFolded = false;
    let isBare = false;
    let end = start;
    do {
      const lf = text.indexOf('\n', end);
      // Bare CR and bare LF are no line breaks, and no part of any header either: §25.1 has them nowhere.
      if (text.indexOf('\r', end) !== lf - 1) isBare = true;
      isFolded = end !== start;
      end = lf + 1;
      next = lf + 1;
      // RFC 3261 §7.3.1: a line that starts with white space continues the one before.
    } while (next < length && isWhite(text.charCodeAt(next)));
    end = text.charCodeAt(next - 2) === CR ? next - 2 : next - 1;
    let found: DecodeError | undefined;
    if (isBare) found = bareLineBreak(start);
    else if (startLine !== undefined) found = addField(headers, text, start, end, isFolded);
    startLine ??= text.slice(start, end);
    // The fields behind a fault are still read: some of them are needed to answer it.
    fault ??= found;
    if (headers.ids.length > MAX_HEADER_FIELDS) {
      return { startLine, headers, fault: fault ?? tooManyFields(start) };
    }
  }
  return { startLine: startLine ?? '', headers, fault };
}

function addField(
  headers: HeaderTable,
  text: string,
  start: number,
  end: number,
  isFolded: boolean,
): DecodeError | undefined {
  const colon = text.indexOf(':', start);
  if (colon < 0 || colon >= end) return bad(`${shown(text.slice(start, end))} is no header field`, start);
  let nameEnd = colon;
  while (isWhite(text.charCodeAt(nameEnd - 1))) nameEnd -= 1;
  const name = text.slice(start, nameEnd);
  const id = knownHeaderId(name);
  if (id === undefined && !TOKEN.test(name)) return bad(`${shown(name)} is no header name`, start);
  let valueStart = colon + 1;
  while (isWhite(text.charCodeAt(valueStart))) valueStart += 1;
  let valueEnd = end;
  while (valueEnd > valueStart && isWhite(text.charCodeAt(valueEnd - 1))) valueEnd -= 1;
  const value = text.slice(valueStart, valueEnd);
  headers.add(id ?? headerId(name), name, isFolded ? unfold(value) : value, start);
  return undefined;
}

function isWhite(char: number): boolean {
  return char === SPACE || char === TAB;
}

/** RFC 3261 §7.3.1: a line break with the white space around it means a single space. */
function unfold(value: string): string {
  // No pattern: one for white space around line breaks takes quadratic time on white space alone.
  const lines = value.split('\r\n').map((line) => line.trim());
  return lines.filter((line) => line !== '').join(' ');
}

function bareLineBreak(offset: number): DecodeError {
  return bad('a CR or LF stands alone', offset);
}

function tooManyFields(offset: number): DecodeError {
  const reason = `more than ${MAX_HEADER_FIELDS} header fields`;
  return new DecodeError('SIP_TOO_MANY_HEADERS', 'headers', reason, offset);
}

function bad(reason: string, offset: number): DecodeError {
  return new DecodeError('SIP_BAD_HEADER_LINE', 'headers', reason, offset);
}
