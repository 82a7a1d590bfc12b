// From what was seen to what RFC 4787 calls it: pure rules (RFC 5780 §4.3, §4.4).
import { type Endpoint, isSameEndpoint } from '../../core/index.ts';
import type { BehaviourDoubt, NatBehaviour } from './types.ts';

/** One server endpoint, and how it sees one and the same socket of ours. */
export interface MappingSight {
  readonly server: Endpoint;
  readonly mapped: Endpoint;
}

export interface MappingVerdict {
  readonly mapping: NatBehaviour | null;
  readonly isStable: boolean | null;
  readonly doubt?: BehaviourDoubt;
}

/** What the mapping looks at, as far as the endpoints that were asked can tell. */
export function mappingOf(sights: readonly MappingSight[]): MappingVerdict {
  if (sights.length < 2) return { mapping: null, isStable: null, doubt: doubtOfNone(sights) };
  const varies = (filter: (a: Endpoint, b: Endpoint) => boolean) => compare(sights, filter);
  const byPort = varies(isOtherPortOnly);
  const byAddress = varies((a, b) => a.address !== b.address);
  if (byPort === 'differ') return { mapping: 'address-and-port-dependent', isStable: false };
  if (byAddress === 'differ') {
    if (byPort === 'same') return { mapping: 'address-dependent', isStable: false };
    return { mapping: null, isStable: false, doubt: 'one-port' };
  }
  if (byAddress === 'same') return { mapping: 'endpoint-independent', isStable: true };
  return { mapping: null, isStable: true, doubt: 'one-address' };
}

function doubtOfNone(sights: readonly MappingSight[]): BehaviourDoubt {
  return sights.length === 0 ? 'no-answer' : 'one-address';
}

/** How the mappings of all pairs of servers that the filter takes compare; undefined where there is no such pair. */
function compare(
  sights: readonly MappingSight[],
  isOfInterest: (a: Endpoint, b: Endpoint) => boolean,
): 'same' | 'differ' | undefined {
  let found: 'same' | undefined;
  for (const [index, a] of sights.entries()) {
    for (const b of sights.slice(index + 1)) {
      if (!isOfInterest(a.server, b.server)) continue;
      if (!isSameEndpoint(a.mapped, b.mapped)) return 'differ';
      found = 'same';
    }
  }
  return found;
}

function isOtherPortOnly(a: Endpoint, b: Endpoint): boolean {
  return a.address === b.address && a.port !== b.port;
}

/** An endpoint that sent to a socket of ours which has sent to another endpoint only, and whether it was heard. */
export interface FilterTrial {
  readonly origin: Endpoint;
  readonly isHeard: boolean;
}

export interface FilterVerdict {
  readonly filtering: NatBehaviour | null;
  /** Whether another port of the host that was sent to is kept out; null where none tried. */
  readonly isByPort: boolean | null;
  readonly doubt?: BehaviourDoubt;
}

/** @param contacted - the only endpoint that the socket has sent to */
export function filteringOf(contacted: Endpoint, trials: readonly FilterTrial[]): FilterVerdict {
  const others = trials.filter(({ origin }) => origin.address !== contacted.address);
  const ports = trials.filter(({ origin }) => isOtherPortOnly(origin, contacted));
  if (others.some(({ isHeard }) => isHeard)) return { filtering: 'endpoint-independent', isByPort: false };
  if (ports.length === 0) {
    return { filtering: null, isByPort: null, doubt: others.length === 0 ? 'one-address' : 'one-port' };
  }
  if (!ports.some(({ isHeard }) => isHeard)) {
    return { filtering: 'address-and-port-dependent', isByPort: true };
  }
  if (others.length === 0) return { filtering: null, isByPort: false, doubt: 'one-address' };
  return { filtering: 'address-dependent', isByPort: false };
}
