// The transaction layer (RFC 3261 §17): sorts messages into transactions, and leaves outputs for its driver.
import {
  createResponse,
  type HeaderField,
  type SipRequest,
  type SipResponse,
  serializeMessage,
} from '../message/index.ts';
import type { Flow } from '../transport/types.ts';
import { responseDestination } from '../transport/via.ts';
import type { ClientRecord } from './client-record.ts';
import { ClientTransactions, type OutgoingRequest } from './client-transactions.ts';
import type { TransactionOutput } from './outputs.ts';
import { ServerRecord } from './server-record.ts';
import { ServerTransactions } from './server-transactions.ts';
import { isLegacyKey, mergeKey, serverKey } from './transaction-key.ts';

export interface TransactionLayerOptions {
  /** Server transactions that may live at once; {@link DEFAULT_MAX_SERVER_TRANSACTIONS} where not given. */
  readonly maxServerTransactions?: number;
}

/** About 300 MB of answered requests that wait out timer J: a sustained rate of 9,000 a second. */
export const DEFAULT_MAX_SERVER_TRANSACTIONS = 300_000;

/** After how many seconds a refused request may come back: by then timer J has freed what was taken. */
const RETRY_AFTER_SECONDS = 32;

/** What happened so far, by kind. */
export interface TransactionCounters {
  /** Requests that came again, and were answered from memory or absorbed. */
  retransmitted: number;
  /** Requests refused with 482 (RFC 3261 §8.2.2.2). */
  merged: number;
  /** Responses and CANCELs that belong to nothing. */
  unmatched: number;
  /** Requests refused with 503, for the table was full. */
  overloaded: number;
}

/**
 * A sans-I/O machine. After every input its driver empties {@link TransactionLayer.outputs} and arms one timer for
 * {@link TransactionLayer.nextTimeoutAt}.
 */
export class TransactionLayer {
  readonly outputs: TransactionOutput[] = [];
  readonly counters: TransactionCounters = { retransmitted: 0, merged: 0, unmatched: 0, overloaded: 0 };
  readonly #maxServerTransactions: number;
  readonly #servers: ServerTransactions;
  readonly #clients: ClientTransactions;

  constructor(options: TransactionLayerOptions = {}) {
    this.#maxServerTransactions = options.maxServerTransactions ?? DEFAULT_MAX_SERVER_TRANSACTIONS;
    const emit = (output: TransactionOutput) => {
      this.outputs.push(output);
    };
    this.#servers = new ServerTransactions(emit);
    this.#clients = new ClientTransactions(emit);
  }

  get size(): number {
    return this.#servers.size + this.#clients.size;
  }

  nextTimeoutAt(): number | undefined {
    const server = this.#servers.nextTimeoutAt();
    const client = this.#clients.nextTimeoutAt();
    if (server === undefined) return client;
    return client === undefined ? server : Math.min(server, client);
  }

  handleTimeout(now: number): void {
    this.#servers.handleTimeout(now);
    this.#clients.handleTimeout(now);
  }

  /** A request from the network. */
  handleRequest(now: number, request: SipRequest, flow: Flow): void {
    if (request.method === 'ACK') return this.#handleAck(now, request, flow);
    if (request.method === 'CANCEL') return this.#handleCancel(request, flow);
    const key = serverKey(request, request.method);
    const known = this.#servers.find(key);
    if (known) {
      this.counters.retransmitted += 1;
      this.#servers.handleRetransmission(now, known);
    } else if (this.#servers.isMerged(mergeKey(request))) {
      this.counters.merged += 1;
      this.#answer(request, flow, 482);
    } else if (this.#servers.size >= this.#maxServerTransactions) {
      this.counters.overloaded += 1;
      this.#answer(request, flow, 503, [['Retry-After', String(RETRY_AFTER_SECONDS)]]);
    } else {
      this.#servers.open(now, key, { request, flow });
    }
  }

  /** A response from the network. */
  handleResponse(now: number, response: SipResponse, flow: Flow): void {
    if (this.#clients.handleResponse(now, response, flow)) return;
    const isSuccess = response.status >= 200 && response.status < 300;
    if (isSuccess && response.cseq.method === 'INVITE') {
      this.outputs.push({ kind: 'stray2xx', response, flow });
    } else {
      this.counters.unmatched += 1;
    }
  }

  /** Starts a client transaction. */
  send(now: number, outgoing: OutgoingRequest): ClientRecord {
    return this.#clients.send(now, outgoing);
  }

  /** Cancels an INVITE of ours as soon as RFC 3261 §9.1 allows it. */
  cancel(now: number, record: ClientRecord, headers: readonly HeaderField[] = []): void {
    this.#clients.cancel(now, record, headers);
  }

  /** Passes a response of the TU to its transaction; too late or out of order, it is ignored. */
  respond(now: number, record: ServerRecord, response: SipResponse): void {
    this.#servers.respond(now, record, response);
  }

  /** Answers once and remembers nothing (RFC 3261 §8.2.7). */
  respondAndForget(record: ServerRecord, response: SipResponse): void {
    this.#servers.respondAndForget(record, response);
  }

  /** The bytes of this transaction could not leave. */
  handleTransportError(now: number, record: ClientRecord | ServerRecord): void {
    if (record instanceof ServerRecord) this.#servers.handleTransportError(now, record);
    else this.#clients.handleTransportError(now, record);
  }

  /** A connection is gone: requests of ours that were under way on it fail. */
  handleConnectionLost(now: number, connectionId: number): void {
    this.#clients.handleConnectionLost(now, connectionId);
  }

  /** Forgets everything, in silence. */
  close(): void {
    this.#servers.clear();
    this.#clients.clear();
    this.outputs.length = 0;
  }

  #handleAck(now: number, request: SipRequest, flow: Flow): void {
    const key = serverKey(request, 'INVITE');
    const invite = this.#servers.find(key);
    // RFC 3261 §17.2.3: an ACK of RFC 2543 fits only with the To tag of the response that it acknowledges.
    const isTheirs = invite && (!isLegacyKey(key) || request.toTag === invite.localTag);
    if (isTheirs && !this.#servers.handleAck(now, invite)) return;
    this.outputs.push({ kind: 'ack', request, flow });
  }

  /**
   * CANCEL needs no memory: answered anew, it is answered alike. The 200 has the To tag of the INVITE's own
   * response where there was one (RFC 3261 §9.2).
   */
  #handleCancel(request: SipRequest, flow: Flow): void {
    const invite = this.#servers.find(serverKey(request, 'INVITE'));
    if (!invite) {
      this.counters.unmatched += 1;
      return this.#answer(request, flow, 481);
    }
    this.#answer(request, flow, 200, [], invite.localTag);
    if (invite.isFinished || invite.isCancelled || !invite.user) return;
    invite.isCancelled = true;
    this.outputs.push({ kind: 'cancel', request, user: invite.user });
  }

  #answer(
    request: SipRequest,
    flow: Flow,
    status: number,
    headers: readonly HeaderField[] = [],
    toTag?: string,
  ): void {
    const bytes = serializeMessage(createResponse(request, status, { headers, toTag }));
    const destination = responseDestination(request.topVia, flow);
    this.outputs.push({ kind: 'send', bytes, flow: destination, transaction: undefined });
  }
}
