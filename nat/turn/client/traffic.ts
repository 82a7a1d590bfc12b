// What goes through an allocation: whom it lets through, and in what their data is wrapped (RFC 8656 §9, §11, §12).
import {
  type AddressFamily,
  addressFamily,
  DecodeError,
  type Endpoint,
  isSameEndpoint,
} from '../../../core/index.ts';
import { earliestOf } from '../../earliest.ts';
import type { StunMessage } from '../../stun/index.ts';
import { decodeChannelData } from '../channel-data.ts';
import { TurnChannels } from './channels.ts';
import { TurnPermissions } from './permissions.ts';
import { ChannelDataWriter, readDataIndication, sendIndication } from './relay-frames.ts';
import type { TurnAnswer, TurnRequests } from './requests.ts';
import type { RelayedData, TurnClientCounters, TurnClientEvent, TurnClientOptions } from './types.ts';

/** Sans-I/O; its owner tells it when there is an allocation. */
export class TurnTraffic {
  readonly counters: TurnClientCounters = {
    fromElsewhere: 0,
    malformed: 0,
    unboundChannel: 0,
    unpermitted: 0,
    unsent: 0,
  };
  readonly #options: TurnClientOptions;
  readonly #relayFamily: AddressFamily;
  readonly #permissions: TurnPermissions;
  readonly #channels: TurnChannels;
  readonly #channelData: ChannelDataWriter;
  #isOpen = false;
  #wasUsed = false;
  /** Where data went last: the peer in use is so for every packet. */
  #lastPeer: Endpoint | undefined;
  #lastChannel: number | undefined;

  constructor(options: TurnClientOptions, requests: TurnRequests) {
    this.#options = options;
    this.#relayFamily = options.relayFamily ?? 4;
    this.#permissions = new TurnPermissions(requests);
    this.#channels = new TurnChannels(requests);
    this.#channelData = new ChannelDataWriter(options.isReliable ?? false);
  }

  get permissions(): number {
    return this.#permissions.size;
  }

  get channels(): number {
    return this.#channels.size;
  }

  canReach(address: string): boolean {
    return addressFamily(address) === this.#relayFamily;
  }

  /** The allocation is there. */
  open(now: number): void {
    this.#isOpen = true;
    this.#permissions.open(now);
  }

  close(): void {
    this.#isOpen = false;
    this.#permissions.close();
    this.#channels.close();
    this.#lastPeer = undefined;
  }

  permit(now: number, address: string): void {
    if (this.canReach(address)) this.#permissions.permit(now, address);
  }

  bindChannel(now: number, peer: Endpoint): void {
    if (!this.#isOpen || !this.canReach(peer.address)) return;
    this.#permissions.permit(now, peer.address);
    this.#channels.bind(now, peer);
  }

  /** @returns a frame that is valid until the next call; undefined where the data cannot go */
  write(now: number, peer: Endpoint, data: Uint8Array): Uint8Array | undefined {
    if (!this.#isOpen || !this.canReach(peer.address)) return this.drop('unsent');
    const channel = this.#channelTo(peer);
    this.#wasUsed = true;
    if (channel !== undefined) return this.#channelData.write(channel, data);
    this.#permissions.permit(now, peer.address);
    // Data arrives right behind the request for the permission, and need not wait for its answer.
    if (this.#permissions.stateOf(peer.address) === 'refused') return this.drop('unsent');
    return sendIndication(this.#options.random, peer, data);
  }

  readChannelData(bytes: Uint8Array): RelayedData | undefined {
    const frame = decodeChannelData(bytes);
    if (frame instanceof DecodeError) return this.drop('malformed');
    const peer = this.#channels.peerOf(frame.channel);
    return peer ? { peer, data: frame.data } : this.drop('unboundChannel');
  }

  readIndication(message: StunMessage): RelayedData | undefined {
    const data = readDataIndication(message);
    if (!data) return this.drop('malformed');
    // RFC 8656 §11.4: from whom we never asked to be let through, nothing is taken.
    const permission = this.#permissions.stateOf(data.peer.address);
    return permission === 'granted' || permission === 'asked' ? data : this.drop('unpermitted');
  }

  handleAnswer(now: number, answer: TurnAnswer): TurnClientEvent | undefined {
    const { question } = answer;
    if (question.type === 'permission') return this.#permissions.handleAnswer(now, question.address, answer);
    if (question.type !== 'channel') return undefined;
    this.#lastPeer = undefined;
    return this.#channels.handleAnswer(now, question.channel, answer);
  }

  /** @returns whether data of ours went out since the last time that this was asked */
  takeUse(): boolean {
    const wasUsed = this.#wasUsed;
    this.#wasUsed = false;
    return wasUsed;
  }

  nextTimeoutAt(): number | undefined {
    return earliestOf(this.#permissions.nextTimeoutAt(), this.#channels.nextTimeoutAt());
  }

  handleTimeout(now: number): void {
    this.#permissions.handleTimeout(now);
    this.#channels.handleTimeout(now);
  }

  drop(reason: keyof TurnClientCounters): undefined {
    this.counters[reason] += 1;
    return undefined;
  }

  #channelTo(peer: Endpoint): number | undefined {
    if (this.#lastPeer !== undefined && isSameEndpoint(this.#lastPeer, peer)) return this.#lastChannel;
    const channel = this.#channels.to(peer);
    if (channel !== undefined) [this.#lastPeer, this.#lastChannel] = [peer, channel];
    return channel;
  }
}
