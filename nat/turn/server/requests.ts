// Requests of clients: proven to be a user's, done, answered (RFC 8656 §5, §7.2, §8.2).
import { DecodeError, invariant } from '../../../core/index.ts';
import type { ReflectionLimit } from '../../reflection-limit.ts';
import { ATTRIBUTE } from '../../stun/attribute.ts';
import { decodeStun, type StunMessage } from '../../stun/message.ts';
import { METHOD } from '../../stun/method.ts';
import type { StunWriter } from '../../stun/writer.ts';
import { readAddressFamily } from '../values.ts';
import { lifetimeOf, readAllocate } from './allocate-request.ts';
import type { AllocateOrder, Allocating, Granted } from './allocating.ts';
import type { Allocation } from './allocation.ts';
import type { Allocations } from './allocations.ts';
import {
  addressError,
  challenge,
  refusal,
  sealFor,
  success,
  type TurnErrorCode,
  withFingerprint,
} from './answers.ts';
import type { Authenticated, Authenticator, NotAuthenticated } from './authenticator.ts';
import type { Tally } from './counters.ts';
import type { Nonces } from './nonces.ts';
import type { PeerRequests } from './peer-requests.ts';
import type { RelayPool } from './relay-pool.ts';
import type { TurnClient } from './types.ts';

/** What requests may have; DONT-FRAGMENT is not among it, for we cannot set that bit (RFC 8656 §7.2, step 4). */
const KNOWN: ReadonlySet<number> = new Set([
  ATTRIBUTE.username,
  ATTRIBUTE.realm,
  ATTRIBUTE.nonce,
  ATTRIBUTE.messageIntegrity,
  ATTRIBUTE.messageIntegritySha256,
  ATTRIBUTE.passwordAlgorithm,
  ATTRIBUTE.lifetime,
  ATTRIBUTE.requestedTransport,
  ATTRIBUTE.requestedAddressFamily,
  ATTRIBUTE.evenPort,
  ATTRIBUTE.reservationToken,
  ATTRIBUTE.channelNumber,
  ATTRIBUTE.xorPeerAddress,
]);

export interface RequestsOptions {
  readonly realm: string;
  readonly nonces: Nonces;
  readonly tally: Tally;
  readonly authenticator: Authenticator;
  readonly reflection: ReflectionLimit;
  readonly pool: RelayPool;
  readonly allocations: Allocations;
  readonly allocating: Allocating;
  readonly peers: PeerRequests;
  readonly onAllocated: (allocation: Allocation) => void;
}

/** What a request came to: an answer that begins with success, or an error. */
type Outcome = StunWriter | TurnErrorCode;

export class Requests {
  readonly #options: RequestsOptions;

  constructor(options: RequestsOptions) {
    this.#options = options;
  }

  handleRequest(now: number, client: TurnClient, request: StunMessage): void {
    const { authenticator, allocations } = this.#options;
    if (!isMethodOfOurs(request.method)) return this.#options.tally.drop('unexpected');
    const known = allocations.of(client)?.user;
    const { address } = client.remote;
    const by = authenticator.authenticate(now, request, { address, known });
    if ('code' in by) return this.#turnAway(now, { client, request }, by);
    const unknown = request.unknownAttributes(KNOWN);
    if (unknown.length > 0) {
      return this.#send(client, request, by, this.#refuse(request, 420).unknownAttributes(unknown));
    }
    if (request.method === METHOD.allocate) return this.#allocate(now, { client, request, by });
    const allocation = allocations.of(client);
    const outcome = this.#perform(now, { allocation, request, by });
    this.#answer(client, request, by, outcome);
    if (allocation && allocation.relays.length > 0) allocations.reschedule(allocation);
  }

  /** An Allocate request that waited for its relays. */
  handleAllocated(
    _now: number,
    { client, request, by, wish }: AllocateOrder,
    outcome: Granted | 486 | 508,
  ): void {
    if (typeof outcome === 'number') return this.#answer(client, request, by, outcome);
    const { allocation, token, additionalError } = outcome;
    const writer = success(request);
    for (const { relayed } of allocation.relays) writer.xorAddress(ATTRIBUTE.xorRelayedAddress, relayed);
    writer.uint32(ATTRIBUTE.lifetime, wish.lifetimeSeconds);
    writer.xorAddress(ATTRIBUTE.xorMappedAddress, client.remote);
    if (token) writer.add(ATTRIBUTE.reservationToken, token);
    if (additionalError) writer.add(ATTRIBUTE.addressErrorCode, addressError(6, additionalError));
    allocation.answer = sealFor(writer, request, by);
    this.#options.tally.allocated += 1;
    this.#options.allocations.add(allocation);
    this.#options.onAllocated(allocation);
    this.#deliver(client, allocation.answer);
  }

  /** Steps 2 to 10 of §7.2. */
  #allocate(now: number, order: Omit<AllocateOrder, 'wish'>): void {
    const { allocations, allocating, pool, tally } = this.#options;
    const { client, request, by } = order;
    if (allocating.has(client)) return tally.drop('retransmission');
    const existing = allocations.of(client);
    // Our answer was lost: the same one again. Anything else has no business on this five-tuple.
    if (existing?.transactionKey === request.transactionKey && existing.answer) {
      return this.#deliver(client, existing.answer);
    }
    if (existing) return this.#answer(client, request, by, 437);
    const wish = readAllocate(request, (family) => pool.supports(family));
    if (typeof wish === 'number') return this.#answer(client, request, by, wish);
    allocating.start(now, { client, by, wish, request: keep(request) });
  }

  /** Requests about an allocation that is there (§5): made by the same user. */
  #perform(
    now: number,
    about: {
      readonly allocation: Allocation | undefined;
      readonly request: StunMessage;
      readonly by: Authenticated;
    },
  ): Outcome {
    const { allocation, request, by } = about;
    if (!allocation) return 437;
    if (allocation.user.username !== by.user.username) return 441;
    if (request.method === METHOD.refresh) return this.#refresh(now, allocation, request);
    const { peers } = this.#options;
    const error =
      request.method === METHOD.channelBind
        ? peers.bindChannel(now, allocation, request)
        : peers.createPermissions(now, allocation, request);
    return error ?? success(request);
  }

  /** §8.2: of one relay of two, where the family is named. */
  #refresh(now: number, allocation: Allocation, request: StunMessage): Outcome {
    const value = request.value(ATTRIBUTE.requestedAddressFamily);
    const family = value && readAddressFamily(value);
    if (value && !family) return 400;
    const relays = allocation.relays.filter((relay) => !family || relay.family === family);
    if (relays.length === 0) return 443;
    const isEnd = request.uint32(ATTRIBUTE.lifetime) === 0;
    const lifetimeSeconds = isEnd ? 0 : lifetimeOf(request);
    for (const relay of relays) {
      relay.expiresAt = now + lifetimeSeconds * 1000;
      if (isEnd) this.#options.allocations.closeRelay(relay, 'deleted');
    }
    return success(request).uint32(ATTRIBUTE.lifetime, lifetimeSeconds);
  }

  /** Nothing is kept of whoever has proven nothing, and he is answered so often and no more. */
  #turnAway(
    now: number,
    { client, request }: { readonly client: TurnClient; readonly request: StunMessage },
    { code }: NotAuthenticated,
  ): void {
    const { realm, nonces, reflection, tally } = this.#options;
    const { address } = client.remote;
    if (client.transport === 'udp' && !reflection.take(now, address)) return tally.drop('reflectionLimit');
    if (code === 400) {
      return this.#deliver(client, withFingerprint(this.#refuse(request, code), request));
    }
    tally.countRefused(code);
    this.#deliver(client, challenge(request, code, { realm, nonce: nonces.issue(now, address) }));
  }

  #answer(client: TurnClient, request: StunMessage, by: Authenticated, outcome: Outcome): void {
    const writer = typeof outcome === 'number' ? this.#refuse(request, outcome) : outcome;
    this.#send(client, request, by, writer);
  }

  #refuse(request: StunMessage, code: TurnErrorCode): StunWriter {
    this.#options.tally.countRefused(code);
    return refusal(request, code);
  }

  #send(client: TurnClient, request: StunMessage, by: Authenticated, writer: StunWriter): void {
    this.#deliver(client, sealFor(writer, request, by));
  }

  #deliver(client: TurnClient, answer: Uint8Array): void {
    if (!client.send(answer)) this.#options.tally.drop('clientSlow');
  }
}

function isMethodOfOurs(method: number): boolean {
  const { allocate, refresh, createPermission, channelBind } = METHOD;
  return ([allocate, refresh, createPermission, channelBind] as number[]).includes(method);
}

/** A copy that outlives the datagram. */
function keep(request: StunMessage): StunMessage {
  const kept = decodeStun(request.bytes.slice());
  invariant(!(kept instanceof DecodeError), 'it could be decoded before');
  return kept;
}
