// Owns the sockets, the agent and the allocations of one data stream (RFC 8445): a path, used as if it were a socket.
import {
  DecodeError,
  Driver,
  type Endpoint,
  isSameEndpoint,
  type Runtime,
  TimerTable,
} from '../../core/index.ts';
import { demultiplex } from '../demultiplex.ts';
import { earliestOf } from '../earliest.ts';
import {
  type BaseId,
  type ComponentId,
  IceAgent,
  type IceDescription,
  type IceEvent,
  type IceState,
  type SelectedPath,
} from '../ice/index.ts';
import { decodeStun } from '../stun/index.ts';
import { isChannelData } from '../turn/channel-data.ts';
import { Gathering } from './gathering.ts';
import { type PathBase, SocketBase } from './path-base.ts';
import { addressesFor, type BoundSocket, bindSockets, PathSockets } from './path-sockets.ts';
import { Permits } from './permits.ts';
import type { RelayBase } from './relay-base.ts';
import type { IcePath, IcePathOptions, OpenIcePath, PathCounters } from './types.ts';

/** A relay that is not in use is let go after so long on another path, where no spare is wanted. */
export const RELEASE_AFTER_MS = 30_000;

/** Where nobody is reached (RFC 8839 §5.2): the discard port. */
const NOWHERE: Endpoint = { address: '0.0.0.0', port: 9 };

export const openIcePath: OpenIcePath = async (runtime, options) => {
  const addresses = addressesFor(runtime.network, options);
  const sockets = await bindSockets(runtime.network, options, addresses);
  return new SocketIcePath(runtime, options, { addresses, sockets });
};

interface Bound {
  readonly addresses: readonly string[];
  readonly sockets: readonly BoundSocket[];
}

class SocketIcePath implements IcePath {
  onData: IcePath['onData'];
  onSelected: IcePath['onSelected'];
  onState: IcePath['onState'];
  onCandidate: IcePath['onCandidate'];
  readonly closed: Promise<void>;
  readonly counters: PathCounters = { unsent: 0, unexpected: 0 };
  readonly #runtime: Runtime;
  readonly #options: IcePathOptions;
  readonly #agent: IceAgent;
  readonly #gathering: Gathering;
  readonly #driver: Driver;
  readonly #timers = new TimerTable<'release'>();
  readonly #sockets = new PathSockets();
  readonly #permits = new Permits();
  readonly #selected = new Map<ComponentId, SelectedPath>();
  readonly #defaultBases = new Map<ComponentId, BaseId>();
  #addresses: readonly string[];
  #lastBaseId = 0;
  /** Who sent last and has proven himself: in a call that is so for every packet. */
  #proven: { readonly base: BaseId; readonly source: Endpoint } | undefined;
  #isClosing = false;
  #resolveClosed: () => void = () => {};

  constructor(runtime: Runtime, options: IcePathOptions, { addresses, sockets }: Bound) {
    this.#runtime = runtime;
    this.#options = options;
    this.#addresses = addresses;
    const { role, components } = options;
    this.#agent = new IceAgent({ random: runtime.random, role, components });
    this.#gathering = new Gathering(runtime, options, {
      enter: (input) => this.#driver.run(input),
      nextBaseId: () => this.#nextBaseId(),
      addresses: () => this.#addresses,
      sockets: () => this.#sockets.active,
      sendDatagram: (now, { base, bytes, remote }) => this.#base(base)?.send(now, bytes, remote),
      handleMessage: (relay, bytes, source) => this.#handleRelayMessage(relay, bytes, source),
      candidateFound: (now, local) => {
        this.#agent.addLocalCandidate(now, local);
        this.onCandidate?.(local.candidate);
      },
      relayFound: (now, relay) => this.#permits.open(now, relay),
      relayGone: ({ id }) => this.#agent.removeBase(runtime.clock.now(), id),
      ended: (now) => this.#agent.endOfLocalCandidates(now),
    });
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
    this.#driver = new Driver(runtime, this.#machine(), (now) => this.#drain(now));
    for (const socket of sockets) this.#addSocket(socket);
    this.#driver.run((now) => this.#gathering.start(now));
  }

  get state(): IceState {
    return this.#agent.state;
  }

  get local(): IceDescription {
    const candidates = this.#gathering.candidates.all.toSorted((a, b) => b.priority - a.priority);
    return { credentials: this.#agent.credentials, candidates };
  }

  get gathered(): Promise<void> {
    return this.#gathering.done;
  }

  defaultCandidate(component: ComponentId): Endpoint {
    const local = this.#gathering.candidates.mostReachable(component);
    if (!local) return NOWHERE;
    this.#defaultBases.set(component, local.base);
    return local.candidate.endpoint;
  }

  selected(component: ComponentId): SelectedPath | undefined {
    return this.#selected.get(component);
  }

  setRemote(description: IceDescription): void {
    if (this.#isClosing) return;
    this.#driver.run((now) => {
      this.#agent.setRemote(now, description);
      this.#permits.setPeers(now, description.candidates, this.#gathering.relays.found);
    });
  }

  restart(addresses?: readonly string[]): void {
    if (this.#isClosing) return;
    const current = addresses ?? addressesFor(this.#runtime.network, this.#options);
    const added = current.filter((address) => !this.#addresses.includes(address));
    this.#driver.run((now) => {
      this.#addresses = current;
      this.#agent.restart(now);
      for (const { id } of this.#sockets.retireOthers(current)) this.#gathering.candidates.removeBase(id);
      this.#closeRetired(now);
      this.#gathering.relays.abandon(now, (address) => !current.includes(address));
      this.#gathering.start(now);
    });
    if (added.length > 0) this.#bindMore(added);
  }

  probe(): void {
    this.#driver.run((now) => this.#agent.probe(now));
  }

  send(component: ComponentId, bytes: Uint8Array, fallback: Endpoint | undefined): void {
    const selected = this.#selected.get(component);
    const remote = selected?.remote ?? fallback;
    const base = selected ? this.#base(selected.base) : remote && this.#fallbackBase(component, remote);
    if (!remote || !base || this.#isClosing) this.counters.unsent += 1;
    else if (base instanceof SocketBase) base.send(0, bytes, remote);
    // What a relay needs for that, it asks for now.
    else this.#driver.run((now) => base.send(now, bytes, remote));
  }

  close(): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.#timers.clearAll();
    this.#sockets.closeAll();
    this.#selected.clear();
    this.#driver.run((now) => this.#gathering.close(now));
  }

  // --- Time and outputs ---

  #machine() {
    return {
      nextTimeoutAt: () =>
        earliestOf(
          this.#isClosing ? undefined : this.#agent.nextTimeoutAt(),
          this.#gathering.nextTimeoutAt(),
          this.#timers.nextAt(),
        ),
      handleTimeout: (now: number) => {
        if (!this.#isClosing) this.#agent.handleTimeout(now);
        this.#gathering.handleTimeout(now);
        if (this.#timers.takeDue(now)) this.#release(now);
      },
    };
  }

  /** Outputs are inputs of others: it goes on until nobody says anything more. */
  #drain(now: number): void {
    let isBusy = true;
    while (isBusy) {
      isBusy = this.#gathering.drain(now);
      if (!this.#isClosing) isBusy = this.#drainAgent(now) || isBusy;
      this.#gathering.relays.flush();
    }
    if (this.#isClosing && this.#gathering.relays.size === 0) this.#end();
  }

  #drainAgent(now: number): boolean {
    const datagrams = this.#agent.takeDatagrams();
    for (const { base, bytes, remote } of datagrams) this.#base(base)?.send(now, bytes, remote);
    const events = this.#agent.takeEvents();
    this.#noteSelected();
    for (const event of events) this.#handleEvent(now, event);
    return datagrams.length + events.length > 0;
  }

  #noteSelected(): void {
    this.#proven = undefined;
    for (const component of [1, 2] as const) {
      const path = component <= this.#options.components ? this.#agent.selected(component) : undefined;
      if (path) this.#selected.set(component, path);
      else this.#selected.delete(component);
    }
  }

  #handleEvent(now: number, event: IceEvent): void {
    if (event.type === 'selected') this.#handleSelected(now, event.path);
    else if (event.type === 'state') this.#handleState(now, event.state);
  }

  #handleSelected(now: number, path: SelectedPath): void {
    this.#gathering.relays.base(path.base)?.client.bindChannel(now, path.remote);
    this.#closeRetired(now);
    if (this.#agent.state === 'connected') this.#gathering.letMappingsGo();
    this.onSelected?.(path);
  }

  #handleState(now: number, state: IceState): void {
    if (state === 'connected') {
      this.#timers.set('release', now + RELEASE_AFTER_MS);
    } else {
      this.#timers.clear('release');
      if (state === 'disconnected') this.#gathering.doubtRelays(now);
    }
    this.onState?.(state);
  }

  /** Lets relays go that nobody needs; of those that might be, one for each component is kept. */
  #release(now: number): void {
    const kept = new Set<ComponentId>();
    this.#gathering.relays.release(now, ({ id, component }) => {
      const isInUse = this.#selected.get(component)?.base === id;
      const isSpare = (this.#options.keepsSpareRelay ?? true) && !kept.has(component);
      if (isInUse || isSpare) kept.add(component);
      return isInUse || isSpare;
    });
  }

  #end(): void {
    this.#driver.close();
    this.#resolveClosed();
  }

  // --- What comes in ---

  #receive(base: SocketBase, bytes: Uint8Array, source: Endpoint): void {
    if (demultiplex(bytes) !== 'stun') return this.#deliver(base, bytes, source);
    this.#driver.run((now) => this.#handleStun(now, base, bytes, source));
  }

  #handleRelayMessage(relay: RelayBase, bytes: Uint8Array, source: Endpoint): void {
    if (!isChannelData(bytes)) this.#driver.run((now) => this.#unwrap(now, relay, bytes, source));
    // Time means nothing to data that only has its header taken off.
    else this.#unwrap(0, relay, bytes, source);
  }

  #unwrap(now: number, relay: RelayBase, bytes: Uint8Array, source: Endpoint): void {
    const relayed = relay.handleMessage(now, bytes, source);
    if (!relayed) return;
    const { data, peer } = relayed;
    if (demultiplex(data) !== 'stun') this.#deliver(relay, data, peer);
    else this.#driver.run((at) => this.#handleStun(at, relay, data, peer));
  }

  #handleStun(now: number, base: PathBase, bytes: Uint8Array, remote: Endpoint): void {
    if (this.#isClosing) return;
    const message = decodeStun(bytes);
    const isResponse = !(message instanceof DecodeError) && message.class !== 'request';
    if (isResponse && this.#gathering.handleResponse(now, message, remote)) return;
    if (!this.#agent.handleDatagram(now, bytes, { base: base.id, remote })) this.counters.unexpected += 1;
  }

  #deliver({ id, component }: PathBase, bytes: Uint8Array, source: Endpoint): void {
    if (this.#isClosing) return;
    const protocol = demultiplex(bytes);
    if (protocol === 'unknown' || protocol === 'turn-channel') this.counters.unexpected += 1;
    else this.onData?.(component, bytes, source, this.#isProven(id, source));
  }

  #isProven(base: BaseId, source: Endpoint): boolean {
    const known = this.#proven;
    if (known && known.base === base && isSameEndpoint(known.source, source)) return true;
    if (!this.#agent.isProven(base, source)) return false;
    this.#proven = { base, source };
    return true;
  }

  // --- Bases ---

  #nextBaseId(): BaseId {
    this.#lastBaseId += 1;
    return this.#lastBaseId;
  }

  #base(id: BaseId): PathBase | undefined {
    return this.#sockets.base(id) ?? this.#gathering.relays.base(id);
  }

  /** Data comes from where the peer was told that we are, or else from our preferred address. */
  #fallbackBase(component: ComponentId, remote: Endpoint): PathBase | undefined {
    const told = this.#defaultBases.get(component);
    const base = told === undefined ? undefined : this.#base(told);
    if (base?.canReach(remote.address)) return base;
    const bases = this.#options.isRelayOnly ? this.#gathering.relays.found : this.#sockets.active;
    for (const other of bases) {
      if (other.component === component && other.canReach(remote.address)) return other;
    }
    return undefined;
  }

  #addSocket({ socket, address, component }: BoundSocket): void {
    const rank = Math.max(0, this.#addresses.indexOf(address));
    const base = new SocketBase(socket, { id: this.#nextBaseId(), component, address, rank });
    base.onDatagram = (bytes, source) => this.#receive(base, bytes, source);
    this.#sockets.add(base);
  }

  #bindMore(addresses: readonly string[]): void {
    bindSockets(this.#runtime.network, this.#options, addresses).then(
      (bound) => this.#driver.run((now) => this.#adopt(now, bound)),
      // The addresses went again: the path does without.
      () => {},
    );
  }

  #adopt(now: number, bound: readonly BoundSocket[]): void {
    if (this.#isClosing) {
      for (const { socket } of bound) socket.close();
      return;
    }
    for (const socket of bound) this.#addSocket(socket);
    this.#gathering.start(now);
  }

  #closeRetired(now: number): void {
    const inUse = new Set([...this.#selected.values()].map(({ base }) => base));
    for (const base of this.#sockets.closeRetired((id) => inUse.has(id))) this.#agent.removeBase(now, base);
  }
}
