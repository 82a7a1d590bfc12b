// Allocate requests whose relays are being bound, and what becomes of them (RFC 8656 §7.2).
import type { AddressFamily } from '../../../core/index.ts';
import type { StunMessage } from '../../stun/message.ts';
import type { AllocateWish } from './allocate-request.ts';
import { Allocation } from './allocation.ts';
import type { Authenticated } from './authenticator.ts';
import type { Quota } from './quota.ts';
import type { Relay } from './relay.ts';
import type { PortWish, RelayPool } from './relay-pool.ts';
import type { RelaySocket, TurnClient } from './types.ts';

/** Somebody else may have the port that was drawn; so often others are tried. */
const MOST_TRIES = 8;

/** A request that was proven and is in order. Its bytes are the owner's to keep. */
export interface AllocateOrder {
  readonly client: TurnClient;
  readonly request: StunMessage;
  readonly by: Authenticated;
  readonly wish: AllocateWish;
}

/** What became of an order. */
export interface Granted {
  readonly allocation: Allocation;
  /** Of the port after the relay's, which is held for a while. */
  readonly token?: Uint8Array;
  /** Why there is no second relay, where one was asked for. */
  readonly additionalError?: 440 | 508;
}

/** One relay, or a pair of them, and how often it may still be tried. */
interface Slot {
  readonly family: AddressFamily;
  readonly port: PortWish;
  relays: readonly Relay[];
  triesLeft: number;
}

interface Pending {
  readonly order: AllocateOrder;
  readonly main: Slot;
  additional: Slot | undefined;
  additionalError: 440 | 508 | undefined;
}

export interface AllocatingOptions {
  readonly pool: RelayPool;
  readonly quota: Quota;
  readonly maxBytesPerSecond: number | undefined;
  readonly onBind: (relay: Relay) => void;
  readonly onDone: (now: number, order: AllocateOrder, outcome: Granted | 486 | 508) => void;
}

export class Allocating {
  readonly #options: AllocatingOptions;
  readonly #byClient = new Map<string, Pending>();
  readonly #byRelay = new Map<Relay, Pending>();

  constructor(options: AllocatingOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#byClient.size;
  }

  has(client: TurnClient): boolean {
    return this.#byClient.has(client.key);
  }

  start(now: number, order: AllocateOrder): void {
    const { wish } = order;
    if (wish.token) return this.#claim(now, order, wish.token);
    if (!this.#takeQuota(order)) return this.#options.onDone(now, order, 486);
    const isPossible = wish.isDual && this.#options.pool.supports(6);
    const pending: Pending = {
      order,
      main: { family: wish.family, port: wish.port, relays: [], triesLeft: MOST_TRIES },
      additional: isPossible ? { family: 6, port: 'any', relays: [], triesLeft: MOST_TRIES } : undefined,
      additionalError: wish.isDual && !isPossible ? 440 : undefined,
    };
    this.#byClient.set(order.client.key, pending);
    this.#bind(now, pending, pending.main);
    if (pending.additional && this.has(order.client)) this.#bind(now, pending, pending.additional);
  }

  handleBound(now: number, relay: Relay, socket: RelaySocket): void {
    const pending = this.#byRelay.get(relay);
    // Given up meanwhile, and its port with it.
    if (!pending) return socket.close();
    relay.socket = socket;
    this.#finishIfBound(now, pending);
  }

  handleBindFailed(now: number, relay: Relay): void {
    const pending = this.#byRelay.get(relay);
    if (!pending) return;
    const { main, additional } = pending;
    this.#bind(now, pending, additional?.relays.includes(relay) ? additional : main);
  }

  /** Whoever asked is gone. */
  cancel(client: TurnClient): void {
    const pending = this.#byClient.get(client.key);
    if (pending) this.#giveUp(pending);
  }

  cancelAll(): void {
    for (const pending of [...this.#byClient.values()]) this.#giveUp(pending);
  }

  /** Draws ports for what is to be bound, for the first time or in place of those that could not be. */
  #bind(now: number, pending: Pending, slot: Slot): void {
    const { pool, onBind } = this.#options;
    this.#release(slot);
    slot.triesLeft -= 1;
    slot.relays = slot.triesLeft < 0 ? [] : pool.take(slot.family, slot.port);
    for (const relay of slot.relays) this.#byRelay.set(relay, pending);
    for (const relay of slot.relays) onBind(relay);
    if (slot.relays.length === 0) this.#miss(now, pending, slot);
  }

  /** Without a second relay there is still the first (step 9). */
  #miss(now: number, pending: Pending, slot: Slot): void {
    if (slot === pending.additional) {
      pending.additional = undefined;
      pending.additionalError = 508;
      return this.#finishIfBound(now, pending);
    }
    this.#giveUp(pending);
    this.#options.onDone(now, pending.order, 508);
  }

  #finishIfBound(now: number, pending: Pending): void {
    const { main, additional, order, additionalError } = pending;
    const wanted = [...main.relays, ...(additional?.relays ?? [])];
    if (wanted.some(({ socket }) => socket === undefined)) return;
    this.#byClient.delete(order.client.key);
    for (const relay of wanted) this.#byRelay.delete(relay);
    const [first, reserved] = main.relays;
    const relays = [first, additional?.relays[0]].filter((relay) => relay !== undefined);
    const token = reserved && this.#options.pool.reserve(now, reserved, order.by.user);
    this.#options.onDone(now, order, {
      allocation: this.#allocate(now, order, relays),
      ...(token ? { token } : {}),
      ...(additionalError ? { additionalError } : {}),
    });
  }

  #allocate(now: number, { client, request, by, wish }: AllocateOrder, relays: readonly Relay[]): Allocation {
    for (const relay of relays) relay.expiresAt = now + wish.lifetimeSeconds * 1000;
    const { maxBytesPerSecond } = this.#options;
    const { transactionKey } = request;
    return new Allocation({ client, user: by.user, relays, transactionKey, maxBytesPerSecond });
  }

  /** Step 5. What was reserved is counted already. */
  #claim(now: number, order: AllocateOrder, token: Uint8Array): void {
    const relay = this.#options.pool.claim(token, order.by.user);
    const outcome = relay ? { allocation: this.#allocate(now, order, [relay]) } : 508;
    this.#options.onDone(now, order, outcome);
  }

  #giveUp(pending: Pending): void {
    this.#byClient.delete(pending.order.client.key);
    this.#release(pending.main);
    if (pending.additional) this.#release(pending.additional);
    const { user } = pending.order.by;
    for (let i = 0; i < quotaFor(pending.order); i += 1) this.#options.quota.giveBack(user.quotaKey);
  }

  #release(slot: Slot): void {
    for (const relay of slot.relays) {
      this.#byRelay.delete(relay);
      this.#options.pool.close(relay);
    }
    slot.relays = [];
  }

  #takeQuota(order: AllocateOrder): boolean {
    const { quotaKey } = order.by.user;
    const { quota } = this.#options;
    if (!quota.take(quotaKey)) return false;
    if (quotaFor(order) === 1 || quota.take(quotaKey)) return true;
    quota.giveBack(quotaKey);
    return false;
  }
}

/** A reservation counts like the allocation that it becomes. */
function quotaFor({ wish }: AllocateOrder): number {
  return wish.port === 'pair' ? 2 : 1;
}
