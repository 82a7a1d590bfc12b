// What comes in on a path, told apart: answers to gathering, checks, and data (RFC 7983 §7).
import { DecodeError, type Endpoint, isSameEndpoint } from '../../core/index.ts';
import { demultiplex } from '../demultiplex.ts';
import type { BaseId, ComponentId, IceAgent } from '../ice/index.ts';
import { decodeStun } from '../stun/index.ts';
import { isChannelData } from '../turn/channel-data.ts';
import type { Gathering } from './gathering.ts';
import type { PathBase } from './path-base.ts';
import type { RelayBase } from './relay-base.ts';
import type { PathCounters } from './types.ts';

/** What a receiver needs of its path. */
export interface PathReceiverParts {
  readonly agent: IceAgent;
  readonly gathering: Gathering;
  readonly counters: PathCounters;
  /** Runs an input, and drains all outputs after it. */
  enter(input: (now: number) => void): void;
  handleData(component: ComponentId, bytes: Uint8Array, source: Endpoint, isProven: boolean): void;
}

/** Data passes without an object and without waking the machines. */
export class PathReceiver {
  readonly #parts: PathReceiverParts;
  /** Who sent last and has proven himself: in a call that is so for every packet. */
  #proven: { readonly base: BaseId; readonly source: Endpoint } | undefined;
  #isClosed = false;

  constructor(parts: PathReceiverParts) {
    this.#parts = parts;
  }

  /** Takes a datagram of a socket. */
  receive(base: PathBase, bytes: Uint8Array, source: Endpoint): void {
    if (this.#isClosed) return;
    if (demultiplex(bytes) !== 'stun') this.#deliver(base, bytes, source);
    else this.#parts.enter((now) => this.#handleStun(now, base, bytes, source));
  }

  /** Takes a message of a TURN server; also after {@link close}, which it may be the answer to. */
  receiveRelayed(relay: RelayBase, bytes: Uint8Array, source: Endpoint): void {
    if (!isChannelData(bytes)) this.#parts.enter((now) => this.#unwrap(now, relay, bytes, source));
    // Time means nothing to data that only has its header taken off.
    else this.#unwrap(0, relay, bytes, source);
  }

  /** The agent may think otherwise of somebody by now. */
  forgetProven(): void {
    this.#proven = undefined;
  }

  close(): void {
    this.#isClosed = true;
  }

  #unwrap(now: number, relay: RelayBase, bytes: Uint8Array, source: Endpoint): void {
    const relayed = relay.handleMessage(now, bytes, source);
    if (relayed) this.receive(relay, relayed.data, relayed.peer);
  }

  #handleStun(now: number, base: PathBase, bytes: Uint8Array, remote: Endpoint): void {
    const { agent, gathering, counters } = this.#parts;
    const message = decodeStun(bytes);
    const isResponse = !(message instanceof DecodeError) && message.class !== 'request';
    if (isResponse && gathering.handleResponse(now, message, remote)) return;
    if (!agent.handleDatagram(now, bytes, { base: base.id, remote })) counters.unexpected += 1;
  }

  #deliver({ id, component }: PathBase, bytes: Uint8Array, source: Endpoint): void {
    const protocol = demultiplex(bytes);
    if (protocol === 'unknown' || protocol === 'turn-channel') this.#parts.counters.unexpected += 1;
    else this.#parts.handleData(component, bytes, source, this.#isProven(id, source));
  }

  #isProven(base: BaseId, source: Endpoint): boolean {
    const known = this.#proven;
    if (known && known.base === base && isSameEndpoint(known.source, source)) return true;
    if (!this.#parts.agent.isProven(base, source)) return false;
    this.#proven = { base, source };
    return true;
  }
}
