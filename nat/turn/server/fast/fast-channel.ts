// A bound channel with what it takes to relay by it, close together: a thread with many calls finds nothing in its caches.
import { KernelEndpoint, type SystemCalls } from '../../../../core/index.ts';
import type { Allocation, ChannelBinding } from '../allocation.ts';
import type { FastClient } from './fast-client.ts';

const MSG_DONTWAIT = 0x40;
/** Of struct sockaddr_in6, in words: where its address begins and ends. */
const IPV6_ADDRESS = 2;
const IPV6_END = 6;

export interface FastChannelOptions {
  readonly client: FastClient;
  readonly calls: SystemCalls;
  readonly relayFd: number;
}

export class FastChannel {
  readonly binding: ChannelBinding;
  readonly number: number;
  readonly client: FastClient;
  /** Of the client's port. */
  readonly clientFd: number;
  readonly clientEndpoint: KernelEndpoint;
  readonly #calls: SystemCalls;
  readonly #relayFd: number;
  readonly #target: KernelEndpoint;
  /** Family and port of the target, and its address where that is one of IPv4. */
  readonly #first: number;
  readonly #second: number;
  readonly #isV6: boolean;
  /** Where there is a limit to keep. */
  readonly #limited: Allocation | undefined;
  /** At least so long: a permission is made longer, never shorter. */
  #permittedUntil = 0;

  constructor(binding: ChannelBinding, { client, calls, relayFd }: FastChannelOptions) {
    this.binding = binding;
    this.number = binding.number;
    this.client = client;
    this.clientFd = client.fd;
    this.clientEndpoint = client.endpoint;
    this.#calls = calls;
    this.#relayFd = relayFd;
    this.#target = new KernelEndpoint(calls, binding.target);
    this.#first = this.#target.words[0] ?? 0;
    this.#second = this.#target.words[1] ?? 0;
    this.#isV6 = binding.relay.family === 6;
    this.#limited = binding.allocation.isLimited ? binding.allocation : undefined;
  }

  /** @param at - where the kernel finds the data */
  sendToPeer(at: number, length: number): void {
    this.#calls.sendto(this.#relayFd, at, length, MSG_DONTWAIT, this.#target.at, this.#target.sizeBytes);
  }

  /** As {@link Allocation.maySend}. */
  maySend(now: number, sizeBytes: number): boolean {
    return this.#limited === undefined || this.#limited.maySend(now, sizeBytes);
  }

  /** As {@link Allocation.mayReceive}. */
  mayReceive(now: number, sizeBytes: number): boolean {
    return this.#limited === undefined || this.#limited.mayReceive(now, sizeBytes);
  }

  isPermitted(now: number): boolean {
    if (now < this.#permittedUntil) return true;
    // Whole: numbers with fractions are kept elsewhere.
    this.#permittedUntil = Math.floor(this.binding.permission.expiresAt);
    return now < this.#permittedUntil;
  }

  /** Whether that is its peer's address, as the kernel wrote it. */
  isFrom(words: Int32Array): boolean {
    if (words[0] !== this.#first) return false;
    if (!this.#isV6) return words[1] === this.#second;
    const own = this.#target.words;
    for (let i = IPV6_ADDRESS; i < IPV6_END; i += 1) if (own[i] !== words[i]) return false;
    return true;
  }
}
