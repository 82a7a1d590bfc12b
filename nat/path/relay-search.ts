// Looks for one relay among the servers that are given: one after the other, and again when it is lost.
import { type Endpoint, isSameScope } from '../../core/index.ts';
import { earliestOf } from '../earliest.ts';
import type { TurnClientEvent } from '../turn/client/index.ts';
import type { TurnService } from '../turn/types.ts';
import type { RelayBase } from './relay-base.ts';

/** A server that says nothing for so long gets company by the next: UDP may be blocked where TCP is not. */
export const NEXT_SERVER_AFTER_MS = 250;
/** All servers failed, or the one in use: tried anew after so long, then after twice as long each time. */
export const FIRST_RETRY_MS = 1_000;
export const LONGEST_RETRY_MS = 60_000;

/** What a search needs. */
export interface RelaySearchHost {
  /**
   * Begins to ask a server, at another endpoint than its own where one is given. It ends in
   * {@link RelaySearch.handleOpened} or {@link RelaySearch.handleUnreachable}.
   */
  ask(service: TurnService, endpoint: Endpoint | undefined): void;
  /** A relay is there. */
  found(now: number, relay: RelayBase): void;
  /** It is no more, or never was. */
  gone(relay: RelayBase): void;
}

/**
 * The preferred server is asked first; who is asked later and answers first wins all the same. All others are told to
 * forget us.
 */
export class RelaySearch {
  readonly #services: readonly TurnService[];
  readonly #host: RelaySearchHost;
  readonly #asked = new Set<RelayBase>();
  #next = 0;
  /** Names that are looked up, connections that are made. */
  #opening = 0;
  #relay: RelayBase | undefined;
  #nextServerAt: number | undefined;
  #retryAt: number | undefined;
  #retryMs = FIRST_RETRY_MS;
  #wasRedirected = false;
  #isStopped = false;

  constructor(services: readonly TurnService[], host: RelaySearchHost) {
    this.#services = services;
    this.#host = host;
  }

  /** Undefined while there is none. */
  get relay(): RelayBase | undefined {
    return this.#relay;
  }

  /** Whether it is over for now: one was found, or all have failed. */
  get isSettled(): boolean {
    return this.#isStopped || this.#relay !== undefined || this.#retryAt !== undefined;
  }

  /** Whether it is worth waiting for a little longer. */
  get isAnswering(): boolean {
    return !this.isSettled && [...this.#asked].some(({ isAnswering }) => isAnswering);
  }

  start(now: number): void {
    this.#isStopped = false;
    if (this.#relay || this.#asked.size + this.#opening > 0) return;
    this.#next = 0;
    this.#retryAt = undefined;
    this.#wasRedirected = false;
    this.#askNext(now);
  }

  /** No more relay is wanted. */
  stop(now: number): void {
    this.#isStopped = true;
    this.#nextServerAt = undefined;
    this.#retryAt = undefined;
    if (this.#relay) this.#dismiss(now, this.#relay);
    for (const relay of this.#asked) this.#dismiss(now, relay);
  }

  /** The carrier is there: the server is asked now. */
  handleOpened(now: number, relay: RelayBase): void {
    this.#opening -= 1;
    this.#asked.add(relay);
    if (this.#isStopped || this.#relay) this.#dismiss(now, relay);
    else relay.client.allocate(now);
  }

  handleUnreachable(now: number): void {
    this.#opening -= 1;
    this.#goOn(now);
  }

  handleEvent(now: number, relay: RelayBase, event: TurnClientEvent): void {
    switch (event.type) {
      case 'allocated':
        return this.#handleAllocated(now, relay);
      case 'failed':
        this.#forget(relay);
        if (this.#mayFollow(relay, event.alternateServer)) return this.#follow(relay, event.alternateServer);
        return this.#goOn(now);
      case 'lost':
        this.#forget(relay);
        return this.#setRetry(now);
      case 'closed':
        return this.#forget(relay);
      default:
        return;
    }
  }

  nextTimeoutAt(): number | undefined {
    return earliestOf(this.#nextServerAt, this.#retryAt);
  }

  handleTimeout(now: number): void {
    if (this.#nextServerAt !== undefined && this.#nextServerAt <= now) {
      this.#nextServerAt = undefined;
      // Who has said something is about to say more.
      if (!this.isAnswering) this.#askNext(now);
    }
    if (this.#retryAt !== undefined && this.#retryAt <= now) this.start(now);
  }

  #askNext(now: number): void {
    const service = this.#services[this.#next];
    if (!service || this.#isStopped) return;
    this.#next += 1;
    this.#opening += 1;
    this.#nextServerAt = this.#next < this.#services.length ? now + NEXT_SERVER_AFTER_MS : undefined;
    this.#host.ask(service, undefined);
  }

  #mayFollow({ client }: RelayBase, endpoint: Endpoint | undefined): endpoint is Endpoint {
    return (
      endpoint !== undefined && !this.#wasRedirected && isSameScope(client.server.address, endpoint.address)
    );
  }

  /** RFC 8489 §10: with the same credentials, and only once. */
  #follow({ service }: RelayBase, endpoint: Endpoint): void {
    this.#wasRedirected = true;
    this.#opening += 1;
    this.#host.ask(service, endpoint);
  }

  #goOn(now: number): void {
    if (this.#isStopped || this.#relay) return;
    if (this.#next < this.#services.length) this.#askNext(now);
    else if (this.#asked.size + this.#opening === 0) this.#setRetry(now);
  }

  #handleAllocated(now: number, relay: RelayBase): void {
    if (this.#relay || this.#isStopped) return this.#dismiss(now, relay);
    this.#relay = relay;
    this.#nextServerAt = undefined;
    this.#retryMs = FIRST_RETRY_MS;
    for (const other of this.#asked) if (other !== relay) this.#dismiss(now, other);
    this.#host.found(now, relay);
  }

  #setRetry(now: number): void {
    if (this.#isStopped) return;
    this.#retryAt = now + this.#retryMs;
    this.#retryMs = Math.min(2 * this.#retryMs, LONGEST_RETRY_MS);
  }

  /** It is gone once its client says so. */
  #dismiss(now: number, relay: RelayBase): void {
    relay.client.close(now);
  }

  #forget(relay: RelayBase): void {
    this.#asked.delete(relay);
    if (this.#relay === relay) this.#relay = undefined;
    this.#host.gone(relay);
  }
}
