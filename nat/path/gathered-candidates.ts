// The candidates of ours as they are found: ranked, and none twice (RFC 8445 §5.1.1.3, §5.1.2, §5.1.3).
import { addressFamily, type Endpoint, isSameEndpoint } from '../../core/index.ts';
import {
  type BaseId,
  type Candidate,
  type CandidateType,
  type ComponentId,
  candidateFoundation,
  candidatePriority,
  HIGHEST_LOCAL_PREFERENCE,
  type LocalCandidate,
} from '../ice/index.ts';
import type { TurnTransport } from '../turn/types.ts';

/** A stream holds up sound behind each lost packet: whatever relay is reached over UDP is better. */
const RELAY_STEPS: Readonly<Record<TurnTransport, number>> = { udp: 0, tcp: 0x4000, tls: 0x8000 };
/** RFC 8839 §5.1: in place of an address that is nobody's business. */
const HIDDEN: Readonly<Record<4 | 6, Endpoint>> = {
  4: { address: '0.0.0.0', port: 9 },
  6: { address: '::', port: 9 },
};

/** What is known of a candidate when it is found. */
export interface FoundCandidate {
  readonly type: CandidateType;
  readonly component: ComponentId;
  readonly endpoint: Endpoint;
  /** What sends for it. */
  readonly base: BaseId;
  /** Address of the socket behind it. */
  readonly baseAddress: string;
  /** Which of ours that is: 0 is the preferred one. */
  readonly rank: number;
  /** Who told of it. */
  readonly server?: { readonly address: string; readonly transport: TurnTransport };
  readonly related?: Endpoint;
}

export class GatheredCandidates {
  readonly #locals: LocalCandidate[] = [];

  get all(): readonly Candidate[] {
    return this.#locals.map(({ candidate }) => candidate);
  }

  /** @returns undefined where it is redundant */
  add(found: FoundCandidate): LocalCandidate | undefined {
    if (this.#isRedundant(found)) return undefined;
    const { type, component, endpoint, base, baseAddress, server, related } = found;
    const candidate: Candidate = {
      foundation: candidateFoundation({
        type,
        baseAddress,
        ...(server ? { server: `${server.address} ${server.transport}` } : {}),
      }),
      component,
      priority: candidatePriority(type, component, localPreferenceOf(found)),
      endpoint,
      type,
      ...(related ? { related } : {}),
    };
    const relay = type === 'relayed' ? server?.address : undefined;
    const local = { candidate, base, ...(relay === undefined ? {} : { relay }) };
    this.#replaceReflexive(local);
    this.#locals.push(local);
    return local;
  }

  /** Forgets those of a base that is gone. */
  removeBase(base: BaseId): void {
    const left = this.#locals.filter((local) => local.base !== base);
    this.#locals.splice(0, this.#locals.length, ...left);
  }

  /** The most likely to be reached without ICE (RFC 8445 §5.1.4): relayed before reflexive before host. */
  mostReachable(component: ComponentId): LocalCandidate | undefined {
    for (const type of ['relayed', 'serverReflexive', 'host']) {
      const [best] = this.#locals
        .filter(({ candidate }) => candidate.component === component && candidate.type === type)
        .toSorted((a, b) => b.candidate.priority - a.candidate.priority);
      if (best) return best;
    }
    return undefined;
  }

  /** A server that names another address of the same socket than before names the one that holds. */
  #replaceReflexive({ candidate, base }: LocalCandidate): void {
    if (candidate.type !== 'serverReflexive') return;
    const before = this.#locals.findIndex(
      (other) => other.base === base && other.candidate.foundation === candidate.foundation,
    );
    if (before >= 0) this.#locals.splice(before, 1);
  }

  /** RFC 8445 §5.1.3: the same address on the same base. Who came first stays: host before reflexive. */
  #isRedundant({ endpoint, base }: FoundCandidate): boolean {
    return this.#locals.some(
      (other) => other.base === base && isSameEndpoint(other.candidate.endpoint, endpoint),
    );
  }
}

/** What a relayed candidate names as its mapped address, where that is to stay unknown. */
export function hiddenEndpoint({ address }: Endpoint): Endpoint {
  return HIDDEN[addressFamily(address) ?? 4];
}

function localPreferenceOf({ type, rank, server }: FoundCandidate): number {
  const step = type === 'relayed' && server ? RELAY_STEPS[server.transport] : 0;
  return Math.max(0, HIGHEST_LOCAL_PREFERENCE - step - rank);
}
