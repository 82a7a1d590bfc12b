// Requests of ours that wait for their responses (RFC 8489 §6.2, §6.3.3, §6.3.4).
import { DeadlineQueue, DecodeError, type Endpoint, invariant, isSameEndpoint } from '../../core/index.ts';
import { ATTRIBUTE, mustBeUnderstood } from './attribute.ts';
import { decodeStun, type StunError, type StunMessage } from './message.ts';

/** When a request is sent again, and when it is given up. */
export interface StunTiming {
  /** The first interval; it doubles (RFC 8489 §6.2.1). Default {@link INITIAL_RTO_MS}. */
  readonly rtoMs?: number;
  /** It doubles no further than to this. Default: without end. */
  readonly longestRtoMs?: number;
  /** How often the request is sent in all, Rc. Default {@link REQUEST_COUNT}. */
  readonly requestCount?: number;
  /** How many times the first interval the last request is waited for, Rm. Default {@link LAST_WAIT_FACTOR}. */
  readonly lastWaitFactor?: number;
}

/** RFC 8489 §6.2.1: where nothing is known of the round trip. */
export const INITIAL_RTO_MS = 500;
export const REQUEST_COUNT = 7;
export const LAST_WAIT_FACTOR = 16;
/** RFC 8489 §6.2.2, Ti: how long a response is waited for over TCP and TLS. */
export const RELIABLE_TIMEOUT_MS = 39_500;

/** One request. `Context` is the owner's own: it comes back with every datagram and with the result. */
export interface StunRequest<Context> extends StunTiming {
  /** The whole message; from here on it must not change. */
  readonly bytes: Uint8Array;
  /** Who is asked: nobody else may answer, unless `responder` is given. */
  readonly remote: Endpoint;
  /** Who answers, where the request asks for another than the one who is asked (RFC 5780 §7.2). */
  readonly responder?: Endpoint;
  readonly context: Context;
  /** Sent once, over TCP or TLS. Default false. */
  readonly isReliable?: boolean;
  /**
   * Whether the response is the server's word (RFC 8489 §9.1.4, §9.2.5); all are, where it is not given.
   * Over UDP one that is not is as if never received; over TCP it ends the transaction.
   */
  readonly accepts?: (response: StunMessage) => boolean;
}

/** What is to be sent: a datagram, or a frame of the connection. */
export interface StunDatagram<Context> {
  readonly bytes: Uint8Array;
  readonly remote: Endpoint;
  readonly context: Context;
}

/** How a request ended. A `response` is valid as long as the bytes that were handed in. */
export type StunOutcome =
  | {
      readonly type: 'success';
      readonly response: StunMessage;
      /** Null where the request was sent more than once (RFC 8489 §6.2.1: Karn's algorithm). */
      readonly roundTripMs: number | null;
    }
  | {
      readonly type: 'error';
      readonly response: StunMessage;
      readonly error: StunError;
      readonly roundTripMs: number | null;
    }
  /** Answered by what makes no sense: no ERROR-CODE, or attributes that must be understood and are not. */
  | { readonly type: 'unusable'; readonly response: StunMessage }
  | { readonly type: 'timeout' }
  /** Responses came, and none was proven to be the server's. */
  | { readonly type: 'untrusted' };

export interface StunResult<Context> {
  readonly key: string;
  readonly context: Context;
  readonly outcome: StunOutcome;
}

/** All that came and was dropped, by reason; and what was sent. */
export interface StunClientCounters {
  requests: number;
  retransmissions: number;
  timeouts: number;
  /** Responses that nobody waits for: late, repeated, invented. */
  unmatched: number;
  /** Responses to a request of ours that came from elsewhere. */
  fromElsewhere: number;
  /** Responses that were not proven to be the server's. */
  untrusted: number;
}

interface Transaction<Context> {
  readonly key: string;
  readonly method: number;
  readonly request: StunRequest<Context>;
  readonly startedAt: number;
  readonly rtoMs: number;
  sentCount: number;
  intervalMs: number;
  isSilenced: boolean;
  wasForged: boolean;
}

// Every attribute of which we know the number: the usages know what to do with it.
const UNDERSTOOD: ReadonlySet<number> = new Set(Object.values(ATTRIBUTE));

/**
 * Sans-I/O. The owner sends what {@link takeDatagrams} gives, hands in every response, and reads {@link takeResults}.
 *
 * Each entry ends by itself within its time-out, so that the table is as large as its owner asks questions.
 */
export class StunClientTransactions<Context = undefined> {
  readonly counters: StunClientCounters = {
    requests: 0,
    retransmissions: 0,
    timeouts: 0,
    unmatched: 0,
    fromElsewhere: 0,
    untrusted: 0,
  };
  readonly #transactions = new Map<string, Transaction<Context>>();
  readonly #deadlines = new DeadlineQueue<string>();
  #datagrams: StunDatagram<Context>[] = [];
  #results: StunResult<Context>[] = [];

  /** Requests that wait. */
  get size(): number {
    return this.#transactions.size;
  }

  /** @returns the key of the transaction, for {@link cancel} and its sisters */
  start(now: number, request: StunRequest<Context>): string {
    const message = decodeStun(request.bytes);
    invariant(!(message instanceof DecodeError) && message.class === 'request', 'requests are written here');
    const key = message.transactionKey;
    invariant(!this.#transactions.has(key), 'transaction ids are drawn at random');
    const rtoMs = request.rtoMs ?? INITIAL_RTO_MS;
    const transaction = {
      ...{ key, method: message.method, request, startedAt: now, rtoMs },
      ...{ sentCount: 0, intervalMs: rtoMs, isSilenced: false, wasForged: false },
    };
    this.#transactions.set(key, transaction);
    this.counters.requests += 1;
    this.#send(now, transaction);
    return key;
  }

  /** Takes a success or error response. @returns whether it belonged to a request of ours, dropped or not */
  handleResponse(now: number, response: StunMessage, source: Endpoint): boolean {
    const transaction = this.#transactions.get(response.transactionKey);
    if (!transaction || transaction.method !== response.method) {
      this.counters.unmatched += 1;
      return false;
    }
    const { request } = transaction;
    if (!isSameEndpoint(source, request.responder ?? request.remote)) this.counters.fromElsewhere += 1;
    else if (request.accepts?.(response) === false) this.#refuse(transaction);
    else this.#end(transaction, outcomeOf(response, this.#roundTripMs(now, transaction)));
    return true;
  }

  /** Ends a request without a result. */
  cancel(key: string): void {
    this.#transactions.delete(key);
    this.#deadlines.clear(key);
  }

  /** Sends a request no more, and takes its response all the same (RFC 8445 §7.3.1.4). */
  silence(key: string): void {
    const transaction = this.#transactions.get(key);
    if (transaction) transaction.isSilenced = true;
  }

  /** The connection is gone, or ICMP said that nobody is there: ends a request as timed out (RFC 8489 §6.2.1). */
  fail(key: string): void {
    const transaction = this.#transactions.get(key);
    if (transaction) this.#timeOut(transaction);
  }

  nextTimeoutAt(): number | undefined {
    return this.#deadlines.nextAt();
  }

  handleTimeout(now: number): void {
    for (let key = this.#deadlines.takeDue(now); key !== undefined; key = this.#deadlines.takeDue(now)) {
      const transaction = this.#transactions.get(key);
      if (transaction) this.#handleSilence(now, transaction);
    }
  }

  takeDatagrams(): readonly StunDatagram<Context>[] {
    const datagrams = this.#datagrams;
    this.#datagrams = [];
    return datagrams;
  }

  takeResults(): readonly StunResult<Context>[] {
    const results = this.#results;
    this.#results = [];
    return results;
  }

  #handleSilence(now: number, transaction: Transaction<Context>): void {
    const { request, sentCount } = transaction;
    if (request.isReliable || sentCount >= (request.requestCount ?? REQUEST_COUNT)) {
      return this.#timeOut(transaction);
    }
    this.#send(now, transaction);
  }

  #send(now: number, transaction: Transaction<Context>): void {
    const { request, key, isSilenced } = transaction;
    if (!isSilenced) {
      this.#datagrams.push({ bytes: request.bytes, remote: request.remote, context: request.context });
      if (transaction.sentCount > 0) this.counters.retransmissions += 1;
    }
    transaction.sentCount += 1;
    this.#deadlines.set(key, now + nextWaitMs(transaction));
    transaction.intervalMs = Math.min(
      2 * transaction.intervalMs,
      request.longestRtoMs ?? Number.POSITIVE_INFINITY,
    );
  }

  #refuse(transaction: Transaction<Context>): void {
    this.counters.untrusted += 1;
    transaction.wasForged = true;
    // RFC 8489 §9.2.5: over a reliable transport nothing better can follow.
    if (transaction.request.isReliable) this.#end(transaction, { type: 'untrusted' });
  }

  #timeOut(transaction: Transaction<Context>): void {
    this.counters.timeouts += 1;
    this.#end(transaction, { type: transaction.wasForged ? 'untrusted' : 'timeout' });
  }

  #end(transaction: Transaction<Context>, outcome: StunOutcome): void {
    this.cancel(transaction.key);
    this.#results.push({ key: transaction.key, context: transaction.request.context, outcome });
  }

  #roundTripMs(now: number, { sentCount, startedAt }: Transaction<Context>): number | null {
    return sentCount === 1 ? now - startedAt : null;
  }
}

/** RFC 8489 §6.2.1: with 500 ms, 7 and 16: sent at 0, 0.5, 1.5, 3.5, 7.5, 15.5 and 31.5 s, given up at 39.5 s. */
function nextWaitMs<Context>({ request, sentCount, rtoMs, intervalMs }: Transaction<Context>): number {
  if (request.isReliable) return RELIABLE_TIMEOUT_MS;
  const isLast = sentCount >= (request.requestCount ?? REQUEST_COUNT);
  return isLast ? rtoMs * (request.lastWaitFactor ?? LAST_WAIT_FACTOR) : intervalMs;
}

function outcomeOf(response: StunMessage, roundTripMs: number | null): StunOutcome {
  // RFC 8489 §6.3.3, §6.3.4.
  const isUnderstood = response.attributes.every(
    ({ type }) => !mustBeUnderstood(type) || UNDERSTOOD.has(type),
  );
  if (!isUnderstood) return { type: 'unusable', response };
  if (response.class === 'success') return { type: 'success', response, roundTripMs };
  const { error } = response;
  return error ? { type: 'error', response, error, roundTripMs } : { type: 'unusable', response };
}
