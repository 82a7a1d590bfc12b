// The requests of a TURN client: written, signed, and asked again after a challenge (RFC 8656 §5, RFC 8489 §9.2.3).
import { type Endpoint, invariant, type Random } from '../../../core/index.ts';
import {
  ATTRIBUTE,
  LongTermCredentials,
  METHOD,
  type StunClientCounters,
  StunClientTransactions,
  type StunDatagram,
  type StunMessage,
  type StunResult,
  type StunSignature,
  type StunTiming,
  StunWriter,
  TRANSACTION_ID_BYTES,
} from '../../stun/index.ts';
import { encodeAddressFamily, encodeChannelNumber, encodeTransport, TRANSPORT_UDP } from '../values.ts';
import { turnFailureOf } from './failure.ts';
import type { TurnClientOptions, TurnFailure } from './types.ts';

/** What is asked for, and comes back with the result. */
export type TurnQuestion =
  | { readonly type: 'allocate' }
  /** 0 gives the allocation back. */
  | { readonly type: 'refresh'; readonly lifetimeSeconds: number | undefined }
  | { readonly type: 'permission'; readonly address: string }
  | { readonly type: 'channel'; readonly channel: number; readonly peer: Endpoint };

export type TurnAnswer =
  | { readonly question: TurnQuestion; readonly response: StunMessage; readonly failure?: undefined }
  | {
      readonly question: TurnQuestion;
      readonly failure: TurnFailure;
      readonly status?: number;
      readonly reason?: string;
      readonly alternateServer?: Endpoint;
    };

interface Attempt {
  readonly question: TurnQuestion;
  readonly signature: StunSignature | undefined;
  /** In transactions, this one among them. */
  readonly tries: number;
}

const METHODS: Readonly<Record<TurnQuestion['type'], number>> = {
  allocate: METHOD.allocate,
  refresh: METHOD.refresh,
  permission: METHOD.createPermission,
  channel: METHOD.channelBind,
};

/** Who goes does not wait for long: the allocation ends by itself. */
const FAREWELL: StunTiming = { rtoMs: 250, requestCount: 3, lastWaitFactor: 1 };

/** Sans-I/O. Ends each question with exactly one answer. */
export class TurnRequests {
  readonly #options: TurnClientOptions;
  readonly #random: Random;
  readonly #credentials: LongTermCredentials;
  readonly #transactions = new StunClientTransactions<Attempt>();
  readonly #waiting = new Set<string>();
  #answers: TurnAnswer[] = [];

  constructor(options: TurnClientOptions) {
    this.#options = options;
    this.#random = options.random;
    this.#credentials = new LongTermCredentials(options.credentials);
  }

  /** Questions that wait for their answer. */
  get size(): number {
    return this.#transactions.size;
  }

  get counters(): Readonly<StunClientCounters> {
    return this.#transactions.counters;
  }

  ask(now: number, question: TurnQuestion): void {
    this.#ask(now, question, 1);
  }

  /** Ends all of them without an answer. */
  cancelAll(): void {
    for (const key of this.#waiting) this.#transactions.cancel(key);
    this.#waiting.clear();
  }

  handleResponse(now: number, response: StunMessage, source: Endpoint): void {
    this.#transactions.handleResponse(now, response, source);
    this.#collect(now);
  }

  nextTimeoutAt(): number | undefined {
    return this.#transactions.nextTimeoutAt();
  }

  handleTimeout(now: number): void {
    this.#transactions.handleTimeout(now);
    this.#collect(now);
  }

  takeDatagrams(): readonly StunDatagram<unknown>[] {
    return this.#transactions.takeDatagrams();
  }

  takeAnswers(): readonly TurnAnswer[] {
    const answers = this.#answers;
    this.#answers = [];
    return answers;
  }

  #ask(now: number, question: TurnQuestion, tries: number): void {
    const { server, isReliable = false } = this.#options;
    const writer = this.#write(question);
    const signature = this.#credentials.sign(writer);
    const key = this.#transactions.start(now, {
      bytes: writer.fingerprint().finish(),
      remote: server,
      context: { question, signature, tries },
      isReliable,
      accepts: (response) => this.#credentials.accepts(response, signature),
      ...(isFarewell(question) ? FAREWELL : {}),
    });
    this.#waiting.add(key);
  }

  #write(question: TurnQuestion): StunWriter {
    const transactionId = this.#random.bytes(TRANSACTION_ID_BYTES);
    const writer = new StunWriter({ method: METHODS[question.type], class: 'request', transactionId });
    const { relayFamily, lifetimeSeconds } = this.#options;
    switch (question.type) {
      case 'allocate':
        writer.add(ATTRIBUTE.requestedTransport, encodeTransport(TRANSPORT_UDP));
        if (relayFamily === 6) writer.add(ATTRIBUTE.requestedAddressFamily, encodeAddressFamily(relayFamily));
        return lifetimeSeconds === undefined ? writer : writer.uint32(ATTRIBUTE.lifetime, lifetimeSeconds);
      case 'refresh':
        return question.lifetimeSeconds === undefined
          ? writer
          : writer.uint32(ATTRIBUTE.lifetime, question.lifetimeSeconds);
      case 'permission':
        return writer.xorAddress(ATTRIBUTE.xorPeerAddress, { address: question.address, port: 0 });
      case 'channel':
        writer.add(ATTRIBUTE.channelNumber, encodeChannelNumber(question.channel));
        return writer.xorAddress(ATTRIBUTE.xorPeerAddress, question.peer);
    }
  }

  #collect(now: number): void {
    for (const result of this.#transactions.takeResults()) this.#handleResult(now, result);
  }

  #handleResult(now: number, { key, context, outcome }: StunResult<Attempt>): void {
    this.#waiting.delete(key);
    const { question, signature, tries } = context;
    switch (outcome.type) {
      case 'success':
        this.#answers.push({ question, response: outcome.response });
        return;
      case 'error':
        if (this.#credentials.handleError(outcome.response, { signature, tries }) === 'retry') {
          this.#ask(now, question, tries + 1);
        } else this.#answers.push(refusal(question, outcome.response));
        return;
      case 'unusable':
        this.#answers.push({ question, failure: 'refused' });
        return;
      default:
        this.#answers.push({
          question,
          failure: outcome.type === 'untrusted' ? 'unauthorized' : 'timeout',
        });
    }
  }
}

function isFarewell(question: TurnQuestion): boolean {
  return question.type === 'refresh' && question.lifetimeSeconds === 0;
}

function refusal(question: TurnQuestion, response: StunMessage): TurnAnswer {
  const { error } = response;
  invariant(error, 'a transaction ends as an error only where there is an ERROR-CODE');
  const alternateServer = response.address(ATTRIBUTE.alternateServer);
  return {
    question,
    failure: turnFailureOf(error.code),
    status: error.code,
    reason: error.reason,
    ...(alternateServer ? { alternateServer } : {}),
  };
}
