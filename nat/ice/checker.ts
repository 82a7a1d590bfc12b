// Sends checks on pairs, and tells what their answers mean (RFC 8445 §7.2).
import { type Endpoint, isSameEndpoint, type Random } from '../../core/index.ts';
import {
  type StunKey,
  type StunMessage,
  shortTermKey,
  TRANSACTION_ID_BYTES,
  transactionKeyOf,
} from '../stun/index.ts';
import type { CandidatePair } from './candidate-pair.ts';
import type { CheckBudget } from './check-budget.ts';
import { encodeCheck, isAnswerOf } from './check-message.ts';
import { CheckTransactions, type PendingCheck } from './check-transactions.ts';
import type { IceCounters } from './counters.ts';
import { isCheckable } from './destination.ts';
import { peerReflexivePriority } from './priority.ts';
import type { RoleHolder } from './role.ts';
import type { BaseId, IceCredentials, IceDatagram } from './types.ts';

/** What checks are made of, and where they go. */
export interface CheckerOptions {
  readonly random: Random;
  readonly local: IceCredentials;
  readonly remote: IceCredentials;
  readonly role: RoleHolder;
  readonly budget: CheckBudget;
  readonly counters: IceCounters;
  readonly datagrams: IceDatagram[];
}

export interface CheckOptions {
  readonly isNominating?: boolean;
  /** First interval of retransmission; not given: it is sent once. */
  readonly rtoMs?: number;
}

/** What an answer, or its absence, says of a pair. */
export type CheckOutcome =
  | { readonly type: 'success'; readonly check: PendingCheck; readonly mapped: Endpoint }
  /** 487 (RFC 8445 §7.2.5.1). */
  | { readonly type: 'roleConflict'; readonly check: PendingCheck }
  | { readonly type: 'failure'; readonly check: PendingCheck };

/** Where a datagram came in. */
export interface Arrival {
  readonly base: BaseId;
  /** Its address normalized. */
  readonly remote: Endpoint;
}

export class Checker {
  readonly #options: CheckerOptions;
  readonly #remoteKey: StunKey;
  readonly #transactions = new CheckTransactions();

  constructor(options: CheckerOptions) {
    this.#options = options;
    this.#remoteKey = shortTermKey(options.remote.password);
  }

  /** Checks that wait for an answer. */
  get size(): number {
    return this.#transactions.size;
  }

  /** Sends a check; whatever else was under way on the pair is cancelled where this one is sent again and again. */
  start(now: number, pair: CandidatePair, { isNominating = false, rtoMs }: CheckOptions = {}): void {
    const { random, local, remote, role } = this.#options;
    const transactionId = random.bytes(TRANSACTION_ID_BYTES);
    const bytes = encodeCheck({
      transactionId,
      remote,
      localUfrag: local.ufrag,
      priority: peerReflexivePriority(pair.local.candidate),
      role: role.role,
      tieBreaker: role.tieBreaker,
      isNominating,
    });
    if (rtoMs !== undefined) this.#transactions.cancel(now, pair);
    const key = transactionKeyOf(transactionId);
    const check = { key, pair, bytes, role: role.role, isNominating, startedAt: now, rtoMs };
    this.#transactions.add(now, { ...check, sends: 1, isCancelled: false });
    pair.firstCheckedAt ??= now;
    pair.lastCheckedAt = now;
    if (this.#send(now, pair, bytes)) this.#options.counters.checksSent += 1;
  }

  /** RFC 8445 §7.3.1.4. */
  cancel(now: number, pair: CandidatePair): void {
    this.#transactions.cancel(now, pair);
  }

  expects(message: StunMessage): boolean {
    return this.#transactions.find(message.transactionKey) !== undefined;
  }

  /** @returns undefined for what proves nothing: it is counted, and the check waits on */
  handleAnswer(now: number, answer: StunMessage, arrival: Arrival): CheckOutcome | undefined {
    const check = this.#transactions.find(answer.transactionKey);
    if (!check) return undefined;
    const fault = this.#faultOf(check, answer, arrival);
    if (fault) {
      this.#options.counters[fault] += 1;
      return undefined;
    }
    this.#transactions.take(check.key);
    return this.#outcomeOf(now, check, answer);
  }

  nextTimeoutAt(): number | undefined {
    return this.#transactions.nextAt();
  }

  /** @returns the checks that nobody answered, whose pairs fail with them */
  handleTimeout(now: number): readonly PendingCheck[] {
    const { resent, expired } = this.#transactions.takeDue(now);
    for (const { pair, bytes } of resent) {
      if (this.#send(now, pair, bytes)) this.#options.counters.checksResent += 1;
    }
    return expired.filter(({ isCancelled }) => !isCancelled);
  }

  #faultOf(
    check: PendingCheck,
    answer: StunMessage,
    { base, remote }: Arrival,
  ): keyof IceCounters | undefined {
    // An error that is not sealed could be anybody's: the check goes on as if it had not come.
    if (!isAnswerOf(answer, this.#remoteKey)) return 'answersForged';
    const { pair } = check;
    if (pair.base !== base || !isSameEndpoint(pair.destination, remote)) return 'answersFromElsewhere';
    if (answer.class === 'error') return answer.error ? undefined : 'answersMalformed';
    return answer.mappedAddress && isCheckable(answer.mappedAddress) ? undefined : 'answersMalformed';
  }

  #outcomeOf(now: number, check: PendingCheck, answer: StunMessage): CheckOutcome {
    const mapped = answer.mappedAddress;
    if (answer.class === 'error' || !mapped) {
      return { type: answer.error?.code === 487 ? 'roleConflict' : 'failure', check };
    }
    const { pair } = check;
    pair.answeredAt = now;
    // Karn: the answer to what was sent twice may be to either.
    if (check.sends === 1) pair.roundTripMs = now - check.startedAt;
    this.#options.budget.handleAnswer(pair.base, pair.destination.address);
    this.#options.counters.checksAnswered += 1;
    return { type: 'success', check, mapped };
  }

  /** @returns whether it went out */
  #send(now: number, pair: CandidatePair, bytes: Uint8Array): boolean {
    const { budget, counters, datagrams } = this.#options;
    const isAllowed = pair.isValid || budget.take(now, pair.base, pair.destination.address);
    if (isAllowed) datagrams.push({ base: pair.base, bytes, remote: pair.destination });
    else counters.checksWithheld += 1;
    return isAllowed;
  }
}
