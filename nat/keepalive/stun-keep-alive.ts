// Keeps one UDP flow alive by STUN (RFC 5626 §3.5.2), and learns whether it still is what it was.
import { DecodeError, type Endpoint, isSameEndpoint, type Random } from '../../core/index.ts';
import {
  decodeStun,
  METHOD,
  StunClientTransactions,
  type StunDatagram,
  type StunOutcome,
  StunWriter,
  TRANSACTION_ID_BYTES,
} from '../stun/index.ts';

/** Sent at 0, 0.5, 1.5, 3.5 and 7.5 s and given up after 9.5 s: a flow that is gone is to be known soon. */
const REQUEST_COUNT = 5;
const LAST_WAIT_FACTOR = 4;

/**
 * `alive`: answered, from the same mapping as before; `moved`: we are seen elsewhere than before, so that nobody reaches
 * us where we were; `lost`: not answered any more; `unanswered`: never answered, by a server that knows no STUN there.
 */
export type FlowVerdict = 'alive' | 'moved' | 'lost' | 'unanswered';

export interface StunKeepAliveOptions {
  readonly random: Random;
  /** Far end of the flow. */
  readonly remote: Endpoint;
}

/** Sans-I/O: one flow's keep-alives, one at a time. */
export class StunKeepAlive {
  readonly #random: Random;
  readonly #remote: Endpoint;
  readonly #transactions = new StunClientTransactions();
  #mapped: Endpoint | undefined;
  #verdicts: FlowVerdict[] = [];

  constructor({ random, remote }: StunKeepAliveOptions) {
    this.#random = random;
    this.#remote = remote;
  }

  /** How the server sees us; undefined before its first answer. */
  get mapped(): Endpoint | undefined {
    return this.#mapped;
  }

  /** Sends a keep-alive, unless one is under way. */
  ask(now: number): void {
    if (this.#transactions.size > 0) return;
    const transactionId = this.#random.bytes(TRANSACTION_ID_BYTES);
    const bytes = new StunWriter({ class: 'request', method: METHOD.binding, transactionId }).finish();
    this.#transactions.start(now, {
      bytes,
      remote: this.#remote,
      context: undefined,
      requestCount: REQUEST_COUNT,
      lastWaitFactor: LAST_WAIT_FACTOR,
    });
  }

  /** Takes what came over the flow and is no SIP. */
  handleDatagram(now: number, bytes: Uint8Array, source: Endpoint): void {
    const message = decodeStun(bytes);
    if (message instanceof DecodeError) return;
    if (message.class !== 'success' && message.class !== 'error') return;
    this.#transactions.handleResponse(now, message, source);
    this.#conclude();
  }

  nextTimeoutAt(): number | undefined {
    return this.#transactions.nextTimeoutAt();
  }

  handleTimeout(now: number): void {
    this.#transactions.handleTimeout(now);
    this.#conclude();
  }

  takeDatagrams(): readonly StunDatagram<undefined>[] {
    return this.#transactions.takeDatagrams();
  }

  takeVerdicts(): readonly FlowVerdict[] {
    const verdicts = this.#verdicts;
    this.#verdicts = [];
    return verdicts;
  }

  #conclude(): void {
    for (const { outcome } of this.#transactions.takeResults()) this.#verdicts.push(this.#judge(outcome));
  }

  #judge(outcome: StunOutcome): FlowVerdict {
    const mapped = outcome.type === 'success' ? outcome.response.mappedAddress : undefined;
    if (!mapped) return this.#mapped ? 'lost' : 'unanswered';
    const before = this.#mapped;
    this.#mapped = mapped;
    return before && !isSameEndpoint(before, mapped) ? 'moved' : 'alive';
  }
}
