// Candidates as SDP and its fragments have them (RFC 8839 §5.1).
import { addressFamily, DecodeError, type Endpoint, normalizeAddress } from '../../core/index.ts';
import type { Candidate, CandidateType } from './types.ts';

const TYPE_NAMES: Readonly<Record<CandidateType, string>> = {
  host: 'host',
  serverReflexive: 'srflx',
  peerReflexive: 'prflx',
  relayed: 'relay',
};

const TYPES: ReadonlyMap<string, CandidateType> = new Map([
  ['host', 'host'],
  ['srflx', 'serverReflexive'],
  ['prflx', 'peerReflexive'],
  ['relay', 'relayed'],
]);

const FOUNDATION = /^[A-Za-z0-9+/]{1,32}$/;
const MAX_PRIORITY = 0x7fffffff;

/** @returns the value of `a=candidate`, without `candidate:` */
export function formatCandidate({
  foundation,
  component,
  priority,
  endpoint,
  type,
  related,
}: Candidate): string {
  const { address, port } = endpoint;
  const head = `${foundation} ${component} UDP ${priority} ${address} ${port} typ ${TYPE_NAMES[type]}`;
  return related ? `${head} raddr ${related.address} rport ${related.port}` : head;
}

/**
 * Reads the value of `a=candidate`.
 *
 * @returns undefined for one that is in order and not for us: TCP, a host name (RFC 8839 §5.1 allows to pass over it),
 *   a component past 2, an unknown type; a `DecodeError` where it is malformed
 */
export function parseCandidate(text: string): Candidate | DecodeError | undefined {
  const [foundation = '', componentText = '', transport = '', priorityText = '', ...rest] = text
    .trim()
    .split(/ +/);
  const [addressText = '', portText = '', typ, typeText = '', ...extensions] = rest;
  if (!FOUNDATION.test(foundation)) return bad('foundation', foundation);
  const component = wholeNumber(componentText, 1, 256);
  if (component === undefined) return bad('component', componentText);
  const priority = wholeNumber(priorityText, 1, MAX_PRIORITY);
  if (priority === undefined) return bad('priority', priorityText);
  const port = wholeNumber(portText, 0, 65_535);
  if (port === undefined) return bad('port', portText);
  if (typ !== 'typ' || typeText === '') return bad('type', typeText);
  const type = TYPES.get(typeText);
  const isForUs = transport.toUpperCase() === 'UDP' && port !== 0 && addressFamily(addressText);
  if (!isForUs || !type || (component !== 1 && component !== 2)) return undefined;
  const endpoint = { address: normalizeAddress(addressText), port };
  const related = relatedOf(extensions);
  return { foundation, component, priority, endpoint, type, ...(related ? { related } : {}) };
}

/** `raddr` and `rport` stand first where they stand; what makes no sense there harms nobody. */
function relatedOf([raddr, address = '', rport, port = '']: readonly string[]): Endpoint | undefined {
  const number = wholeNumber(port, 0, 65_535);
  if (raddr !== 'raddr' || rport !== 'rport' || number === undefined || !addressFamily(address))
    return undefined;
  return { address, port: number };
}

function wholeNumber(text: string, lowest: number, highest: number): number | undefined {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : -1;
  return value >= lowest && value <= highest ? value : undefined;
}

function bad(place: string, value: string): DecodeError {
  return new DecodeError('ICE_BAD_CANDIDATE', `candidate ${place}`, `"${value.slice(0, 40)}" is none`);
}
