// ICE of descriptions that stand for what another party described: its own, or that of the server as a lite agent.
import { addressFamily, type Endpoint } from '../../core/index.ts';
import type { Candidate, IceCredentials, IceDescription } from '../../nat/index.ts';
import type { OwnMedia } from './types.ts';

/** Candidates that are passed on from one party to the other: with each, the other has more pairs to try. */
export const MAX_PASSED_CANDIDATES = 32;

/** The lowest of all (RFC 8445 §5.1.2): a type preference of 0, as relayed candidates have, and no local preference. */
const LOWEST_PRIORITY = 255;
/** RFC 8445 §5.1.2.1 and §5.1.2.2: a host candidate of the only address. */
const HOST_PRIORITY = 0x7effffff;

/**
 * What the other party is told where the two may speak past us: credentials and candidates of the first, and where we
 * stand ourselves as the last of its candidates. So the default destination is one of them (RFC 8839 §4.2.5), and checks
 * between the two prove the way through us like any other.
 */
export function passedIce(theirs: IceDescription, own: OwnMedia): IceDescription {
  const passed = theirs.candidates
    .filter(({ component }) => component === 1)
    .slice(0, MAX_PASSED_CANDIDATES - 1)
    .map(withoutRelated);
  return { credentials: theirs.credentials, candidates: [...passed, ourCandidate(passed, own)] };
}

/** What a party is told for whom we answer checks ourselves (RFC 8445 §2.5). */
export function liteIce(credentials: IceCredentials, own: OwnMedia): IceDescription {
  const candidate: Candidate = {
    foundation: '1',
    component: 1,
    priority: HOST_PRIORITY,
    endpoint: endpointOf(own),
    type: 'host',
  };
  return { credentials, candidates: [candidate], isLite: true };
}

/** For diagnosis alone, and it would tell of addresses within somebody's network. */
function withoutRelated(candidate: Candidate): Candidate {
  const { related } = candidate;
  return related ? { ...candidate, related: nowhere(candidate.endpoint.address) } : candidate;
}

function ourCandidate(others: readonly Candidate[], own: OwnMedia): Candidate {
  const endpoint = endpointOf(own);
  return {
    foundation: freeFoundation(others),
    component: 1,
    priority: LOWEST_PRIORITY,
    endpoint,
    type: 'relayed',
    related: nowhere(endpoint.address),
  };
}

/** RFC 8839 §5.1: where the related address is to stay hidden. */
function nowhere(address: string): Endpoint {
  return { address: addressFamily(address) === 6 ? '::' : '0.0.0.0', port: 9 };
}

/** RFC 8445 §5.1.1.3: of another base and server than all others. */
function freeFoundation(others: readonly Candidate[]): string {
  const taken = new Set(others.map(({ foundation }) => foundation));
  for (let number = 1; ; number += 1) if (!taken.has(`server${number}`)) return `server${number}`;
}

function endpointOf({ address, rtpPort }: OwnMedia): Endpoint {
  return { address, port: rtpPort };
}
