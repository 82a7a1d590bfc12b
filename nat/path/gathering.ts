// Finds out where we can be reached: our addresses, what STUN servers see, what TURN servers lend (RFC 8445 §5.1.1).
import { addressFamily, type Endpoint, type Runtime, TimerTable } from '../../core/index.ts';
import { earliestOf } from '../earliest.ts';
import type { ComponentId, IceDatagram, LocalCandidate } from '../ice/index.ts';
import type { StunMessage } from '../stun/index.ts';
import { formatStunUri } from '../turn/uri.ts';
import { AskedServers } from './asked-servers.ts';
import { GatheredCandidates, hiddenEndpoint } from './gathered-candidates.ts';
import type { SocketBase } from './path-base.ts';
import { familiesOf } from './path-sockets.ts';
import { ReflexiveGatherer } from './reflexive-gatherer.ts';
import type { RelayBase } from './relay-base.ts';
import { Relays, type RelaysHost, type WantedRelay } from './relays.ts';
import { stunServersOf } from './stun-servers.ts';
import { GATHER_LIMIT_MS, type IcePathOptions } from './types.ts';

/** What gathering needs of its path. */
export interface GatheringHost extends Omit<RelaysHost, 'found' | 'gone'> {
  sockets(): readonly SocketBase[];
  sendDatagram(now: number, datagram: IceDatagram): void;
  /** A candidate of ours, not told before. */
  candidateFound(now: number, local: LocalCandidate): void;
  relayFound(now: number, relay: RelayBase): void;
  relayGone(relay: RelayBase): void;
  /** No more are expected; late ones may come all the same. */
  ended(now: number): void;
}

export class Gathering {
  readonly candidates = new GatheredCandidates();
  readonly relays: Relays;
  readonly #runtime: Runtime;
  readonly #options: IcePathOptions;
  readonly #host: GatheringHost;
  readonly #reflexive: ReflexiveGatherer;
  readonly #stunServers = new AskedServers();
  readonly #timers = new TimerTable<'limit'>();
  /** Names of servers that are looked up. */
  #lookups = 0;
  #isOver = false;
  #isExtended = false;
  #done: Promise<void> = Promise.resolve();
  #resolveDone: (() => void) | undefined;

  constructor(runtime: Runtime, options: IcePathOptions, host: GatheringHost) {
    this.#runtime = runtime;
    this.#options = options;
    this.#host = host;
    this.#reflexive = new ReflexiveGatherer(runtime.random);
    this.relays = new Relays(runtime, options, {
      enter: (input) => host.enter(input),
      nextBaseId: () => host.nextBaseId(),
      addresses: () => host.addresses(),
      handleMessage: (relay, bytes, source) => host.handleMessage(relay, bytes, source),
      found: (now, relay) => this.#handleRelay(now, relay),
      gone: (relay) => {
        this.candidates.removeBase(relay.id);
        host.relayGone(relay);
      },
    });
  }

  /** Of the gathering that was started last. */
  get done(): Promise<void> {
    return this.#done;
  }

  /** URIs of servers that were asked and have said nothing. */
  get silentServers(): readonly string[] {
    return [...this.#stunServers.silent, ...this.relays.silentServers];
  }

  /** Asks everybody, also those who were asked before. */
  start(now: number): void {
    this.#renewDone();
    this.#isOver = false;
    this.#isExtended = false;
    this.#timers.set('limit', now + this.#limitMs);
    for (const socket of this.#host.sockets()) this.#addHost(now, socket);
    if (!this.#options.isRelayOnly) this.#askStunServers();
    this.relays.start(now, this.#wantedRelays());
  }

  /** @returns whether it was an answer to a question of ours */
  handleResponse(now: number, response: StunMessage, source: Endpoint): boolean {
    return this.#reflexive.handleResponse(now, response, source);
  }

  /** The path in use is dead: asks whether relays still live, and looks for those that were let go. */
  doubtRelays(now: number): void {
    for (const { client } of this.relays.found) client.probe(now);
    this.relays.start(now, this.#wantedRelays());
  }

  /** A path is in use, which keeps its own mapping; the others may go. */
  letMappingsGo(): void {
    if (this.#isOver) this.#reflexive.stop();
  }

  close(now: number): void {
    this.#reflexive.stop();
    this.relays.close(now);
    this.#end(now);
  }

  nextTimeoutAt(): number | undefined {
    return earliestOf(this.#timers.nextAt(), this.#reflexive.nextTimeoutAt(), this.relays.nextTimeoutAt());
  }

  handleTimeout(now: number): void {
    this.#reflexive.handleTimeout(now);
    this.relays.handleTimeout(now);
    if (this.#timers.takeDue(now)) this.#handleLimit(now);
  }

  /** Sends what waits, and takes what was found. @returns whether there was anything */
  drain(now: number): boolean {
    const datagrams = this.#reflexive.takeDatagrams();
    for (const datagram of datagrams) this.#host.sendDatagram(now, datagram);
    const answers = this.#reflexive.takeAnswers();
    for (const { base, server, mapped } of answers) {
      this.#stunServers.noteAnswerFrom(server);
      const socket = this.#host.sockets().find(({ id }) => id === base);
      if (socket) this.#addReflexive(now, socket, server, mapped);
    }
    const hasHappened = this.relays.handleEvents(now);
    this.#settle(now);
    return datagrams.length + answers.length > 0 || hasHappened;
  }

  get #limitMs(): number {
    return this.#options.gatherLimitMs ?? GATHER_LIMIT_MS;
  }

  #renewDone(): void {
    this.#resolveDone?.();
    this.#done = new Promise((resolve) => {
      this.#resolveDone = resolve;
    });
  }

  #addHost(now: number, { id, component, endpoint, rank }: SocketBase): void {
    if (this.#options.isRelayOnly) return;
    const base = { base: id, baseAddress: endpoint.address, rank };
    this.#add(now, this.candidates.add({ type: 'host', component, endpoint, ...base }));
  }

  #addReflexive(
    now: number,
    { id, component, endpoint, rank }: SocketBase,
    server: Endpoint,
    mapped: Endpoint,
  ): void {
    const found = this.candidates.add({
      type: 'serverReflexive',
      component,
      endpoint: mapped,
      base: id,
      baseAddress: endpoint.address,
      rank,
      server: { address: server.address, transport: 'udp' },
      related: endpoint,
    });
    this.#add(now, found);
  }

  #handleRelay(now: number, relay: RelayBase): void {
    const { id, component, service, client, carrier } = relay;
    const { allocated } = client;
    if (!allocated) return;
    const { address } = carrier.local;
    const found = this.candidates.add({
      type: 'relayed',
      component,
      endpoint: allocated.relayed,
      base: id,
      baseAddress: address,
      rank: Math.max(0, this.#host.addresses().indexOf(address)),
      server: { address: client.server.address, transport: service.transport },
      related: this.#options.isRelayOnly ? hiddenEndpoint(allocated.mapped) : allocated.mapped,
    });
    this.#add(now, found);
    this.#host.relayFound(now, relay);
  }

  #add(now: number, local: LocalCandidate | undefined): void {
    if (local) this.#host.candidateFound(now, local);
  }

  #askStunServers(): void {
    for (const { host, port } of stunServersOf(this.#options)) {
      this.#lookups += 1;
      const uri = formatStunUri({ host, port });
      this.#stunServers.noteAsked(uri);
      this.#runtime.network
        .resolveHost(host)
        .catch(() => [])
        .then((addresses: readonly string[]) =>
          this.#host.enter((now) => {
            this.#lookups -= 1;
            for (const address of addresses) this.#stunServers.notePlace(uri, { address, port });
            this.#askStunServer(now, addresses, port);
          }),
        );
    }
  }

  /** From each socket, at the first address of its family. */
  #askStunServer(now: number, addresses: readonly string[], port: number): void {
    for (const { id, endpoint } of this.#host.sockets()) {
      const family = addressFamily(endpoint.address);
      const address = addresses.find((candidate) => addressFamily(candidate) === family);
      if (address !== undefined) this.#reflexive.ask(now, { base: id, server: { address, port } });
    }
  }

  /** A relay of each family that we have; who has IPv6 alone reaches those who have IPv4 alone through one of IPv4. */
  #wantedRelays(): readonly WantedRelay[] {
    const components: readonly ComponentId[] = this.#options.components === 2 ? [1, 2] : [1];
    const families = new Set(familiesOf(this.#host.addresses())).add(4);
    return components.flatMap((component) =>
      [...families].map((relayFamily) => ({ component, relayFamily })),
    );
  }

  #handleLimit(now: number): void {
    if (this.#isExtended || !this.relays.isAnswering) return this.#end(now);
    this.#isExtended = true;
    this.#timers.set('limit', now + this.#limitMs);
  }

  #settle(now: number): void {
    if (this.#lookups === 0 && this.#reflexive.pending === 0 && this.relays.isSettled) this.#end(now);
  }

  #end(now: number): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#timers.clearAll();
    this.#resolveDone?.();
    this.#host.ended(now);
  }
}
