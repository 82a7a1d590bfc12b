// The TURN server as a sans-I/O machine: requests in, answers and relayed data out (RFC 8656).
import { DecodeError, type Endpoint } from '../../../core/index.ts';
import type { AlternateEndpoints } from '../../behaviour/alternates.ts';
import { ReflectionLimit } from '../../reflection-limit.ts';
import { checkFingerprint } from '../../stun/integrity.ts';
import { decodeStun, type StunMessage } from '../../stun/message.ts';
import { METHOD } from '../../stun/method.ts';
import { isChannelDataOfClient } from '../channel-data.ts';
import { Allocating } from './allocating.ts';
import { Allocations } from './allocations.ts';
import { Authenticator } from './authenticator.ts';
import { Bindings } from './bindings.ts';
import { type DropReason, Tally, type TurnCounters } from './counters.ts';
import { CredentialBook } from './credentials.ts';
import { type LocalPeer, LocalPeers } from './local-peers.ts';
import { Nonces } from './nonces.ts';
import { DEFAULT_REALM, DEFAULT_RELAY_PORTS } from './options.ts';
import { PeerPolicy } from './peer-policy.ts';
import { PeerRequests } from './peer-requests.ts';
import { Quota } from './quota.ts';
import { type Relay, RelayAddresses } from './relay.ts';
import { RelayPool } from './relay-pool.ts';
import { Relaying } from './relaying.ts';
import { Requests } from './requests.ts';
import type {
  FreedReason,
  RelaySocket,
  TurnClient,
  TurnCoreOptions,
  TurnServerEvent,
  UdpClientPort,
} from './types.ts';

/**
 * Answers over {@link TurnClient.send} and relays over {@link RelaySocket.send} at once, so that no packet is copied;
 * what else it wants is in its events, to be taken after every input.
 *
 * It closes the relay sockets that it was given.
 */
export class TurnServer {
  readonly tally = new Tally();
  readonly #events: TurnServerEvent[] = [];
  readonly #localPeers = new LocalPeers();
  readonly #bindings: Bindings;
  readonly #quota: Quota;
  readonly #pool: RelayPool;
  readonly #allocations: Allocations;
  readonly #allocating: Allocating;
  readonly #relaying: Relaying;
  readonly #requests: Requests;

  /** @throws UsageError where a prefix of the options is none */
  constructor(options: TurnCoreOptions) {
    const { random, realm = DEFAULT_REALM, relayPorts = DEFAULT_RELAY_PORTS } = options;
    const localPeers = this.#localPeers;
    const addresses = new RelayAddresses(options.relayAddresses, localPeers);
    const reachable = options.relayAddresses.flatMap((address) => [address.local, address.advertised]);
    const policy = new PeerPolicy({ ...options, relayAddresses: reachable, relayPorts, localPeers });
    const nonces = new Nonces(random.fork('nonces'));
    const { wallClockAt } = options;
    const book = new CredentialBook(options.credentials);
    const { tally } = this;
    this.#bindings = new Bindings(random.fork('bindings'));
    this.#quota = new Quota(options.quotas);
    this.#pool = new RelayPool(addresses, relayPorts, random.fork('relays'));
    this.#allocations = new Allocations({
      pool: this.#pool,
      quota: this.#quota,
      onFreed: (allocation, reason) => this.#events.push({ type: 'freed', allocation, reason }),
    });
    this.#allocating = new Allocating({
      pool: this.#pool,
      quota: this.#quota,
      maxBytesPerSecond: options.maxBytesPerSecond,
      onBind: (relay) => this.#events.push({ type: 'bind', relay }),
      onDone: (now, order, outcome) => this.#requests.handleAllocated(now, order, outcome),
    });
    this.#relaying = new Relaying({ tally, policy, addresses });
    this.#requests = new Requests({
      realm,
      nonces,
      tally,
      peers: new PeerRequests({ policy, addresses }),
      authenticator: new Authenticator({ realm, book, nonces, wallClockAt }),
      reflection: new ReflectionLimit(random.uint32()),
      pool: this.#pool,
      allocations: this.#allocations,
      allocating: this.#allocating,
      onAllocated: (allocation) => this.#events.push({ type: 'allocated', allocation }),
    });
  }

  get counters(): TurnCounters {
    const { tally } = this;
    const { allocated, sentPackets, sentBytes, receivedPackets, receivedBytes, faults } = tally;
    const all = [...this.#allocations];
    const { answered: bindings, redirected, dropped } = this.#bindings.counters;
    return {
      allocations: all.length,
      permissions: all.reduce((sum, { permissionCount }) => sum + permissionCount, 0),
      channels: all.reduce((sum, { channelCount }) => sum + channelCount, 0),
      ...{ bindings, redirected },
      ...{ allocated, sentPackets, sentBytes, receivedPackets, receivedBytes, faults },
      restarts: 0,
      refused: { ...tally.refused },
      dropped: addedTo(tally.dropped, dropped),
    };
  }

  /** Sizes of all tables: zero when everything is over. */
  get tables(): Readonly<Record<string, number>> {
    return {
      allocations: this.#allocations.size,
      allocating: this.#allocating.size,
      relays: this.#pool.size,
      reservations: this.#pool.reservationCount,
      users: this.#quota.userCount,
    };
  }

  /** These ports, all among `ports`, answer for each other: RFC 5780 finds out by them what a NAT does. */
  joinPorts(alternates: AlternateEndpoints, ports: readonly UdpClientPort[]): void {
    this.#bindings.join(alternates, ports);
  }

  /** From now on relays speak with that socket of this machine, until {@link TurnServer.dismiss}. */
  admit(peer: LocalPeer): void {
    this.#localPeers.admit(peer);
  }

  /** What listens there from now on is nobody's peer. */
  dismiss(peer: LocalPeer): void {
    this.#localPeers.dismiss(peer);
    for (const allocation of this.#allocations) allocation.unbind(peer.peer);
  }

  /** Takes a datagram of a client, or a frame of its stream. `bytes` may be reused after the call. */
  handleMessage(now: number, client: TurnClient, bytes: Uint8Array): void {
    if (isChannelDataOfClient(bytes)) return this.#handleChannelData(now, client, bytes);
    const message = decodeStun(bytes);
    if (message instanceof DecodeError) return this.#handleUndecoded(now, client, bytes);
    if (message.method === METHOD.binding) return this.#bindings.handleMessage(now, client, message);
    if (checkFingerprint(message) === 'wrong') return this.tally.drop('malformed');
    if (message.class === 'request') this.#requests.handleRequest(now, client, message);
    else if (message.class === 'indication' && message.method === METHOD.send) {
      this.#handleSend(now, client, message);
    } else this.tally.drop('unexpected');
  }

  /** Takes a datagram that came to a relay. `bytes` may be reused after the call. */
  handlePeerDatagram(now: number, relay: Relay, bytes: Uint8Array, source: Endpoint): void {
    this.#relaying.handlePeerDatagram(now, relay, bytes, source);
  }

  /** The connection of the client is closed: nobody can have its five-tuple any more. */
  handleClientGone(client: TurnClient): void {
    this.#allocating.cancel(client);
    const allocation = this.#allocations.of(client);
    if (allocation) this.#allocations.free(allocation, 'disconnected');
  }

  /** The socket is the core's to close from here on. */
  handleBound(now: number, relay: Relay, socket: RelaySocket): void {
    this.#allocating.handleBound(now, relay, socket);
  }

  handleBindFailed(now: number, relay: Relay): void {
    this.#allocating.handleBindFailed(now, relay);
  }

  takeEvents(): readonly TurnServerEvent[] {
    return this.#events.splice(0);
  }

  nextTimeoutAt(): number | undefined {
    const [a, b] = [this.#allocations.nextTimeoutAt(), this.#pool.nextTimeoutAt()];
    return a === undefined || b === undefined ? (a ?? b) : Math.min(a, b);
  }

  handleTimeout(now: number): void {
    this.#allocations.handleTimeout(now);
    for (const { quotaKey } of this.#pool.handleTimeout(now)) this.#quota.giveBack(quotaKey);
  }

  /** Frees all there is; whoever has an allocation is not told, for TURN knows no word for it. */
  close(reason: FreedReason = 'closed'): void {
    this.#allocating.cancelAll();
    this.#allocations.freeAll(reason);
    for (const { quotaKey } of this.#pool.closeReserved()) this.#quota.giveBack(quotaKey);
  }

  #handleChannelData(now: number, client: TurnClient, bytes: Uint8Array): void {
    const allocation = this.#allocations.of(client);
    if (allocation) this.#relaying.handleChannelData(now, allocation, bytes);
    else this.tally.drop('noAllocation');
  }

  #handleSend(now: number, client: TurnClient, message: StunMessage): void {
    const allocation = this.#allocations.of(client);
    if (allocation) this.#relaying.handleSend(now, allocation, message);
    else this.tally.drop('noAllocation');
  }

  #handleUndecoded(now: number, client: TurnClient, bytes: Uint8Array): void {
    if (!this.#bindings.handleUndecoded(now, client, bytes)) this.tally.drop('malformed');
  }
}

function addedTo(counts: TurnCounters['dropped'], more: TurnCounters['dropped']): TurnCounters['dropped'] {
  const sums = { ...counts };
  // Cast: the keys are those of its type.
  for (const [reason, count] of Object.entries(more) as [DropReason, number][]) {
    if (count > 0) sums[reason] = (sums[reason] ?? 0) + count;
  }
  return sums;
}
