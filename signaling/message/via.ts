// Via: the path that a request has taken (RFC 3261 §20.42).
import { DecodeError } from '../../core/index.ts';
import { shown, TOKEN } from './grammar.ts';
import { formatParameters, parseParameters } from './parameters.ts';
import type { Via } from './types.ts';
import { parseHostPortText } from './uri.ts';

const PREFIX = 'SIP/2.0/';

// sent-protocol LWS sent-by, with white space wherever §25.1 allows it.
const LOOSE =
  /^SIP[ \t]*\/[ \t]*([\w.!%*+`'~-]+)[ \t]*\/[ \t]*([\w.!%*+`'~-]+)[ \t]+([^;, \t]+?)(?:[ \t]*:[ \t]*(\d{1,5}))?[ \t]*(;.*)?$/is;

/**
 * Reads one Via value.
 *
 * @param options.anyVersion - lets versions other than 2.0 pass: who sent one must still be told 505
 */
export function parseVia(text: string, options?: { readonly anyVersion: boolean }): Via | DecodeError {
  if (!text.startsWith(PREFIX)) return parseLoose(text, options);
  const space = text.indexOf(' ', PREFIX.length);
  const transport = text.slice(PREFIX.length, space);
  if (space < 0 || !TOKEN.test(transport)) return parseLoose(text, options);
  const semicolon = text.indexOf(';', space);
  const sentBy = parseHostPortText(text.slice(space + 1, semicolon < 0 ? text.length : semicolon));
  if (!sentBy) return parseLoose(text, options);
  return finish(text, transport, sentBy, semicolon < 0 ? '' : text.slice(semicolon));
}

function parseLoose(text: string, options?: { readonly anyVersion: boolean }): Via | DecodeError {
  const [whole, version, transport = '', host = '', port, parameters = ''] = LOOSE.exec(text) ?? [];
  if (whole === undefined) return bad(text, 'is not like "SIP/2.0/UDP host:port;parameters"');
  if (version !== '2.0' && !options?.anyVersion) return bad(text, 'has a version other than 2.0');
  const sentBy = parseHostPortText(port === undefined ? host : `${host}:${port}`);
  if (!sentBy) return bad(text, 'has a bad host or port');
  return finish(text, transport, sentBy, parameters);
}

function finish(
  text: string,
  transport: string,
  sentBy: { readonly host: string; readonly port: number | undefined },
  parametersText: string,
): Via | DecodeError {
  const parameters = parseParameters(parametersText);
  if (parameters instanceof DecodeError) return parameters;
  if (parameters.has('branch') && !parameters.get('branch')) return bad(text, 'has a branch without value');
  return { transport: transport.toUpperCase(), host: sentBy.host, port: sentBy.port, parameters };
}

function bad(text: string, reason: string): DecodeError {
  return new DecodeError('SIP_BAD_VIA', 'via', `Via ${shown(text)} ${reason}`);
}

/** One Via value as text. */
export function formatVia(via: Via): string {
  const port = via.port === undefined ? '' : `:${via.port}`;
  return `${PREFIX}${via.transport} ${via.host}${port}${formatParameters(via.parameters)}`;
}
