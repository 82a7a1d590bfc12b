// Which TURN servers a registrar gives its phones, and with what credentials: a header of ours in the 200 to REGISTER.
//
//   Turn-Server: <turn:203.0.113.7:3478?transport=udp>;username="1764230400:alice";password="…"
//   Turn-Server: <turns:[2001:db8::7]:5349?transport=tcp>;username="1764230400:alice";password="…"
import { DecodeError, formatHost, parseHostPort } from '../../core/index.ts';
import { STUN_PORT, STUNS_PORT, type TurnService, type TurnTransport } from '../../nat/index.ts';
import { parameterText, parseParameters, quote, type SipMessage } from '../message/index.ts';

export const TURN_SERVER_HEADER = 'Turn-Server';

/** Rows of one message that are read: one for each transport and family of a server, twice over. */
export const MAX_TURN_SERVERS = 8;

const LONGEST_ROW = 1024;
/** RFC 8489 §14.3 allows names of up to 508 bytes; ours have a time and a user in them. */
const LONGEST_TEXT = 256;
// RFC 7065 §3.1, where `turns` without a transport is TLS over TCP (§3.2).
const TURN_URI = /^(turns?):([^?]+)(?:\?transport=(udp|tcp))?$/i;
const ROW = /^<([^<>"]+)>(.*)$/s;
// Printable and of one byte: both go into messages and hashes as they are.
const TEXT = /^[\x20-\x7e]+$/;

/** @returns the value of one row of the header */
export function formatTurnServer({ credentials, ...server }: TurnService): string {
  const { username, password } = credentials;
  return `<${turnUri(server)}>;username=${quote(username)};password=${quote(password)}`;
}

function turnUri({ host, port, transport }: Omit<TurnService, 'credentials'>): string {
  const scheme = transport === 'tls' ? 'turns' : 'turn';
  return `${scheme}:${formatHost(host)}:${port}?transport=${transport === 'udp' ? 'udp' : 'tcp'}`;
}

/** The servers that a message names, in its order; what cannot be read is left out. */
export function turnServersOf(message: SipMessage): readonly TurnService[] {
  return message
    .headerValues(TURN_SERVER_HEADER)
    .slice(0, MAX_TURN_SERVERS)
    .map(parseTurnServer)
    .filter((service): service is TurnService => !(service instanceof DecodeError));
}

/** Reads the value of one row. Parameters that we do not know are passed over. */
export function parseTurnServer(text: string): TurnService | DecodeError {
  if (text.length > LONGEST_ROW) return bad('is too long');
  const [, uri, rest = ''] = ROW.exec(text.trim()) ?? [];
  if (uri === undefined) return bad('has no URI in angle brackets');
  const server = readUri(uri);
  if (server instanceof DecodeError) return server;
  const parameters = parseParameters(rest.trim());
  // Its own reason would show what may be a password.
  if (parameters instanceof DecodeError) return bad('has parameters that cannot be read');
  const username = parameterText(parameters, 'username');
  const password = parameterText(parameters, 'password');
  if (!isText(username)) return bad('has no username');
  if (!isText(password)) return bad('has no password');
  return { ...server, credentials: { username, password } };
}

function readUri(uri: string): Omit<TurnService, 'credentials'> | DecodeError {
  const [, scheme = '', hostPort = '', transportText] = TURN_URI.exec(uri) ?? [];
  const isSecure = scheme.toLowerCase() === 'turns';
  const transport = transportOf(isSecure, transportText?.toLowerCase());
  if (transport === undefined) return bad('has no TURN URI that we can use');
  const place = parseHostPort(hostPort);
  if (!place || place.port === 0) return bad('has no host and port');
  return { host: place.host, port: place.port ?? (isSecure ? STUNS_PORT : STUN_PORT), transport };
}

function transportOf(isSecure: boolean, text: string | undefined): TurnTransport | undefined {
  // TURN over DTLS (RFC 7350) we do not speak.
  if (isSecure) return text === 'udp' ? undefined : 'tls';
  return text === 'tcp' ? 'tcp' : 'udp';
}

function isText(text: string | undefined): text is string {
  return text !== undefined && text.length <= LONGEST_TEXT && TEXT.test(text);
}

function bad(reason: string): DecodeError {
  return new DecodeError('SIP_BAD_TURN_SERVER', TURN_SERVER_HEADER, reason);
}
