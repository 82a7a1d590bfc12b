// The relays of a path: one for each component and family that is wanted, looked for and kept.
import type { AddressFamily, Endpoint, Runtime } from '../../core/index.ts';
import { earliestOf } from '../earliest.ts';
import type { BaseId, ComponentId } from '../ice/index.ts';
import { TurnClient } from '../turn/client/index.ts';
import type { TurnService } from '../turn/types.ts';
import { formatTurnUri } from '../turn/uri.ts';
import { AskedServers } from './asked-servers.ts';
import { type OpenedCarrier, openCarrier } from './open-carrier.ts';
import { RelayBase } from './relay-base.ts';
import { RelaySearch } from './relay-search.ts';
import type { IcePathOptions } from './types.ts';

/** What relays need of their path. */
export interface RelaysHost {
  /** Takes an input from outside: runs it, and drains all outputs after it. */
  enter(input: (now: number) => void): void;
  nextBaseId(): BaseId;
  /** Of ours, the preferred first. */
  addresses(): readonly string[];
  handleMessage(relay: RelayBase, bytes: Uint8Array, source: Endpoint): void;
  /** Peers can reach us there. */
  found(now: number, relay: RelayBase): void;
  gone(relay: RelayBase): void;
}

export interface WantedRelay {
  readonly component: ComponentId;
  readonly relayFamily: AddressFamily;
}

interface Entry {
  readonly relay: RelayBase;
  readonly search: RelaySearch;
}

export class Relays {
  readonly #runtime: Runtime;
  readonly #services: readonly TurnService[];
  readonly #authorities: readonly string[];
  readonly #host: RelaysHost;
  readonly #searches = new Map<string, RelaySearch>();
  readonly #entries = new Map<BaseId, Entry>();
  readonly #servers = new AskedServers();
  #isClosed = false;

  constructor(runtime: Runtime, options: IcePathOptions, host: RelaysHost) {
    this.#runtime = runtime;
    this.#services = options.turnServers ?? [];
    this.#authorities = options.authorities ?? [];
    this.#host = host;
  }

  /** Those among them that are still asked for, or are being given back. */
  get size(): number {
    return this.#entries.size;
  }

  /** Those that peers can reach. */
  get found(): readonly RelayBase[] {
    return this.#relays.filter(({ client }) => client.allocated !== undefined);
  }

  get isSettled(): boolean {
    return [...this.#searches.values()].every((search) => search.isSettled);
  }

  /** Whether some server said something, and is about to say more. */
  get isAnswering(): boolean {
    return [...this.#searches.values()].some((search) => search.isAnswering);
  }

  /** URIs of servers that were asked and have said nothing. */
  get silentServers(): readonly string[] {
    return this.#servers.silent;
  }

  base(id: BaseId): RelayBase | undefined {
    return this.#entries.get(id)?.relay;
  }

  /** Looks for what is wanted and not there. */
  start(now: number, wanted: readonly WantedRelay[]): void {
    if (this.#services.length === 0 || this.#isClosed) return;
    for (const relay of wanted) this.#searchFor(relay).start(now);
  }

  /** Lets go of those that are not to be kept, and looks for no others until the next {@link start}. */
  release(now: number, isKept: (relay: RelayBase) => boolean): void {
    for (const search of this.#searches.values()) {
      if (!search.relay || !isKept(search.relay)) search.stop(now);
    }
  }

  /** Gives up those that hang on an address that we have no more. */
  abandon(now: number, isGone: (address: string) => boolean): void {
    for (const { carrier, client } of this.#relays) {
      if (isGone(carrier.local.address)) client.handleDisconnect();
    }
    this.handleEvents(now);
  }

  /** Gives all allocations back; {@link size} tells when that is done. */
  close(now: number): void {
    this.#isClosed = true;
    for (const search of this.#searches.values()) search.stop(now);
  }

  nextTimeoutAt(): number | undefined {
    let at: number | undefined;
    for (const search of this.#searches.values()) at = earliestOf(at, search.nextTimeoutAt());
    for (const { relay } of this.#entries.values()) at = earliestOf(at, relay.client.nextTimeoutAt());
    return at;
  }

  handleTimeout(now: number): void {
    for (const { client } of this.#relays) client.handleTimeout(now);
    for (const search of this.#searches.values()) search.handleTimeout(now);
  }

  /** Sends what the clients have to say. */
  flush(): void {
    for (const { relay } of this.#entries.values()) relay.flush();
  }

  /** @returns whether anything had happened */
  handleEvents(now: number): boolean {
    let hasHappened = false;
    for (const { relay, search } of [...this.#entries.values()]) {
      for (const event of relay.client.takeEvents()) {
        hasHappened = true;
        search.handleEvent(now, relay, event);
      }
    }
    return hasHappened;
  }

  get #relays(): readonly RelayBase[] {
    return [...this.#entries.values()].map(({ relay }) => relay);
  }

  #searchFor(wanted: WantedRelay): RelaySearch {
    const key = `${wanted.component} ${wanted.relayFamily}`;
    const known = this.#searches.get(key);
    if (known) return known;
    const search: RelaySearch = new RelaySearch(this.#services, {
      ask: (service, endpoint) => this.#ask(search, wanted, { service, ...(endpoint ? { endpoint } : {}) }),
      found: (now, relay) => this.#host.found(now, relay),
      gone: (relay) => this.#remove(relay),
    });
    this.#searches.set(key, search);
    return search;
  }

  #ask(
    search: RelaySearch,
    wanted: WantedRelay,
    question: { service: TurnService; endpoint?: Endpoint },
  ): void {
    this.#servers.noteAsked(formatTurnUri(question.service));
    const opening = openCarrier(this.#runtime.network, {
      ...question,
      addresses: this.#host.addresses(),
      authorities: this.#authorities,
    });
    opening.then(
      (opened) => this.#handleOpened(search, wanted, question.service, opened),
      () => this.#host.enter((now) => search.handleUnreachable(now)),
    );
  }

  #handleOpened(search: RelaySearch, wanted: WantedRelay, service: TurnService, opened: OpenedCarrier): void {
    if (this.#isClosed) return opened.carrier.close();
    const relay = this.#createRelay(wanted, service, opened);
    this.#entries.set(relay.id, { relay, search });
    this.#host.enter((now) => search.handleOpened(now, relay));
  }

  #createRelay(wanted: WantedRelay, service: TurnService, { carrier, server }: OpenedCarrier): RelayBase {
    const id = this.#host.nextBaseId();
    const client = new TurnClient({
      random: this.#runtime.random,
      server,
      isReliable: service.transport !== 'udp',
      credentials: service.credentials,
      relayFamily: wanted.relayFamily,
    });
    const relay = new RelayBase({ id, component: wanted.component, service, client, carrier });
    const uri = formatTurnUri(service);
    carrier.onMessage = (bytes, source) => {
      this.#host.handleMessage(relay, bytes, source);
      if (relay.isAnswering) this.#servers.noteAnswer(uri);
    };
    carrier.onLost = () => this.#host.enter(() => client.handleDisconnect());
    return relay;
  }

  #remove(relay: RelayBase): void {
    relay.flush();
    relay.carrier.close();
    this.#entries.delete(relay.id);
    this.#host.gone(relay);
  }
}
