// A TURN client: one allocation on one server, from the first request to the last (RFC 8656).
import {
  addressFamily,
  DecodeError,
  type Endpoint,
  isSameEndpoint,
  TimerTable,
} from '../../../core/index.ts';
import { demultiplex } from '../../demultiplex.ts';
import { earliestOf } from '../../earliest.ts';
import { ATTRIBUTE, decodeStun, type StunMessage } from '../../stun/index.ts';
import type { Allocated } from '../types.ts';
import { keepAliveIndication } from './relay-frames.ts';
import { type TurnAnswer, TurnRequests } from './requests.ts';
import { TurnTraffic } from './traffic.ts';
import type {
  RelayedData,
  TurnClientCounters,
  TurnClientEvent,
  TurnClientOptions,
  TurnClientState,
} from './types.ts';
import { failedBy, lostBy, readAllocated } from './verdicts.ts';

/** RFC 8656 §8: an allocation is renewed one minute before it ends; halfway, where it lives shorter than two. */
export const REFRESH_MARGIN_MS = 60_000;
const LEAST_REFRESH_MS = 1_000;
/** RFC 8445 §11, Tr: so often something goes to the server, that no NAT on the way forgets us. */
export const TURN_KEEP_ALIVE_MS = 15_000;
/** So long a client that goes waits for the server. */
export const TURN_CLOSE_LIMIT_MS = 1_000;

type TimerName = 'refresh' | 'keepAlive' | 'closeLimit';

/**
 * Sans-I/O. The owner hands in what comes from the server, whole datagrams or frames of the connection, and sends to the
 * server what {@link takeDatagrams} and {@link write} give.
 *
 * ```
 *  idle --allocate()--> allocating -------> allocated --close()--> closing --> closed
 *    |                   |      \                \                              ^ ^
 *    |                   |       close()--> closing                             | |
 *    |                   |                         \                            | |
 *    |                   +--failed------------------\---lost--------------------+ |
 *    +--close()-------------------------------------------------------------------+
 * ```
 */
export class TurnClient {
  readonly server: Endpoint;
  readonly #options: TurnClientOptions;
  readonly #requests: TurnRequests;
  readonly #traffic: TurnTraffic;
  readonly #timers = new TimerTable<TimerName>();
  #state: TurnClientState = 'idle';
  #allocated: Allocated | undefined;
  #events: TurnClientEvent[] = [];
  #indications: Uint8Array[] = [];

  constructor(options: TurnClientOptions) {
    this.#options = options;
    this.server = options.server;
    this.#requests = new TurnRequests(options);
    this.#traffic = new TurnTraffic(options, this.#requests);
  }

  get state(): TurnClientState {
    return this.#state;
  }

  /** Undefined where there is no allocation. */
  get allocated(): Allocated | undefined {
    return this.#allocated;
  }

  get counters(): Readonly<TurnClientCounters> {
    return this.#traffic.counters;
  }

  /** Everything that waits or is kept: all zero once it is closed. */
  get tables(): Readonly<Record<'requests' | 'permissions' | 'channels' | 'timers', number>> {
    const { permissions, channels } = this.#traffic;
    return { requests: this.#requests.size, permissions, channels, timers: this.#timers.size };
  }

  allocate(now: number): void {
    if (this.#state !== 'idle') return;
    this.#state = 'allocating';
    this.#requests.ask(now, { type: 'allocate' });
  }

  /** Whether the relay can send to this address at all. */
  canReach(address: string): boolean {
    return this.#traffic.canReach(address);
  }

  /** Lets data of an address through to us (RFC 8656 §9), as soon as there is an allocation and until it ends. */
  permit(now: number, address: string): void {
    if (!this.#isEnding) this.#traffic.permit(now, address);
  }

  /** Makes data to and from the peer in use short (RFC 8656 §12); only once there is an allocation. */
  bindChannel(now: number, peer: Endpoint): void {
    this.#traffic.bindChannel(now, peer);
  }

  /**
   * Wraps data for a peer; asks for the permission where there is none.
   *
   * @returns what goes to the server, valid until the next call; undefined where it cannot go
   */
  write(now: number, peer: Endpoint, data: Uint8Array): Uint8Array | undefined {
    return this.#traffic.write(now, peer, data);
  }

  /** Takes one whole message. @returns the data of a peer, where it holds some */
  handleDatagram(now: number, bytes: Uint8Array, source: Endpoint): RelayedData | undefined {
    if (!isSameEndpoint(source, this.server)) return this.#traffic.drop('fromElsewhere');
    const protocol = demultiplex(bytes);
    if (protocol === 'turn-channel') return this.#traffic.readChannelData(bytes);
    const message = protocol === 'stun' ? decodeStun(bytes) : undefined;
    if (!message || message instanceof DecodeError) return this.#traffic.drop('malformed');
    return this.#handleMessage(now, message);
  }

  /** The connection to the server is gone. */
  handleDisconnect(): void {
    if (this.#state === 'allocating') this.#fail({ type: 'failed', failure: 'timeout' });
    else if (this.#state === 'allocated') this.#fail({ type: 'lost', failure: 'timeout' });
    else if (this.#state === 'closing') this.#finish();
  }

  /** Nothing comes through any more: asks the server whether it still knows us, instead of at the next refresh. */
  probe(now: number): void {
    if (this.#state === 'allocated' && this.#timers.isSet('refresh')) this.#refresh(now);
  }

  /** Gives the allocation back (RFC 8656 §8). `closed` follows, soon or after {@link TURN_CLOSE_LIMIT_MS}. */
  close(now: number): void {
    if (this.#isEnding) return;
    const before = this.#state;
    this.#state = 'closing';
    if (before === 'idle') return this.#finish();
    this.#traffic.close();
    this.#allocated = undefined;
    this.#timers.clearAll();
    this.#timers.set('closeLimit', now + TURN_CLOSE_LIMIT_MS);
    // One that is still asked for is given back when it comes.
    if (before === 'allocated') this.#giveBack(now);
  }

  nextTimeoutAt(): number | undefined {
    return earliestOf(this.#timers.nextAt(), this.#requests.nextTimeoutAt(), this.#traffic.nextTimeoutAt());
  }

  handleTimeout(now: number): void {
    for (let due = this.#timers.takeDue(now); due; due = this.#timers.takeDue(now))
      this.#handleTimer(now, due);
    this.#traffic.handleTimeout(now);
    this.#requests.handleTimeout(now);
    this.#handleAnswers(now);
  }

  /** What goes to the server. */
  takeDatagrams(): readonly Uint8Array[] {
    const datagrams = [...this.#requests.takeDatagrams().map(({ bytes }) => bytes), ...this.#indications];
    this.#indications = [];
    return datagrams;
  }

  takeEvents(): readonly TurnClientEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  get #isEnding(): boolean {
    return this.#state === 'closing' || this.#state === 'closed';
  }

  #handleMessage(now: number, message: StunMessage): RelayedData | undefined {
    if (message.class === 'indication') return this.#traffic.readIndication(message);
    if (message.class === 'request') return this.#traffic.drop('malformed');
    this.#requests.handleResponse(now, message, this.server);
    this.#handleAnswers(now);
    return undefined;
  }

  #handleTimer(now: number, name: TimerName): void {
    if (name === 'closeLimit') this.#finish();
    else if (name === 'keepAlive') this.#keepAlive(now);
    else this.#refresh(now);
  }

  /** Its timer is set again by the answer. */
  #refresh(now: number): void {
    this.#timers.clear('refresh');
    this.#requests.ask(now, { type: 'refresh', lifetimeSeconds: this.#options.lifetimeSeconds });
  }

  #keepAlive(now: number): void {
    if (!this.#traffic.takeUse()) this.#indications.push(keepAliveIndication(this.#options.random));
    this.#timers.set('keepAlive', now + TURN_KEEP_ALIVE_MS);
  }

  #handleAnswers(now: number): void {
    for (const answer of this.#requests.takeAnswers()) {
      if (this.#state !== 'closed') this.#handleAnswer(now, answer);
    }
  }

  #handleAnswer(now: number, answer: TurnAnswer): void {
    const { type } = answer.question;
    if (this.#state === 'closing') return this.#handleLateAnswer(now, answer);
    if (type === 'allocate') return this.#handleAllocation(now, answer);
    // RFC 8656 §5: the server restarted, or took the allocation away.
    if (answer.failure === 'mismatch') return this.#fail(lostBy(answer));
    if (type === 'refresh') return this.#handleRefresh(now, answer);
    const event = this.#traffic.handleAnswer(now, answer);
    if (event) this.#events.push(event);
  }

  #handleLateAnswer(now: number, answer: TurnAnswer): void {
    const { question } = answer;
    if (question.type === 'allocate' && answer.failure === undefined) this.#giveBack(now);
    else if (question.type === 'allocate' || question.type === 'refresh') this.#finish();
  }

  #handleAllocation(now: number, answer: TurnAnswer): void {
    const allocated = answer.failure === undefined ? readAllocated(answer.response) : undefined;
    if (!allocated || addressFamily(allocated.relayed.address) !== (this.#options.relayFamily ?? 4)) {
      return this.#fail(failedBy(answer));
    }
    this.#state = 'allocated';
    this.#allocated = allocated;
    this.#setRefresh(now, allocated.lifetimeSeconds);
    if (!this.#options.isReliable) this.#timers.set('keepAlive', now + TURN_KEEP_ALIVE_MS);
    this.#events.push({ type: 'allocated', allocated });
    this.#traffic.open(now);
  }

  #handleRefresh(now: number, answer: TurnAnswer): void {
    const seconds = answer.failure === undefined ? answer.response.uint32(ATTRIBUTE.lifetime) : undefined;
    if (seconds) this.#setRefresh(now, seconds);
    else this.#fail(lostBy(answer));
  }

  #setRefresh(now: number, lifetimeSeconds: number): void {
    const lifetimeMs = 1_000 * lifetimeSeconds;
    const afterMs = Math.max(lifetimeMs / 2, lifetimeMs - REFRESH_MARGIN_MS, LEAST_REFRESH_MS);
    this.#timers.set('refresh', now + afterMs);
  }

  #giveBack(now: number): void {
    this.#requests.cancelAll();
    this.#requests.ask(now, { type: 'refresh', lifetimeSeconds: 0 });
  }

  #fail(event: TurnClientEvent): void {
    this.#events.push(event);
    this.#end();
  }

  #finish(): void {
    this.#events.push({ type: 'closed' });
    this.#end();
  }

  #end(): void {
    this.#state = 'closed';
    this.#allocated = undefined;
    this.#timers.clearAll();
    this.#requests.cancelAll();
    this.#traffic.close();
  }
}
