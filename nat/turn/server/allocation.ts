// One allocation: its relays, its permissions, its channels (RFC 8656 §3.2).
import { type AddressFamily, type Endpoint, formatEndpoint } from '../../../core/index.ts';
import { TokenBucket } from '../../token-bucket.ts';
import { CHANNEL_LIFETIME_MS, PERMISSION_LIFETIME_MS } from '../lifetimes.ts';
import type { TurnUser } from './credentials.ts';
import type { Relay } from './relay.ts';
import type { TurnClient } from './types.ts';

/** More peers than that no call has; 508 to whoever wants more. */
export const MOST_PERMISSIONS = 256;
export const MOST_CHANNELS = 256;

export interface Permission {
  readonly address: string;
  expiresAt: number;
}

/** A channel: a number that stands for a peer within one allocation (RFC 8656 §12). */
export interface ChannelBinding {
  readonly allocation: Allocation;
  /** 0x4000 to 0x7FFF. */
  readonly number: number;
  /** As the client named it. */
  readonly peer: Endpoint;
  readonly relay: Relay;
  /** Where its datagrams are sent, and come from: another than `peer` for relays of our own behind a NAT. */
  readonly target: Endpoint;
  /** Of the peer's address. It can be over while the channel lasts (§12). */
  permission: Permission;
  expiresAt: number;
}

export interface AllocationOptions {
  readonly client: TurnClient;
  readonly user: TurnUser;
  /** One or two, of different families. */
  readonly relays: readonly Relay[];
  /** Of the request that made it. */
  readonly transactionKey: string;
  readonly maxBytesPerSecond?: number | undefined;
}

export class Allocation {
  readonly client: TurnClient;
  readonly user: TurnUser;
  readonly transactionKey: string;
  /** The success response, for when it was lost (§7.2). */
  answer: Uint8Array | undefined;
  readonly #relays: Relay[];
  readonly #permissions = new Map<string, Permission>();
  readonly #channels = new Map<number, ChannelBinding>();
  readonly #channelsByPeer = new Map<string, ChannelBinding>();
  /** Towards peers, towards the client; undefined where there is no limit. */
  readonly #sending: TokenBucket | undefined;
  readonly #receiving: TokenBucket | undefined;

  constructor({ client, user, relays, transactionKey, maxBytesPerSecond }: AllocationOptions) {
    this.client = client;
    this.user = user;
    this.transactionKey = transactionKey;
    this.#relays = [...relays];
    for (const relay of relays) relay.allocation = this;
    if (maxBytesPerSecond === undefined) return;
    this.#sending = new TokenBucket(maxBytesPerSecond);
    this.#receiving = new TokenBucket(maxBytesPerSecond);
  }

  get relays(): readonly Relay[] {
    return this.#relays;
  }

  /** Whether {@link Allocation.maySend} and {@link Allocation.mayReceive} can ever be false. */
  get isLimited(): boolean {
    return this.#sending !== undefined;
  }

  get permissionCount(): number {
    return this.#permissions.size;
  }

  get channelCount(): number {
    return this.#channels.size;
  }

  relayOf(family: AddressFamily): Relay | undefined {
    return this.#relays.find((relay) => relay.family === family);
  }

  permission(address: string): Permission | undefined {
    return this.#permissions.get(address);
  }

  channel(number: number): ChannelBinding | undefined {
    return this.#channels.get(number);
  }

  channelTo(peer: Endpoint): ChannelBinding | undefined {
    return this.#channelsByPeer.get(formatEndpoint(peer));
  }

  /** Whether so many addresses more can have a permission. */
  hasRoomFor(addresses: readonly string[]): boolean {
    const added = new Set(addresses.filter((address) => !this.#permissions.has(address)));
    return this.#permissions.size + added.size <= MOST_PERMISSIONS;
  }

  /** Makes or refreshes a permission (§9). */
  permit(now: number, address: string): Permission {
    const known = this.#permissions.get(address);
    const expiresAt = now + PERMISSION_LIFETIME_MS;
    if (known) {
      known.expiresAt = expiresAt;
      return known;
    }
    const permission = { address, expiresAt };
    this.#permissions.set(address, permission);
    for (const channel of this.#channels.values()) {
      if (channel.peer.address === address) channel.permission = permission;
    }
    return permission;
  }

  /** Binds a channel that is free, or refreshes it (§12.2). */
  bind(now: number, channel: Omit<ChannelBinding, 'allocation' | 'permission' | 'expiresAt'>): void {
    const permission = this.permit(now, channel.peer.address);
    const expiresAt = now + CHANNEL_LIFETIME_MS;
    const known = this.#channels.get(channel.number);
    if (known) {
      known.expiresAt = expiresAt;
      return;
    }
    const bound: ChannelBinding = { ...channel, allocation: this, permission, expiresAt };
    this.#channels.set(bound.number, bound);
    this.#channelsByPeer.set(formatEndpoint(bound.peer), bound);
    bound.relay.socket?.handleChannelBound?.(bound);
  }

  /** Unbinds the channel of a peer, if it has one. */
  unbind(peer: Endpoint): void {
    const channel = this.channelTo(peer);
    if (channel) this.#unbind(channel);
  }

  /** Whether so much may go to a peer now. */
  maySend(now: number, sizeBytes: number): boolean {
    return this.#sending === undefined || this.#sending.take(now, sizeBytes);
  }

  /** Whether so much may go to the client now. */
  mayReceive(now: number, sizeBytes: number): boolean {
    return this.#receiving === undefined || this.#receiving.take(now, sizeBytes);
  }

  /** The earliest moment at which something of it is over. */
  nextExpiryAt(): number {
    let at = Number.POSITIVE_INFINITY;
    for (const { expiresAt } of this.#relays) at = Math.min(at, expiresAt);
    for (const { expiresAt } of this.#permissions.values()) at = Math.min(at, expiresAt);
    for (const { expiresAt } of this.#channels.values()) at = Math.min(at, expiresAt);
    return at;
  }

  /** Drops what is over. @returns the relays that are to be closed */
  expire(now: number): readonly Relay[] {
    for (const channel of this.#channels.values()) if (channel.expiresAt <= now) this.#unbind(channel);
    for (const { address, expiresAt } of this.#permissions.values()) {
      if (expiresAt <= now) this.#permissions.delete(address);
    }
    return this.#relays.filter(({ expiresAt }) => expiresAt <= now).map((relay) => this.drop(relay));
  }

  /** Takes a relay away, with its channels. The permissions for its family lead nowhere from now on. */
  drop(relay: Relay): Relay {
    for (const channel of this.#channels.values()) if (channel.relay === relay) this.#unbind(channel);
    this.#relays.splice(this.#relays.indexOf(relay), 1);
    return relay;
  }

  #unbind(channel: ChannelBinding): void {
    this.#channels.delete(channel.number);
    this.#channelsByPeer.delete(formatEndpoint(channel.peer));
    channel.relay.socket?.handleChannelFreed?.(channel);
  }
}
