// The candidates of ours as they are gathered: priorities, foundations, and none twice (RFC 8445 §5.1.2, §5.1.3).
import { addressFamily, type Endpoint, isSameEndpoint } from '../../core/index.ts';
import type { BaseId, Candidate, CandidateType, ComponentId, LocalCandidate } from '../ice/types.ts';
import type { TurnTransport } from '../turn/types.ts';

/** RFC 8445 §5.1.2.2: peer-reflexive over server-reflexive, for checks prove what servers only tell. */
const TYPE_PREFERENCES: Readonly<Record<CandidateType, number>> = {
  host: 126,
  peerReflexive: 110,
  serverReflexive: 100,
  relayed: 0,
};

const MAX_LOCAL_PREFERENCE = 65_535;
// How a relay is reached counts more than from which address of ours: a stream holds up sound behind each lost packet.
const RELAY_STEPS: Readonly<Record<TurnTransport, number>> = { udp: 0, tcp: 0x4000, tls: 0x8000 };
// RFC 8839 §5.1: who hides the base of a relayed candidate writes this.
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
  /** Address of the socket behind it, and its rank among ours: 0 is the preferred one. */
  readonly baseAddress: string;
  readonly rank: number;
  /** Who told of it. */
  readonly server?: { readonly address: string; readonly transport: TurnTransport };
  readonly related?: Endpoint;
}

/**
 * `2^24 · type preference + 2^8 · local preference + (256 - component)` (RFC 8445 §5.1.2.1).
 *
 * @param localPreference - 0 to 65535, another one for each address of a kind
 */
export function candidatePriority(
  type: CandidateType,
  localPreference: number,
  component: ComponentId,
): number {
  return 2 ** 24 * TYPE_PREFERENCES[type] + 2 ** 8 * localPreference + (256 - component);
}

/** The table of them. */
export class LocalCandidates {
  readonly #candidates: LocalCandidate[] = [];
  readonly #foundations = new Map<string, string>();

  /** In the order in which they were found. */
  get all(): readonly LocalCandidate[] {
    return this.#candidates;
  }

  /** @returns the candidate, or undefined where it is redundant (RFC 8445 §5.1.3) */
  add(found: FoundCandidate): LocalCandidate | undefined {
    if (this.#isRedundant(found)) return undefined;
    const { type, component, endpoint, base, related } = found;
    const candidate: Candidate = {
      foundation: this.#foundationOf(found),
      component,
      priority: candidatePriority(type, localPreferenceOf(found), component),
      endpoint,
      type,
      ...(related ? { related } : {}),
    };
    const local = { candidate, base };
    this.#candidates.push(local);
    return local;
  }

  /** Forgets those of a base that is gone. */
  removeBase(base: BaseId): void {
    const left = this.#candidates.filter((local) => local.base !== base);
    this.#candidates.splice(0, this.#candidates.length, ...left);
  }

  /** The first of the given types that there is, of the preferred address. */
  best(component: ComponentId, types: readonly CandidateType[]): Candidate | undefined {
    const own = this.#candidates.map(({ candidate }) => candidate).filter((c) => c.component === component);
    for (const type of types) {
      const [best] = own.filter((c) => c.type === type).toSorted((a, b) => b.priority - a.priority);
      if (best) return best;
    }
    return undefined;
  }

  /** The one that came first stays: host before reflexive, and of two servers who answered first. */
  #isRedundant({ endpoint, base, component }: FoundCandidate): boolean {
    return this.#candidates.some(
      (other) =>
        other.base === base &&
        other.candidate.component === component &&
        isSameEndpoint(other.candidate.endpoint, endpoint),
    );
  }

  /** RFC 8445 §5.1.1.3: the same for the same type, base address, server and transport to it. */
  #foundationOf({ type, baseAddress, server }: FoundCandidate): string {
    const key = [type, baseAddress, server?.address ?? '', server?.transport ?? ''].join(' ');
    const known = this.#foundations.get(key);
    if (known !== undefined) return known;
    const foundation = String(this.#foundations.size + 1);
    this.#foundations.set(key, foundation);
    return foundation;
  }
}

/** What stands in place of an address that the user wants hidden. */
export function hiddenEndpoint(like: Endpoint): Endpoint {
  return HIDDEN[addressFamily(like.address) ?? 4];
}

function localPreferenceOf({ type, rank, server }: FoundCandidate): number {
  const step = type === 'relayed' && server ? RELAY_STEPS[server.transport] : 0;
  return Math.max(0, MAX_LOCAL_PREFERENCE - step - rank);
}
