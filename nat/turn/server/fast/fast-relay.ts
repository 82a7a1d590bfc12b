// A relay on Linux: a datagram of a peer with a channel gets its header where it lies, and goes out with others.
import {
  ADDRESS_WORDS,
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
import { FastClient } from './fast-client-port.ts';
import type { Outgoing } from './outgoing.ts';
import type { SendMemory } from './send-memory.ts';

const MSG_DONTWAIT = 0x40;
const LARGEST_DATAGRAM_BYTES = 65_535;
/** With its header it must be one datagram again. */
const LARGEST_RELAYED_BYTES = 65_507 - CHANNEL_DATA_HEADER_BYTES;

export interface FastRelayOptions {
  readonly runtime: PolledRuntime;
  readonly tally: Tally;
  readonly outgoing: Outgoing;
  readonly memory: SendMemory;
  readonly onDatagram: DatagramHandler;
}

export class FastRelay implements RelaySocket, Readable {
  readonly #fd: number;
  readonly #options: FastRelayOptions;
  readonly #source: SocketAddress;
  /** Those whose client is on UDP: a call has one or two. */
  readonly #channels: FastChannel[] = [];
  #isClosed = false;

  /** @throws an error with the system's `code` */
  constructor({ local, family }: Relay, options: FastRelayOptions) {
    const { runtime } = options;
    this.#fd = openUdpDescriptor(runtime.calls, local).fd;
    this.#options = options;
    this.#source = new SocketAddress(family);
    runtime.watch(this.#fd, this);
  }

  /** One a call, as {@link PolledRuntime} has it: a flood at one socket starves no other. */
  handleReadable(): boolean {
    const { runtime, outgoing, memory } = this.#options;
    const { batch } = outgoing;
    const slot = outgoing.slot();
    const [at, sourceAt] = [batch.datagramAt(slot), batch.addressAt(slot)];
    const sizeAt = memory.addressSizeAt();
    const length = runtime.calls.recvfrom(
      this.#fd,
      at,
      LARGEST_DATAGRAM_BYTES,
      MSG_DONTWAIT,
      sourceAt,
      sizeAt,
    );
    if (length < 0) return false;
    const channel = this.#channelFrom(batch.addresses, slot * ADDRESS_WORDS);
    if (channel && length <= LARGEST_RELAYED_BYTES) this.#relay(channel, slot, length);
    else this.#hand(slot, length);
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
    client.channels.set(binding.number, channel);
  }

  handleChannelFreed(binding: ChannelBinding): void {
    const index = this.#channels.findIndex((channel) => channel.binding === binding);
    const [channel] = index < 0 ? [] : this.#channels.splice(index, 1);
    channel?.client.channels.delete(binding.number);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#options.runtime.unwatch(this.#fd);
    this.#options.runtime.calls.close(this.#fd);
  }

  #channelFrom(words: Int32Array, offset: number): FastChannel | undefined {
    for (const channel of this.#channels) if (channel.isFrom(words, offset)) return channel;
    return undefined;
  }

  #relay({ binding, client }: FastChannel, slot: number, length: number): void {
    const { runtime, outgoing, tally } = this.#options;
    const now = runtime.clock.now();
    if (binding.permission.expiresAt <= now) return tally.drop('noPermission');
    if (!binding.allocation.mayReceive(now, length)) return tally.drop('overBandwidth');
    const { bytes } = outgoing.batch;
    const header = outgoing.batch.offsetOf(slot) - CHANNEL_DATA_HEADER_BYTES;
    bytes[header] = binding.number >> 8;
    bytes[header + 1] = binding.number;
    bytes[header + 2] = length >> 8;
    bytes[header + 3] = length;
    tally.countReceived(length);
    const sizeBytes = length + CHANNEL_DATA_HEADER_BYTES;
    outgoing.commit(client.fd, -CHANNEL_DATA_HEADER_BYTES, sizeBytes, client.endpoint);
  }

  #hand(slot: number, length: number): void {
    const { outgoing, onDatagram } = this.#options;
    const { batch } = outgoing;
    const [at, offset] = [slot * ADDRESS_WORDS, batch.offsetOf(slot)];
    this.#source.read(batch.addresses.subarray(at, at + ADDRESS_WORDS));
    // What is sent because of it takes a slot too.
    const copy = batch.bytes.slice(offset, offset + length);
    onDatagram(copy, this.#source.address, this.#source.port);
  }
}
