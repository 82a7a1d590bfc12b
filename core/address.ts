// IP addresses and what kind of place each one is.
import { isIPv4, isIPv6 } from 'node:net';

/** A numeric address and a port: where a socket is bound, or where a packet came from. */
export interface Endpoint {
  /** Numeric, IPv6 without brackets and in the form of RFC 5952. */
  readonly address: string;
  /** 0 to 65535. */
  readonly port: number;
}

export type AddressFamily = 4 | 6;

/** @returns 4 or 6, or undefined where the text is not a numeric address */
export function addressFamily(address: string): AddressFamily | undefined {
  if (isIPv4(address)) return 4;
  return isIPv6(address) ? 6 : undefined;
}

/** `192.0.2.1:5060`, `[2001:db8::1]:5060`. */
export function formatEndpoint(endpoint: Endpoint): string {
  return `${formatHost(endpoint.address)}:${endpoint.port}`;
}

/** The address as a URI host has it: IPv6 in brackets. */
export function formatHost(address: string): string {
  return address.includes(':') && !address.startsWith('[') ? `[${address}]` : address;
}

export function isSameEndpoint(a: Endpoint, b: Endpoint): boolean {
  return a.port === b.port && a.address === b.address;
}

/**
 * Reads `host`, `host:port`, `[v6]`, `[v6]:port` or a bare IPv6 address; the host may be a name.
 *
 * @returns undefined where the text is none of these or the port is over 65535
 */
export function parseHostPort(text: string): { host: string; port?: number } | undefined {
  if (isIPv6(text)) return { host: text };
  const match = /^(?:\[([^\]]+)\]|([^:[\]\s]+))(?::(\d{1,5}))?$/.exec(text);
  if (!match) return undefined;
  const [, bracketed, plain, portText] = match;
  if (bracketed !== undefined && !isIPv6(bracketed)) return undefined;
  const host = bracketed ?? plain ?? '';
  if (portText === undefined) return { host };
  const port = Number(portText);
  return port <= 65535 ? { host, port } : undefined;
}

/** What an address is for, by the IANA special-purpose registries (RFC 6890). */
export type AddressScope =
  | 'unspecified'
  | 'loopback'
  | 'link-local'
  | 'private'
  | 'shared'
  | 'documentation'
  | 'multicast'
  | 'broadcast'
  | 'reserved'
  | 'public';

/**
 * The scope of a numeric address; an IPv4-mapped IPv6 address has that of the IPv4 address in it.
 *
 * @returns undefined where the text is not a numeric address
 */
export function addressScope(address: string): AddressScope | undefined {
  const bytes = addressBytes(address);
  if (!bytes) return undefined;
  if (bytes.length === 4) return scopeOf(bytes, IPV4_SCOPES);
  return isIpv4Mapped(bytes) ? scopeOf(bytes.subarray(12), IPV4_SCOPES) : scopeOf(bytes, IPV6_SCOPES);
}

/**
 * Whether both numeric addresses are of one family and one scope. Who is on the internet and names an address inside as
 * his other one would send us to hosts that are none of his business.
 */
export function isSameScope(a: string, b: string): boolean {
  return addressFamily(a) === addressFamily(b) && addressScope(a) === addressScope(b);
}

/** RFC 4291 §2.5.5.2: `::ffff:192.0.2.1`. */
function isIpv4Mapped(bytes: Uint8Array): boolean {
  for (let i = 0; i < 10; i += 1) if (bytes[i] !== 0) return false;
  return bytes[10] === 0xff && bytes[11] === 0xff;
}

interface ScopeRow {
  readonly prefix: Uint8Array;
  readonly lengthBits: number;
  readonly scope: AddressScope;
}

// The first row that fits decides.
const IPV4_SCOPES = scopeRows([
  ['255.255.255.255', 32, 'broadcast'],
  ['0.0.0.0', 8, 'unspecified'],
  ['127.0.0.0', 8, 'loopback'],
  ['169.254.0.0', 16, 'link-local'],
  ['10.0.0.0', 8, 'private'],
  ['172.16.0.0', 12, 'private'],
  ['192.168.0.0', 16, 'private'],
  ['100.64.0.0', 10, 'shared'],
  ['192.0.2.0', 24, 'documentation'],
  ['198.51.100.0', 24, 'documentation'],
  ['203.0.113.0', 24, 'documentation'],
  ['198.18.0.0', 15, 'reserved'],
  ['192.0.0.0', 24, 'reserved'],
  ['224.0.0.0', 4, 'multicast'],
  ['240.0.0.0', 4, 'reserved'],
]);

const IPV6_SCOPES = scopeRows([
  ['::', 128, 'unspecified'],
  ['::1', 128, 'loopback'],
  ['fe80::', 10, 'link-local'],
  ['fc00::', 7, 'private'],
  ['ff00::', 8, 'multicast'],
  ['2001:db8::', 32, 'documentation'],
  ['3fff::', 20, 'documentation'],
  ['100::', 64, 'reserved'],
]);

/** Reads the prefixes once: the scope of an address is asked for with many a packet. */
function scopeRows(
  rows: readonly (readonly [prefix: string, lengthBits: number, scope: AddressScope])[],
): readonly ScopeRow[] {
  return rows.flatMap(([text, lengthBits, scope]) => {
    const prefix = addressBytes(text);
    return prefix ? [{ prefix, lengthBits, scope }] : [];
  });
}

function scopeOf(bytes: Uint8Array, rows: readonly ScopeRow[]): AddressScope {
  return rows.find((row) => hasPrefix(bytes, row.prefix, row.lengthBits))?.scope ?? 'public';
}

function hasPrefix(bytes: Uint8Array, prefix: Uint8Array, lengthBits: number): boolean {
  for (let bit = 0; bit < lengthBits; bit += 8) {
    const mask = lengthBits - bit >= 8 ? 0xff : (0xff << (8 - (lengthBits - bit))) & 0xff;
    if (((bytes[bit >> 3] ?? 0) & mask) !== ((prefix[bit >> 3] ?? 0) & mask)) return false;
  }
  return true;
}

/** @returns 4 or 16 bytes in network order, or undefined where the text is not a numeric address */
export function addressBytes(address: string): Uint8Array | undefined {
  if (isIPv4(address)) return ipv4Bytes(address);
  if (!isIPv6(address)) return undefined;
  const plain = withoutZone(address).replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, a, b, c, d) => {
    return `${((+a << 8) | +b).toString(16)}:${((+c << 8) | +d).toString(16)}`;
  });
  const [head = '', tail] = plain.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const groups = [...left, ...Array<string>(8 - left.length - right.length).fill('0'), ...right];
  const bytes = new Uint8Array(16);
  for (const [i, group] of groups.entries()) {
    const value = Number.parseInt(group, 16);
    bytes[2 * i] = value >> 8;
    bytes[2 * i + 1] = value & 0xff;
  }
  return bytes;
}

/** @param address - four decimal numbers, checked */
function ipv4Bytes(address: string): Uint8Array {
  const bytes = new Uint8Array(4);
  let index = 0;
  for (let i = 0; i < address.length; i += 1) {
    const code = address.charCodeAt(i);
    if (code === 0x2e)
      index += 1; // A dot; all else are digits.
    else bytes[index] = (bytes[index] ?? 0) * 10 + code - 0x30;
  }
  return bytes;
}

/** The text form of 4 or 16 bytes in network order, IPv6 as RFC 5952 §4 wants it. */
export function addressFromBytes(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.');
  const groups: number[] = [];
  for (let i = 0; i < 16; i += 2) groups.push(((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0));
  const [start, length] = longestZeroRun(groups);
  const hex = groups.map((group) => group.toString(16));
  if (length < 2) return hex.join(':');
  return `${hex.slice(0, start).join(':')}::${hex.slice(start + length).join(':')}`;
}

function longestZeroRun(groups: readonly number[]): [start: number, length: number] {
  let best: [number, number] = [0, 0];
  for (let start = 0; start < groups.length; start += 1) {
    let end = start;
    while (groups[end] === 0) end += 1;
    if (end - start > best[1]) best = [start, end - start];
  }
  return best;
}

/** One spelling for each address: RFC 5952, no zone, and IPv4 for an IPv4-mapped one. */
export function normalizeAddress(address: string): string {
  if (isIPv4(address)) return address;
  const bytes = addressBytes(address);
  if (!bytes) return address;
  return addressFromBytes(isIpv4Mapped(bytes) ? bytes.subarray(12) : bytes);
}

function withoutZone(address: string): string {
  const percent = address.indexOf('%');
  return percent < 0 ? address : address.slice(0, percent);
}
