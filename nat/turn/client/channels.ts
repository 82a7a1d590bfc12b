// Channels: four bytes instead of a whole indication around the data of a peer (RFC 8656 §12).
import { DeadlineQueue, type Endpoint, formatEndpoint } from '../../../core/index.ts';
import { FIRST_CHANNEL, LAST_CHANNEL } from '../channel-data.ts';
import { CHANNEL_LIFETIME_MS } from '../lifetimes.ts';
import type { TurnAnswer, TurnRequests } from './requests.ts';
import type { TurnClientEvent } from './types.ts';

/** One minute before it ends. */
export const CHANNEL_REFRESH_MS = CHANNEL_LIFETIME_MS - 60_000;
/** At one time; a path has one peer in use and few before it. */
export const MAX_CHANNELS = 16;

interface Channel {
  readonly number: number;
  readonly peer: Endpoint;
  isBound: boolean;
}

/** A channel may not be given to another peer for a while (RFC 8656 §12), so every binding takes a new number. */
export class TurnChannels {
  readonly #requests: TurnRequests;
  readonly #byPeer = new Map<string, Channel>();
  readonly #byNumber = new Map<number, Channel>();
  readonly #renewals = new DeadlineQueue<Channel>();
  #nextNumber = FIRST_CHANNEL;

  constructor(requests: TurnRequests) {
    this.#requests = requests;
  }

  get size(): number {
    return this.#byPeer.size;
  }

  /** Asks for a channel to the peer, where there is none. */
  bind(now: number, peer: Endpoint): void {
    const key = formatEndpoint(peer);
    if (this.#byPeer.has(key) || this.#nextNumber > LAST_CHANNEL) return;
    if (this.#byPeer.size >= MAX_CHANNELS) this.#dropOldest();
    const channel = { number: this.#nextNumber, peer, isBound: false };
    this.#nextNumber += 1;
    this.#byPeer.set(key, channel);
    this.#byNumber.set(channel.number, channel);
    this.#ask(now, channel);
  }

  /** @returns the number, once the server has confirmed it */
  to(peer: Endpoint): number | undefined {
    const channel = this.#byPeer.get(formatEndpoint(peer));
    return channel?.isBound ? channel.number : undefined;
  }

  /** Whose data comes on it: also before the confirmation, which data may overtake. */
  peerOf(number: number): Endpoint | undefined {
    return this.#byNumber.get(number)?.peer;
  }

  handleAnswer(now: number, number: number, answer: TurnAnswer): TurnClientEvent | undefined {
    const channel = this.#byNumber.get(number);
    if (!channel) return undefined;
    // Without a channel data goes on in indications.
    if (answer.failure !== undefined) {
      this.#drop(channel);
      return undefined;
    }
    this.#renewals.set(channel, now + CHANNEL_REFRESH_MS);
    if (channel.isBound) return undefined;
    channel.isBound = true;
    return { type: 'channelBound', peer: channel.peer };
  }

  close(): void {
    for (const channel of this.#byPeer.values()) this.#drop(channel);
  }

  nextTimeoutAt(): number | undefined {
    return this.#renewals.nextAt();
  }

  handleTimeout(now: number): void {
    for (let due = this.#renewals.takeDue(now); due; due = this.#renewals.takeDue(now)) this.#ask(now, due);
  }

  #ask(now: number, { number, peer }: Channel): void {
    this.#requests.ask(now, { type: 'channel', channel: number, peer });
  }

  #dropOldest(): void {
    const [oldest] = this.#byPeer.values();
    if (oldest) this.#drop(oldest);
  }

  #drop(channel: Channel): void {
    this.#byPeer.delete(formatEndpoint(channel.peer));
    this.#byNumber.delete(channel.number);
    this.#renewals.clear(channel);
  }
}
