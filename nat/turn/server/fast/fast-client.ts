// A client over UDP on Linux, with its channels.
import type { Endpoint, EndpointTable, KernelEndpoint } from '../../../../core/index.ts';
import type { Allocation } from '../allocation.ts';
import type { TurnClient, UdpClientPort } from '../types.ts';
import type { FastChannel } from './fast-channel.ts';
import type { Outgoing } from './outgoing.ts';

export interface FastClientOptions {
  readonly key: string;
  /** Of its port. */
  readonly fd: number;
  readonly port: UdpClientPort;
  readonly endpoint: KernelEndpoint;
  readonly outgoing: Outgoing;
  /** Where it is found while it has an allocation. */
  readonly clients: EndpointTable<FastClient>;
}

export class FastClient implements TurnClient {
  readonly key: string;
  readonly transport = 'udp';
  readonly remote: Endpoint;
  readonly fd: number;
  readonly port: UdpClientPort;
  readonly endpoint: KernelEndpoint;
  /** Those whose relay is a fast one. */
  readonly #channels = new Map<number, FastChannel>();
  /** The one that was asked for last: a call has one or two. */
  #latest: FastChannel | undefined;
  readonly #outgoing: Outgoing;
  readonly #clients: EndpointTable<FastClient>;

  constructor(remote: Endpoint, { key, fd, port, endpoint, outgoing, clients }: FastClientOptions) {
    this.key = key;
    this.remote = remote;
    this.fd = fd;
    this.port = port;
    this.endpoint = endpoint;
    this.#outgoing = outgoing;
    this.#clients = clients;
  }

  channel(number: number): FastChannel | undefined {
    if (this.#latest?.number === number) return this.#latest;
    this.#latest = this.#channels.get(number);
    return this.#latest;
  }

  addChannel(channel: FastChannel): void {
    this.#channels.set(channel.number, channel);
    this.#latest = undefined;
  }

  removeChannel(channel: FastChannel): void {
    this.#channels.delete(channel.number);
    this.#latest = undefined;
  }

  send(bytes: Uint8Array): boolean {
    this.#outgoing.copy(this.fd, bytes, this.endpoint);
    return true;
  }

  handleAllocated(_allocation: Allocation): void {
    this.#clients.set(this.endpoint.words, 0, this);
  }

  handleFreed(): void {
    this.#clients.delete(this.endpoint.words, 0);
  }
}
