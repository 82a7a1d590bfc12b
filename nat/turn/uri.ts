// Servers as people and programs write them: `turn:` and `turns:` (RFC 7065), `stun:` and `stuns:` (RFC 7064).
import { addressFamily, DecodeError, formatHost, normalizeAddress, parseHostPort } from '../../core/index.ts';
import { STUN_PORT, STUNS_PORT, type TurnServerAddress, type TurnTransport } from './types.ts';

/** A STUN server: `stun:` is asked over UDP, `stuns:` over TLS. */
export interface StunServerAddress {
  /** Name or numeric address. */
  readonly host: string;
  readonly port: number;
  readonly transport: 'udp' | 'tls';
}

// RFC 7064 §3.1: a host as in RFC 3986, without `//` and without a user; of its names those that DNS can have.
const NAME = /^[A-Za-z0-9_]([A-Za-z0-9._-]{0,253}[A-Za-z0-9._])?$/;
const TURN_URI = /^(turns?):([^?#]*)(?:\?transport=([A-Za-z0-9._~-]+))?$/i;
const STUN_URI = /^(stuns?):([^?#]*)$/i;

/**
 * Reads a `turn:` or `turns:` URI; without a port it means 3478 and 5349, without a transport UDP and TLS over TCP.
 *
 * @returns a `DecodeError` also for what is in order and not for us: TURN over DTLS, transports to come
 */
export function parseTurnUri(text: string): TurnServerAddress | DecodeError {
  const match = TURN_URI.exec(text.trim());
  if (!match) return bad('TURN_BAD_URI', 'URI', text);
  const [, scheme = '', rest = '', transportText] = match;
  const isSecure = scheme.toLowerCase() === 'turns';
  const transport = transportOf(isSecure, transportText?.toLowerCase());
  if (!transport) return bad('TURN_BAD_URI', 'transport', transportText ?? '');
  const server = hostPortOf(rest, isSecure ? STUNS_PORT : STUN_PORT);
  return server ? { ...server, transport } : bad('TURN_BAD_URI', 'host', rest);
}

/** @returns `turn:192.0.2.1:3478?transport=udp`, for TLS `turns:192.0.2.1:5349?transport=tcp` */
export function formatTurnUri({ host, port, transport }: TurnServerAddress): string {
  const [scheme, carrier] = transport === 'tls' ? ['turns', 'tcp'] : ['turn', transport];
  return `${scheme}:${formatHost(host)}:${port}?transport=${carrier}`;
}

/** `stun:192.0.2.1:3478` (RFC 7064). */
export function formatStunUri({ host, port }: Pick<StunServerAddress, 'host' | 'port'>): string {
  return `stun:${formatHost(host)}:${port}`;
}

/** Reads a `stun:` or `stuns:` URI; without a port it means 3478 and 5349. */
export function parseStunUri(text: string): StunServerAddress | DecodeError {
  const match = STUN_URI.exec(text.trim());
  if (!match) return bad('STUN_BAD_URI', 'URI', text);
  const [, scheme = '', rest = ''] = match;
  const transport = scheme.toLowerCase() === 'stuns' ? 'tls' : 'udp';
  const server = hostPortOf(rest, transport === 'tls' ? STUNS_PORT : STUN_PORT);
  return server ? { ...server, transport } : bad('STUN_BAD_URI', 'host', rest);
}

/** RFC 7065 §3.1, table 1. @returns undefined for DTLS (`turns:` over UDP) and what is not known */
function transportOf(isSecure: boolean, transport: string | undefined): TurnTransport | undefined {
  if (isSecure) return transport === undefined || transport === 'tcp' ? 'tls' : undefined;
  if (transport === undefined) return 'udp';
  return transport === 'udp' || transport === 'tcp' ? transport : undefined;
}

function hostPortOf(text: string, defaultPort: number): { host: string; port: number } | undefined {
  // RFC 3986 §3.2.2: an IPv6 address stands in brackets, else its last group would be the port.
  const parsed = addressFamily(text) === 6 ? undefined : parseHostPort(text);
  if (!parsed || parsed.port === 0) return undefined;
  const isNumeric = addressFamily(parsed.host) !== undefined;
  if (!isNumeric && !NAME.test(parsed.host)) return undefined;
  return { host: isNumeric ? normalizeAddress(parsed.host) : parsed.host, port: parsed.port ?? defaultPort };
}

function bad(code: string, place: string, value: string): DecodeError {
  return new DecodeError(code, place, `"${value.slice(0, 80)}" is none`);
}
