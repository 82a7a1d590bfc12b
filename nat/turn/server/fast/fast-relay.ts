// A relay on Linux: a datagram of a peer with a channel gets its header where it lies, and goes out with others.
import {
  type DatagramHandler,
  openUdpDescriptor,
  type PolledRuntime,
  type Readable,
  SocketAddress,
} from '../../../../core/index.ts';
import { CHANNEL_DATA_HEADER_BYTES } from '../../channel-data.ts';
import type { ChannelBinding } from '../allocation.ts';
import type { Tally } from '../counters.ts';
import type { Relay } from '../relay.ts';
import type { RelaySocket } from '../types.ts';
import { FastChannel } from './fast-channel.ts';
import { FastClient } from './fast-client.ts';
import type { Outgoing } from './outgoing.ts';
import type { SendMemory } from './send-memory.ts';

const MSG_DONTWAIT = 0x40;
const LARGEST_DATAGRAM_BYTES = 65_535;
/** With its header it must be one datagram again. */
const LARGEST_RELAYED_BYTES = 65_507 - CHANNEL_DATA_HEADER_BYTES;

/** One object for all relays of a thread: what each has for itself is out of the caches when its turn comes. */
export interface FastRelayOptions {
  readonly runtime: PolledRuntime;
  readonly tally: Tally;
  readonly outgoing: Outgoing;
  readonly memory: SendMemory;
}

export class FastRelay implements RelaySocket, Readable {
  readonly #fd: number;
  readonly #options: FastRelayOptions;
  readonly #source: SocketAddress;
  readonly #onDatagram: DatagramHandler;
  /** Those whose client is on UDP: a call has one or two. */
  readonly #channels: FastChannel[] = [];
  /** The one whose peer was heard last. */
  #latest: FastChannel | undefined;
  #isClosed = false;

  /** @throws an error with the system's `code` */
  constructor({ local, family }: Relay, onDatagram: DatagramHandler, options: FastRelayOptions) {
    const { runtime } = options;
    this.#fd = openUdpDescriptor(runtime.calls, local).fd;
    this.#options = options;
    this.#source = new SocketAddress(family);
    this.#onDatagram = onDatagram;
    runtime.watch(this.#fd, this);
  }

  /** One a call, as {@link PolledRuntime} has it: a flood at one socket starves no other. */
  handleReadable(): boolean {
    const { runtime, outgoing, memory } = this.#options;
    outgoing.makeRoom();
    const { at } = outgoing.batch;
    const sizeAt = memory.addressSizeAt();
    const length = runtime.calls.recvfrom(
      this.#fd,
      at,
      LARGEST_DATAGRAM_BYTES,
      MSG_DONTWAIT,
      memory.sourceAt,
      sizeAt,
    );
    if (length < 0) return false;
    const channel = this.#channelFrom(memory.source);
    if (channel && length <= LARGEST_RELAYED_BYTES) this.#relay(channel, length);
    else this.#hand(length);
    return false;
  }

  send(bytes: Uint8Array, address: string, port: number): void {
    if (!this.#isClosed) this.#options.memory.send(this.#fd, bytes, { address, port });
  }

  handleChannelBound(binding: ChannelBinding): void {
    const { client } = binding.allocation;
    if (!(client instanceof FastClient)) return;
    const { calls } = this.#options.runtime;
    const channel = new FastChannel(binding, { client, calls, relayFd: this.#fd });
    this.#channels.push(channel);
    client.addChannel(channel);
  }

  handleChannelFreed(binding: ChannelBinding): void {
    const index = this.#channels.findIndex((channel) => channel.binding === binding);
    const [channel] = index < 0 ? [] : this.#channels.splice(index, 1);
    channel?.client.removeChannel(channel);
    this.#latest = undefined;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#options.runtime.unwatch(this.#fd);
    this.#options.runtime.calls.close(this.#fd);
  }

  #channelFrom(source: Int32Array): FastChannel | undefined {
    if (this.#latest?.isFrom(source)) return this.#latest;
    this.#latest = this.#channels.find((channel) => channel.isFrom(source));
    return this.#latest;
  }

  #relay(channel: FastChannel, length: number): void {
    const { runtime, outgoing, tally } = this.#options;
    const now = runtime.clock.now();
    if (!channel.isPermitted(now)) return tally.drop('noPermission');
    if (!channel.mayReceive(now, length)) return tally.drop('overBandwidth');
    const { bytes, offset } = outgoing.batch;
    const header = offset - CHANNEL_DATA_HEADER_BYTES;
    bytes[header] = channel.number >> 8;
    bytes[header + 1] = channel.number;
    bytes[header + 2] = length >> 8;
    bytes[header + 3] = length;
    tally.countReceived(length);
    outgoing.commit(channel.clientFd, CHANNEL_DATA_HEADER_BYTES, length, channel.clientEndpoint);
  }

  #hand(length: number): void {
    const { outgoing, memory } = this.#options;
    const { bytes, offset } = outgoing.batch;
    this.#source.read(memory.source);
    // A copy: what is sent because of it is written to the same place.
    this.#onDatagram(bytes.slice(offset, offset + length), this.#source.address, this.#source.port);
  }
}
