// From SDP text to a description (RFC 8866), over sdp-transform.
import { parse as transform } from 'sdp-transform';
import { DecodeError } from '../../core/index.ts';
import { STATIC_FORMATS } from './formats.ts';
import { type CheckedMedia, type CheckedSession, sessionSchema } from './schema.ts';
import type { MediaDescription, PayloadFormat, SessionDescription } from './types.ts';

/** Largest description that is read, in characters. */
export const MAX_SDP_LENGTH = 32_768;
const MAX_LINES = 1024;
const MAX_LINE_LENGTH = 4096;
/** `m=` sections of one description. */
export const MAX_MEDIA = 16;
/** Formats of one section. */
export const MAX_FORMATS = 64;

// Attributes that stand in the model; all others are kept as text.
const MODELLED: ReadonlySet<string> = new Set([
  'rtpmap',
  'fmtp',
  'sendrecv',
  'sendonly',
  'recvonly',
  'inactive',
  'ptime',
  'maxptime',
  'rtcp',
  'rtcp-mux',
  'mid',
]);

/** Reads a description. Order of lines, and `s=` and `t=` that are missing, are forgiven; whatever is used is checked. */
export function parseSdp(text: string): SessionDescription | DecodeError {
  if (text.length > MAX_SDP_LENGTH) return bad('description', `is longer than ${MAX_SDP_LENGTH}`);
  const lines = text.split(/\r\n|\n|\r/).filter((line) => line !== '');
  const fault = checkLines(lines);
  if (fault) return fault;
  const checked = sessionSchema.safeParse(transform(`${lines.join('\r\n')}\r\n`));
  if (!checked.success) {
    const [issue] = checked.error.issues;
    return bad(placeOf(issue?.path ?? []), issue?.message ?? 'is malformed');
  }
  return describe(checked.data, lines);
}

function checkLines(lines: readonly string[]): DecodeError | undefined {
  if (lines[0] !== 'v=0') return bad('v', 'the first line is not v=0');
  if (lines.length > MAX_LINES) return bad('description', `has more than ${MAX_LINES} lines`);
  for (const [index, line] of lines.entries()) {
    const place = `line ${index + 1}`;
    if (!/^[a-z]=/.test(line))
      return bad(place, `${JSON.stringify(line.slice(0, 40))} is not like "a=value"`);
    if (line.length > MAX_LINE_LENGTH) return bad(place, `is longer than ${MAX_LINE_LENGTH}`);
    // sdp-transform passes over lines of these types that it cannot read; they decide where sound goes.
    if (line.startsWith('c=') && !/^c=IN IP[46] \S+$/.test(line.trimEnd()))
      return bad(place, 'is no c= line');
    if (line.startsWith('m=') && !/^m=\w+ \d+(?:\/\d+)? [\w/]+ \S/.test(line))
      return bad(place, 'is no m= line');
  }
  return undefined;
}

function placeOf(path: readonly PropertyKey[]): string {
  return path
    .map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`))
    .join('')
    .replace(/^\./, '');
}

function describe(session: CheckedSession, lines: readonly string[]): SessionDescription | DecodeError {
  if (session.media.length > MAX_MEDIA) return bad('media', `more than ${MAX_MEDIA} sections`);
  const [sessionAttributes = [], ...mediaAttributes] = otherAttributes(lines);
  const media: MediaDescription[] = [];
  for (const [index, section] of session.media.entries()) {
    const described = describeMedia(section, session, mediaAttributes[index] ?? []);
    if (typeof described === 'string') return bad(`media[${index}]`, described);
    media.push(described);
  }
  const { username, sessionId, sessionVersion, address } = session.origin;
  return {
    origin: { username, sessionId, version: sessionVersion, address },
    sessionName: session.name ?? '-',
    attributes: sessionAttributes,
    media,
  };
}

/** Attributes that are not modelled: those of the session, then those of each `m=` section. */
function otherAttributes(lines: readonly string[]): string[][] {
  const sections: string[][] = [[]];
  for (const line of lines) {
    if (line.startsWith('m=')) sections.push([]);
    else if (line.startsWith('a=') && !MODELLED.has(line.slice(2).split(':', 1)[0] ?? '')) {
      sections.at(-1)?.push(line.slice(2));
    }
  }
  return sections;
}

/** @returns what is wrong, where something is */
function describeMedia(
  section: CheckedMedia,
  session: CheckedSession,
  attributes: readonly string[],
): MediaDescription | string {
  const formatList = section.payloads.trim().split(/ +/);
  if (formatList.length > MAX_FORMATS) return `more than ${MAX_FORMATS} formats`;
  const protocol = section.protocol.toUpperCase();
  // RFC 5764 §8: also within `UDP/TLS/RTP/SAVPF`.
  const formats = /(?:^|\/)RTP\//.test(protocol) ? readFormats(formatList, section) : [];
  if (typeof formats === 'string') return formats;
  const address = (section.connection ?? session.connection)?.ip.split('/', 1)[0];
  // RFC 8866 §5.7: every section has a c= or the session has; RFC 3264 §6: nobody asks for that of a rejected one.
  if (address === undefined && section.port !== 0) return 'no c= line tells its address';
  return {
    kind: section.type,
    port: section.port,
    protocol,
    address,
    formats,
    formatList,
    direction: section.direction ?? session.direction ?? 'sendrecv',
    ptimeMs: section.ptime ?? session.ptime,
    maxptimeMs: section.maxptime ?? session.maxptime,
    rtcp: section.rtcp && { port: section.rtcp.port, address: section.rtcp.address },
    rtcpMux: section.rtcpMux !== undefined,
    mid: section.mid,
    attributes,
  };
}

function readFormats(formatList: readonly string[], section: CheckedMedia): PayloadFormat[] | string {
  const formats = new Map<number, PayloadFormat>();
  for (const text of formatList) {
    const payloadType = /^\d{1,3}$/.test(text) ? Number(text) : 128;
    if (payloadType > 127) return `payload type ${JSON.stringify(text)} is not 0 to 127`;
    const format = readFormat(payloadType, section);
    if (format && !formats.has(payloadType)) formats.set(payloadType, format);
  }
  return [...formats.values()];
}

function readFormat(payloadType: number, section: CheckedMedia): PayloadFormat | undefined {
  const map = section.rtp.find((row) => row.payload === payloadType);
  const config = section.fmtp.filter((row) => row.payload === payloadType).map((row) => row.config);
  const parameters = config.length > 0 ? { formatParameters: config.join(';') } : {};
  if (!map) {
    const known = STATIC_FORMATS.get(payloadType);
    return known && { ...known, ...parameters };
  }
  const channels = Number(map.encoding ?? 1);
  // A format whose rtpmap makes no sense is one that nobody explains.
  if (!Number.isInteger(channels) || channels < 1 || channels > 255) return undefined;
  if (map.rate === undefined || map.codec === '') return undefined;
  return { payloadType, encoding: map.codec.toLowerCase(), clockRateHz: map.rate, channels, ...parameters };
}

function bad(place: string, reason: string): DecodeError {
  return new DecodeError('SDP_MALFORMED', `SDP ${place}`, reason);
}
