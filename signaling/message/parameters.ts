// `;name=value` lists behind header values and within URIs (RFC 3261 §7.3.1, §19.1.1).
import { DecodeError } from '../../core/index.ts';
import { shown, unquote } from './grammar.ts';
import type { Parameters } from './types.ts';

/** No parameters, shared by all who have none. */
export const NO_PARAMETERS: Parameters = new Map();

// generic-param without white space and quoted strings: nearly all that phones send.
// Departs from RFC 3261 §25.1: a value may have / = @ in it, as tags and branches in base64 have.
const PLAIN = /^(?:;[\w.!%*+`'~-]+(?:=[\w.!%*+`'~[\]:/=@-]+)?)+$/;

// generic-param in full: SEMI token [ EQUAL ( token / host / quoted-string ) ].
const GENERIC =
  /[ \t]*;[ \t]*([\w.!%*+`'~-]+)(?:[ \t]*=[ \t]*([\w.!%*+`'~[\]:/=@-]+|"(?:[^"\\]|\\[\s\S])*"))?[ \t]*/y;

/** Reads the parameters behind a header value: empty text, or text that starts with a semicolon. */
export function parseParameters(text: string): Parameters | DecodeError {
  if (text === '') return NO_PARAMETERS;
  if (!text.includes('"') && PLAIN.test(text)) return parsePlain(text);
  const parameters = new Map<string, string | undefined>();
  GENERIC.lastIndex = 0;
  for (let at = 0; at < text.length; at = GENERIC.lastIndex) {
    const [, name, value] = GENERIC.exec(text) ?? [];
    if (name === undefined) return badParameter(`${shown(text.slice(at))} is no parameter`, at);
    const key = name.toLowerCase();
    if (parameters.has(key)) return repeatedParameter(name, at);
    parameters.set(key, value);
  }
  return parameters;
}

/** Splits text whose shape a pattern has already approved. */
export function parsePlain(text: string): Parameters | DecodeError {
  const parameters = new Map<string, string | undefined>();
  for (let at = 0; at < text.length; ) {
    const next = text.indexOf(';', at + 1);
    const end = next < 0 ? text.length : next;
    const equals = text.indexOf('=', at);
    const hasValue = equals >= 0 && equals < end;
    const name = text.slice(at + 1, hasValue ? equals : end).toLowerCase();
    if (parameters.has(name)) return repeatedParameter(name, at);
    parameters.set(name, hasValue ? text.slice(equals + 1, end) : undefined);
    at = end;
  }
  return parameters;
}

function badParameter(reason: string, offset: number): DecodeError {
  return new DecodeError('SIP_BAD_PARAMETER', 'parameters', reason, offset);
}

// RFC 3261 §7.3.1: "any given parameter-name MUST NOT appear more than once".
function repeatedParameter(name: string, offset: number): DecodeError {
  return badParameter(`parameter ${shown(name)} appears twice`, offset);
}

/** `;name=value;name`, or empty text. */
export function formatParameters(parameters: Parameters): string {
  if (parameters.size === 0) return '';
  let text = '';
  for (const [name, value] of parameters) text += value === undefined ? `;${name}` : `;${name}=${value}`;
  return text;
}

/** A parameter's value without its quotes; undefined where it is absent or has no value. */
export function parameterText(parameters: Parameters, name: string): string | undefined {
  const value = parameters.get(name);
  return value === undefined ? undefined : unquote(value);
}

/**
 * A copy of whatever has parameters (a URI, a name-addr, a Via) with one of them set.
 *
 * @param value - as it goes onto the wire; undefined for a parameter without value
 */
export function withParameter<Holder extends { readonly parameters: Parameters }>(
  holder: Holder,
  name: string,
  value?: string,
): Holder {
  return { ...holder, parameters: new Map([...holder.parameters, [name.toLowerCase(), value]]) };
}

/** A copy of whatever has parameters without one of them. */
export function withoutParameter<Holder extends { readonly parameters: Parameters }>(
  holder: Holder,
  name: string,
): Holder {
  const parameters = new Map(holder.parameters);
  return parameters.delete(name.toLowerCase()) ? { ...holder, parameters } : holder;
}
