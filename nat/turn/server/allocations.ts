// All allocations of a server: found by five-tuple, ended in time.
import { DeadlineQueue } from '../../../core/index.ts';
import type { Allocation } from './allocation.ts';
import type { Quota } from './quota.ts';
import type { Relay } from './relay.ts';
import type { RelayPool } from './relay-pool.ts';
import type { FreedReason, TurnClient } from './types.ts';

export interface AllocationsOptions {
  readonly pool: RelayPool;
  readonly quota: Quota;
  readonly onFreed: (allocation: Allocation, reason: FreedReason) => void;
}

export class Allocations {
  readonly #options: AllocationsOptions;
  readonly #byClient = new Map<string, Allocation>();
  readonly #deadlines = new DeadlineQueue<Allocation>();

  constructor(options: AllocationsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#byClient.size;
  }

  [Symbol.iterator](): IterableIterator<Allocation> {
    return this.#byClient.values();
  }

  of(client: TurnClient): Allocation | undefined {
    return this.#byClient.get(client.key);
  }

  add(allocation: Allocation): void {
    this.#byClient.set(allocation.client.key, allocation);
    this.reschedule(allocation);
    allocation.client.handleAllocated?.(allocation);
  }

  /** After something of it got another end. */
  reschedule(allocation: Allocation): void {
    this.#deadlines.set(allocation, allocation.nextExpiryAt());
  }

  /** Closes one relay of it; the last one ends it. */
  closeRelay(relay: Relay, reason: FreedReason): void {
    const { allocation } = relay;
    this.#options.pool.close(allocation?.drop(relay) ?? relay);
    if (allocation?.relays.length === 0) this.#forget(allocation, reason);
  }

  free(allocation: Allocation, reason: FreedReason): void {
    for (const relay of [...allocation.relays]) this.closeRelay(relay, reason);
  }

  freeAll(reason: FreedReason): void {
    for (const allocation of [...this]) this.free(allocation, reason);
  }

  nextTimeoutAt(): number | undefined {
    return this.#deadlines.nextAt();
  }

  handleTimeout(now: number): void {
    for (let due = this.#deadlines.takeDue(now); due; due = this.#deadlines.takeDue(now)) {
      for (const relay of due.expire(now)) this.#options.pool.close(relay);
      if (due.relays.length === 0) this.#forget(due, 'expired');
      else this.reschedule(due);
    }
  }

  #forget(allocation: Allocation, reason: FreedReason): void {
    this.#byClient.delete(allocation.client.key);
    this.#deadlines.clear(allocation);
    this.#options.quota.giveBack(allocation.user.quotaKey);
    allocation.client.handleFreed?.();
    this.#options.onFreed(allocation, reason);
  }
}
