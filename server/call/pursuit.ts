// Pursues the person who was called: rings their phones, and follows forwardings until somebody answers or nobody will.
import {
  formatUri,
  type IncomingSession,
  type NameAddr,
  type SessionDescription,
  type Uri,
} from '../../signaling/index.ts';
import type { Branch, BranchMedia } from './branch.ts';
import type { CallSurroundings } from './call.ts';
import { addressOfRecord, type Destination, destinationOfTarget } from './dial-plan.ts';
import { type ForwardReason, forwardAfter, type Hop, refusalOfHop } from './forwarding.ts';
import { forwardingHeaders } from './history.ts';
import { callerIdentity } from './identity.ts';
import type { PartyMedia } from './party.ts';
import { REASONS } from './reasons.ts';
import { type FailureCause, type RingFailure, type RingOutcome, ring } from './ring.ts';
import type { Account, Announcements, Reachable } from './types.ts';

/** Somebody who can be called. */
export type Person = Extract<Destination, { kind: 'user' | 'uri' }>;

/** Either who answered, or what to tell the caller. */
export type CallAttempt<Media extends BranchMedia = PartyMedia> =
  | { readonly answered: Branch<Media>; readonly sdp: string | undefined; readonly who: string }
  | {
      readonly status: number;
      readonly reason: string;
      /** What the caller may hear of it. */
      readonly announcement?: AnnouncementName | undefined;
    };

export type AnnouncementName = keyof Announcements;

/** Who is told while phones ring. */
export interface WaitingCaller<Media extends BranchMedia = PartyMedia> {
  readonly session: IncomingSession;
  readonly offer: SessionDescription | undefined;
  ringing(): void;
  earlyMedia(branch: Branch<Media>, sdp: string): Promise<void>;
  forgetEarlyMedia(): void;
}

export interface PursuitOptions<Media extends BranchMedia = PartyMedia> {
  readonly caller: WaitingCaller<Media>;
  readonly user: Account;
  /** Opens the media of one phone that is rung. */
  readonly openMedia: (target: Reachable, label: string) => Promise<Media>;
  /** Whether only our own users are called, wherever forwardings lead; false where not given. */
  readonly isLocalOnly?: boolean;
  /** Aborted when the caller hangs up. */
  readonly signal: AbortSignal;
}

const DEFAULT_MAX_FORWARDS = 70;

export class Pursuit<Media extends BranchMedia = PartyMedia> {
  readonly #surroundings: CallSurroundings;
  readonly #options: PursuitOptions<Media>;
  readonly #hops: Hop[] = [];
  readonly #visited = new Set<string>();

  constructor(surroundings: CallSurroundings, options: PursuitOptions<Media>) {
    this.#surroundings = surroundings;
    this.#options = options;
  }

  async run(first: Person): Promise<CallAttempt<Media>> {
    let person = first;
    for (;;) {
      const step = await this.#try(person);
      if (!('forward' in step)) return step;
      const next = this.#follow(person, step.forward);
      if ('status' in next) return next;
      person = next;
    }
  }

  /** One person: straight on where they forward always, else their phones ring. */
  async #try(person: Person): Promise<CallAttempt<Media> | { readonly forward: Forward }> {
    const { directory, bindings } = this.#surroundings.dependencies;
    this.#visited.add(this.#keyOf(person));
    if (person.kind === 'uri') {
      if (this.#options.isLocalOnly) return { status: 488, reason: REASONS.notPassedOn };
      const target: Reachable = { contact: person.uri, path: [], flow: undefined };
      return this.#concluded(person, await this.#ring(person, [target]), undefined);
    }
    const account = directory.account(person.name);
    if (!account) {
      const reason = `there is no user ${JSON.stringify(person.name)}`;
      return { status: 404, reason, announcement: 'unknownNumber' };
    }
    const always = account.forward.always;
    if (always !== undefined) return { forward: { reason: 'always', target: always } };
    const outcome = await this.#ring(person, bindings.reachable(person.name), account);
    return this.#concluded(person, outcome, account);
  }

  #concluded(
    person: Person,
    outcome: RingOutcome<Media>,
    account: Account | undefined,
  ): CallAttempt<Media> | { readonly forward: Forward } {
    if ('answered' in outcome) return { ...outcome, who: this.#nameOf(person) };
    const forward = outcome.cause === 'callerLeft' ? undefined : forwardOf(outcome, account);
    if (forward) return { forward };
    return { status: outcome.status, reason: outcome.reason, announcement: ANNOUNCEMENTS[outcome.cause] };
  }

  #ring(person: Person, targets: readonly Reachable[], account?: Account): Promise<RingOutcome<Media>> {
    const { caller, user, openMedia, signal } = this.#options;
    const { dependencies } = this.#surroundings;
    const { settings } = dependencies;
    const { invite } = caller.session;
    const address = this.#uriOf(person);
    const to: NameAddr = { displayName: account?.displayName, uri: address, parameters: new Map() };
    const identity = callerIdentity(user, invite, {
      realm: settings.realm,
      trusted: person.kind === 'user',
    });
    caller.forgetEarlyMedia();
    return ring({
      dependencies,
      openMedia,
      targets,
      from: identity.from,
      to,
      headers: [...identity.headers, ...forwardingHeaders(this.#hops, formatUri(address))],
      offer: caller.offer,
      maxForwards: (invite.maxForwards ?? DEFAULT_MAX_FORWARDS) - 1,
      label: this.#nameOf(person),
      ringMs: 1000 * (account?.forward.noAnswer?.afterSeconds ?? settings.ringSeconds),
      signal,
      onRinging: () => caller.ringing(),
      onEarlyMedia: (branch, sdp) => void caller.earlyMedia(branch, sdp).catch(() => caller.ringing()),
    });
  }

  /** The next person, or why there is none. */
  #follow(person: Person, forward: Forward): Person | { readonly status: number; readonly reason: string } {
    const next = destinationOfTarget(forward.target, this.#surroundings.dependencies.settings);
    if (next.kind === 'unsupported') return { status: next.status, reason: next.reason };
    if (next.kind !== 'user' && next.kind !== 'uri')
      return { status: 404, reason: 'the target is a service' };
    const refusal = refusalOfHop(this.#keyOf(next), this.#visited, this.#hops.length);
    if (refusal) return refusal;
    this.#hops.push({ from: formatUri(this.#uriOf(person)), reason: forward.reason });
    if (!this.#options.signal.aborted) this.#tellForwarded();
    return next;
  }

  /** RFC 3261 §21.1.3. */
  #tellForwarded(): void {
    const { session } = this.#options.caller;
    if (session.state !== 'terminated') session.progress(181);
  }

  #uriOf(person: Person): Uri {
    if (person.kind === 'uri') return person.uri;
    return addressOfRecord(person.name, this.#surroundings.dependencies.settings.realm);
  }

  #nameOf(person: Person): string {
    return person.kind === 'user' ? person.name : formatUri(person.uri);
  }

  #keyOf(person: Person): string {
    return formatUri(this.#uriOf(person));
  }
}

const ANNOUNCEMENTS: Readonly<Partial<Record<FailureCause, AnnouncementName>>> = {
  busy: 'busy',
  noAnswer: 'noAnswer',
  unreachable: 'unavailable',
};

interface Forward {
  readonly reason: ForwardReason;
  readonly target: string;
}

function forwardOf(failure: RingFailure, account: Account | undefined): Forward | undefined {
  // A 302 from somebody elsewhere carries no rights here: only phones of our own users deflect calls.
  return account && forwardAfter(failure, account.forward);
}
