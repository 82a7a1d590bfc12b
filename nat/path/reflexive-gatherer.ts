// Asks STUN servers as what they see our sockets (RFC 8445 §5.1.1.2), and keeps the mappings that they told of.
import type { Endpoint, Random } from '../../core/index.ts';
import { earliestOf } from '../earliest.ts';
import type { BaseId, IceDatagram } from '../ice/index.ts';
import {
  METHOD,
  StunClientTransactions,
  type StunMessage,
  type StunResult,
  StunWriter,
  TRANSACTION_ID_BYTES,
} from '../stun/index.ts';

/** RFC 8445 §14.2, Ta: new requests are at least so far apart. */
export const GATHER_PACING_MS = 50;
/**
 * Departs from RFC 8445 §14.3, which has 500 ms: a call waits for us no longer than that, and of two requests more rarely
 * both are lost. A server farther away answers the first, and ignores the second.
 */
export const GATHER_RTO_MS = 200;
/** And no wait is longer: a call that rings without a reflexive address may have no direct path. */
export const LONGEST_GATHER_RTO_MS = 400;
/** RFC 8445 §11, Tr. */
export const MAPPING_KEEP_ALIVE_MS = 15_000;
/** More mean nothing to nobody: sockets times servers. */
const MAX_QUERIES = 32;

export interface ReflexiveQuery {
  readonly base: BaseId;
  readonly server: Endpoint;
}

export interface ReflexiveAnswer extends ReflexiveQuery {
  readonly mapped: Endpoint;
}

/** Sans-I/O. */
export class ReflexiveGatherer {
  readonly #random: Random;
  readonly #transactions = new StunClientTransactions<ReflexiveQuery>();
  readonly #keys = new Set<string>();
  readonly #kept = new Map<BaseId, ReflexiveQuery>();
  #queue: ReflexiveQuery[] = [];
  #datagrams: IceDatagram[] = [];
  #answers: ReflexiveAnswer[] = [];
  #nextRequestAt = 0;
  #keepAliveAt: number | undefined;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Questions that wait: for their turn, or for an answer. */
  get pending(): number {
    return this.#queue.length + this.#transactions.size;
  }

  ask(now: number, query: ReflexiveQuery): void {
    if (this.pending >= MAX_QUERIES) return;
    this.#queue.push(query);
    this.#sendNext(now);
  }

  /** @returns whether the response belongs to a request of ours */
  handleResponse(now: number, response: StunMessage, source: Endpoint): boolean {
    if (!this.#keys.has(response.transactionKey)) return false;
    this.#transactions.handleResponse(now, response, source);
    this.#collect(now);
    return true;
  }

  nextTimeoutAt(): number | undefined {
    const nextRequestAt = this.#queue.length > 0 ? this.#nextRequestAt : undefined;
    return earliestOf(nextRequestAt, this.#transactions.nextTimeoutAt(), this.#keepAliveAt);
  }

  handleTimeout(now: number): void {
    this.#sendNext(now);
    this.#transactions.handleTimeout(now);
    this.#collect(now);
    if (this.#keepAliveAt !== undefined && this.#keepAliveAt <= now) this.#keepAlive(now);
  }

  /** Lets the mappings go: a path is in use, and keeps its own. What is asked is no more waited for. */
  stop(): void {
    this.#queue = [];
    for (const key of this.#keys) this.#transactions.cancel(key);
    this.#keys.clear();
    this.#kept.clear();
    this.#keepAliveAt = undefined;
  }

  takeDatagrams(): readonly IceDatagram[] {
    const sent = this.#transactions.takeDatagrams();
    const datagrams = [
      ...sent.map(({ bytes, remote, context }) => ({ base: context.base, bytes, remote })),
      ...this.#datagrams,
    ];
    this.#datagrams = [];
    return datagrams;
  }

  takeAnswers(): readonly ReflexiveAnswer[] {
    const answers = this.#answers;
    this.#answers = [];
    return answers;
  }

  #sendNext(now: number): void {
    if (now < this.#nextRequestAt) return;
    const query = this.#queue.shift();
    if (!query) return;
    this.#nextRequestAt = now + GATHER_PACING_MS;
    const bytes = this.#binding('request');
    const timing = { rtoMs: GATHER_RTO_MS, longestRtoMs: LONGEST_GATHER_RTO_MS };
    this.#keys.add(this.#transactions.start(now, { bytes, remote: query.server, context: query, ...timing }));
  }

  #collect(now: number): void {
    for (const result of this.#transactions.takeResults()) this.#handleResult(now, result);
  }

  #handleResult(now: number, { key, context, outcome }: StunResult<ReflexiveQuery>): void {
    this.#keys.delete(key);
    const mapped = outcome.type === 'success' ? outcome.response.mappedAddress : undefined;
    if (!mapped) return;
    this.#answers.push({ ...context, mapped });
    // One server for each socket is enough: a NAT that maps by destination forgets the others, and rightly so.
    if (!this.#kept.has(context.base)) this.#kept.set(context.base, context);
    this.#keepAliveAt ??= now + MAPPING_KEEP_ALIVE_MS;
  }

  #keepAlive(now: number): void {
    this.#keepAliveAt = now + MAPPING_KEEP_ALIVE_MS;
    for (const { base, server } of this.#kept.values()) {
      this.#datagrams.push({ base, bytes: this.#binding('indication'), remote: server });
    }
  }

  #binding(type: 'request' | 'indication'): Uint8Array {
    const transactionId = this.#random.bytes(TRANSACTION_ID_BYTES);
    return new StunWriter({ method: METHOD.binding, class: type, transactionId }).fingerprint().finish();
  }
}
