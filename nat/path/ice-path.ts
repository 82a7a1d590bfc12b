// Owns the sockets, the agent and the allocations of one data stream (RFC 8445): a path, used as if it were a socket.
import { Driver, type Endpoint, type Runtime, TimerTable } from '../../core/index.ts';
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
import { Gathering } from './gathering.ts';
import { SocketBase } from './path-base.ts';
import { PathBases } from './path-bases.ts';
import { PathReceiver } from './path-receiver.ts';
import { addressesFor, type BoundSocket, bindSockets, PathSockets } from './path-sockets.ts';
import { Permits } from './permits.ts';
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
  readonly #bases: PathBases;
  readonly #receiver: PathReceiver;
  #addresses: readonly string[];
  #lastBaseId = 0;
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
      sockets: () => this.#sockets.all,
      sendDatagram: (now, { base, bytes, remote }) => this.#bases.base(base)?.send(now, bytes, remote),
      handleMessage: (relay, bytes, source) => this.#receiver.receiveRelayed(relay, bytes, source),
      candidateFound: (now, local) => {
        this.#agent.addLocalCandidate(now, local);
        this.onCandidate?.(local.candidate);
      },
      relayFound: (now, relay) => this.#permits.open(now, relay),
      relayGone: ({ id }) => this.#agent.removeBase(runtime.clock.now(), id),
      ended: (now) => this.#agent.endOfLocalCandidates(now),
    });
    this.#bases = new PathBases(this.#sockets, this.#gathering.relays, options.isRelayOnly ?? false);
    this.#receiver = new PathReceiver({
      agent: this.#agent,
      gathering: this.#gathering,
      counters: this.counters,
      enter: (input) => this.#driver.run(input),
      handleData: (component, bytes, source, isProven) => this.onData?.(component, bytes, source, isProven),
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

  get silentServers(): readonly string[] {
    return this.#gathering.silentServers;
  }

  defaultCandidate(component: ComponentId): Endpoint {
    const local = this.#gathering.candidates.mostReachable(component);
    if (!local) return NOWHERE;
    this.#bases.noteTold(component, local.base);
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

  forgetRemote(): void {
    if (!this.#isClosing) this.#driver.run((now) => this.#agent.forgetRemote(now));
  }

  restart(addresses?: readonly string[]): void {
    if (this.#isClosing) return;
    const current = addresses ?? addressesFor(this.#runtime.network, this.#options);
    const added = current.filter((address) => !this.#addresses.includes(address));
    this.#driver.run((now) => {
      this.#addresses = current;
      this.#agent.restart(now);
      for (const base of this.#sockets.closeOthers(current)) {
        this.#gathering.candidates.removeBase(base);
        this.#agent.removeBase(now, base);
      }
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
    const base = selected
      ? this.#bases.base(selected.base)
      : remote && this.#bases.fallback(component, remote);
    if (!remote || !base || this.#isClosing) this.counters.unsent += 1;
    else if (base instanceof SocketBase) base.send(0, bytes, remote);
    // What a relay needs for that, it asks for now.
    else this.#driver.run((now) => base.send(now, bytes, remote));
  }

  close(): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.#receiver.close();
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
    for (const { base, bytes, remote } of datagrams) this.#bases.base(base)?.send(now, bytes, remote);
    const events = this.#agent.takeEvents();
    this.#noteSelected();
    for (const event of events) this.#handleEvent(now, event);
    return datagrams.length + events.length > 0;
  }

  #noteSelected(): void {
    this.#receiver.forgetProven();
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

  // --- Bases ---

  #nextBaseId(): BaseId {
    this.#lastBaseId += 1;
    return this.#lastBaseId;
  }

  #addSocket({ socket, address, component }: BoundSocket): void {
    const rank = Math.max(0, this.#addresses.indexOf(address));
    const base = new SocketBase(socket, { id: this.#nextBaseId(), component, address, rank });
    base.onDatagram = (bytes, source) => this.#receiver.receive(base, bytes, source);
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
    // Addresses may have gone while their sockets were bound.
    const isWanted = ({ address }: BoundSocket) => !this.#isClosing && this.#addresses.includes(address);
    for (const { socket } of bound.filter((each) => !isWanted(each))) socket.close();
    const wanted = bound.filter(isWanted);
    for (const each of wanted) this.#addSocket(each);
    if (wanted.length > 0) this.#gathering.start(now);
  }
}
