// A bound channel with what it takes to relay by it: addresses as the kernel has them, on both sides.
import { KernelEndpoint, type SystemCalls } from '../../../../core/index.ts';
import type { ChannelBinding } from '../allocation.ts';
import type { FastClient } from './fast-client-port.ts';

const MSG_DONTWAIT = 0x40;
/** Of struct sockaddr_in6, in words: where its address begins and ends. */
const IPV6_ADDRESS = 2;
const IPV6_END = 6;

export class FastChannel {
  readonly binding: ChannelBinding;
  readonly client: FastClient;
  readonly #target: KernelEndpoint;
  readonly #isV6: boolean;
  readonly #calls: SystemCalls;
  readonly #relayFd: number;

  constructor(
    binding: ChannelBinding,
    {
      client,
      calls,
      relayFd,
    }: { readonly client: FastClient; readonly calls: SystemCalls; readonly relayFd: number },
  ) {
    this.binding = binding;
    this.client = client;
    this.#target = new KernelEndpoint(calls, binding.target);
    this.#isV6 = binding.relay.family === 6;
    this.#calls = calls;
    this.#relayFd = relayFd;
  }

  /** @param at - where the kernel finds the data */
  sendToPeer(at: number, length: number): void {
    this.#calls.sendto(this.#relayFd, at, length, MSG_DONTWAIT, this.#target.at, this.#target.sizeBytes);
  }

  /** Whether that is its peer's address, as the kernel wrote it. */
  isFrom(words: Int32Array, offset: number): boolean {
    const own = this.#target.words;
    if (own[0] !== words[offset]) return false;
    if (!this.#isV6) return own[1] === words[offset + 1];
    for (let i = IPV6_ADDRESS; i < IPV6_END; i += 1) if (own[i] !== words[offset + i]) return false;
    return true;
  }
}
