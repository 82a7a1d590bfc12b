// The port of all UDP clients on Linux: many datagrams a system call, and ChannelData passed on where it lies.
import {
  ADDRESS_WORDS,
  BATCH_CAPACITY,
  type Endpoint,
  EndpointTable,
  formatEndpoint,
  KernelEndpoint,
  openUdpDescriptor,
  type PolledRuntime,
  type Readable,
  type ReceiveBatch,
  SocketAddress,
} from '../../../../core/index.ts';
import { CHANNEL_DATA_HEADER_BYTES } from '../../channel-data.ts';
import type { Tally } from '../counters.ts';
import type { TurnClient, UdpClientPort } from '../types.ts';
import { CLIENT_BUFFER_BYTES } from '../udp-clients.ts';
import { FastClient } from './fast-client.ts';
import type { Outgoing } from './outgoing.ts';

export interface FastPortOptions {
  readonly runtime: PolledRuntime;
  readonly tally: Tally;
  /** Shared by all ports of the thread, for only one of them reads at a time. */
  readonly incoming: ReceiveBatch;
  readonly outgoing: Outgoing;
  readonly onMessage: (client: TurnClient, bytes: Uint8Array) => void;
}

export class FastClientPort implements UdpClientPort, Readable {
  readonly local: Endpoint;
  readonly #fd: number;
  readonly #options: FastPortOptions;
  /** Clients that have an allocation. */
  readonly #clients: EndpointTable<FastClient>;
  readonly #source: SocketAddress;
  #isClosed = false;

  /** @throws an error with the system's `code` */
  constructor(endpoint: Endpoint, options: FastPortOptions) {
    const { runtime } = options;
    const isV6 = endpoint.address.includes(':');
    const opened = openUdpDescriptor(runtime.calls, { ...endpoint, receiveBufferBytes: CLIENT_BUFFER_BYTES });
    this.local = opened.local;
    this.#fd = opened.fd;
    this.#options = options;
    this.#clients = new EndpointTable(isV6, runtime.random.uint32());
    this.#source = new SocketAddress(isV6 ? 6 : 4);
    runtime.watch(this.#fd, this);
  }

  get size(): number {
    return this.#clients.size;
  }

  handleReadable(): boolean {
    const { incoming, runtime } = this.#options;
    const now = runtime.clock.now();
    const count = incoming.receive(this.#fd);
    for (let slot = 0; slot < count; slot += 1) {
      if (!this.#relay(now, slot)) this.#hand(slot);
    }
    return count === BATCH_CAPACITY;
  }

  send(bytes: Uint8Array, remote: Endpoint): void {
    const { runtime, outgoing } = this.#options;
    outgoing.copy(this.#fd, bytes, new KernelEndpoint(runtime.calls, remote));
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const { runtime, outgoing } = this.#options;
    outgoing.flush();
    runtime.unwatch(this.#fd);
    runtime.calls.close(this.#fd);
  }

  /** @returns false where it is no ChannelData that can be passed on as it is */
  #relay(now: number, slot: number): boolean {
    const { incoming, tally } = this.#options;
    const { bytes } = incoming;
    const offset = incoming.offsetOf(slot);
    const number = ((bytes[offset] ?? 0) << 8) | (bytes[offset + 1] ?? 0);
    const length = ((bytes[offset + 2] ?? 0) << 8) | (bytes[offset + 3] ?? 0);
    if (number >> 14 !== 1 || CHANNEL_DATA_HEADER_BYTES + length > incoming.lengthOf(slot)) return false;
    const client = this.#clients.get(incoming.addresses, slot * ADDRESS_WORDS);
    const channel = client?.channel(number);
    if (!channel) return false;
    if (channel.maySend(now, length)) {
      tally.countSent(length);
      channel.sendToPeer(incoming.at(offset + CHANNEL_DATA_HEADER_BYTES), length);
    } else tally.drop('overBandwidth');
    return true;
  }

  #hand(slot: number): void {
    const { incoming, onMessage } = this.#options;
    const at = slot * ADDRESS_WORDS;
    const offset = incoming.offsetOf(slot);
    const client = this.#clients.get(incoming.addresses, at) ?? this.#strangerAt(at);
    onMessage(client, incoming.bytes.subarray(offset, offset + incoming.lengthOf(slot)));
  }

  /** @param at - index of its address */
  #strangerAt(at: number): FastClient {
    const { incoming, runtime, outgoing } = this.#options;
    this.#source.read(incoming.addresses.subarray(at, at + ADDRESS_WORDS));
    const remote = { address: this.#source.address, port: this.#source.port };
    return new FastClient(remote, {
      key: `udp ${formatEndpoint(this.local)} ${formatEndpoint(remote)}`,
      fd: this.#fd,
      port: this,
      endpoint: new KernelEndpoint(runtime.calls, remote),
      outgoing,
      clients: this.#clients,
    });
  }
}
