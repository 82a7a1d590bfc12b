// What the peer named. What it turned out to be besides (peer-reflexive) lives in pairs alone.
import { type Endpoint, formatEndpoint } from '../../core/index.ts';
import { isCheckable } from './destination.ts';
import type { Candidate, ComponentId } from './types.ts';

/** More would only make more pairs than are ever checked. */
export const MAX_REMOTE_CANDIDATES = 64;

export class RemoteCandidates {
  readonly #byEndpoint = new Map<string, Candidate>();

  get all(): Iterable<Candidate> {
    return this.#byEndpoint.values();
  }

  /** @returns what became of it: `ignored` past the limit, or where no check may go */
  add(candidate: Candidate): 'new' | 'known' | 'ignored' {
    const key = keyOf(candidate.component, candidate.endpoint);
    // RFC 8838 §11: one that comes again is no news.
    if (this.#byEndpoint.has(key)) return 'known';
    if (this.#byEndpoint.size >= MAX_REMOTE_CANDIDATES || !isCheckable(candidate.endpoint)) return 'ignored';
    this.#byEndpoint.set(key, candidate);
    return 'new';
  }

  find(component: ComponentId, endpoint: Endpoint): Candidate | undefined {
    return this.#byEndpoint.get(keyOf(component, endpoint));
  }
}

function keyOf(component: ComponentId, endpoint: Endpoint): string {
  return `${component} ${formatEndpoint(endpoint)}`;
}
