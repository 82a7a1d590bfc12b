// Whether the path in use still lives (RFC 7675), noticed before anybody hears it.
import type { Random } from '../../core/index.ts';

/** RFC 7675 §5.1: a check every 5 s, each interval drawn between 0.8 and 1.2 times that. */
const CONSENT_INTERVAL_MS = 5_000;
const [LEAST_SHARE, SHARE_SPAN] = [0.8, 0.4];
/** RFC 7675 §5.1: without an answer for so long, nothing more may be sent. */
export const CONSENT_EXPIRY_MS = 30_000;
/** An answer that took longer than this, and two round trips, is missed. */
const ANSWER_WAIT_MS = 500;
/** An answer that young leaves nothing to ask. */
const FRESH_MS = 1_000;
/** The path is in doubt: so often it is asked. */
const SUSPECT_INTERVAL_MS = 100;
/**
 * Dead: so many checks without an answer, the first of them so long ago (and three round trips at least). Where one packet
 * in ten is lost, one doubt in four thousand is wrong.
 */
const DEAD_AFTER_CHECKS = 6;
const DEAD_AFTER_MS = 600;
/** A dead path is asked so often until its consent expires. */
const DEAD_INTERVAL_MS = 500;

/** `suspect` an answer is missing; `dead` several are; `expired` consent is gone. */
export type PathHealth = 'alive' | 'suspect' | 'dead' | 'expired';

/** An answer to one of our checks. */
export interface PathAnswer {
  readonly roundTripMs: number | null;
  readonly sentAt: number;
}

/**
 * The health of one selected pair.
 *
 * ```
 *            no answer, or probe()              six unanswered           30 s
 *   alive ---------------------------> suspect ----------------> dead -------> expired
 *     ^                                   |                        |
 *     +------------- an answer -----------+------------------------+
 * ```
 */
export class PathWatch {
  readonly #random: Random;
  #health: PathHealth = 'alive';
  #answeredAt: number;
  #checkAt: number;
  #unanswered = 0;
  #unansweredSince = 0;
  #doubtedAt = 0;
  #roundTripMs = 0;

  /** @param answeredAt - when the pair last answered */
  constructor(random: Random, answeredAt: number) {
    this.#random = random;
    this.#answeredAt = answeredAt;
    this.#checkAt = answeredAt + this.#consentInterval();
  }

  get health(): PathHealth {
    return this.#health;
  }

  /** Since when it is in doubt; of no meaning while it is alive. */
  get doubtedAt(): number {
    return this.#doubtedAt;
  }

  get nextAt(): number | undefined {
    if (this.#health === 'expired') return undefined;
    const expiryAt = this.#answeredAt + CONSENT_EXPIRY_MS;
    return Math.min(this.#checkAt, expiryAt);
  }

  /**
   * @param sentAt - when the check was sent: what was answered from before the doubt renews consent, and does not end it
   */
  handleAnswer(now: number, { roundTripMs, sentAt }: PathAnswer): void {
    if (this.#health === 'expired') return;
    this.#answeredAt = now;
    if (this.#health !== 'alive' && sentAt < this.#doubtedAt) return;
    this.#health = 'alive';
    this.#unanswered = 0;
    this.#roundTripMs = roundTripMs ?? this.#roundTripMs;
    this.#checkAt = now + this.#consentInterval();
  }

  /** Somebody has reason to doubt: ask now. */
  probe(now: number): void {
    if (this.#health !== 'alive') return;
    this.#doubt(now);
    this.#unanswered = 0;
    this.#checkAt = now;
  }

  /**
   * The peer asks, perhaps because it hears nothing. Who hears everything would learn of it with the next consent check
   * only, so we ask as well: a triggered check (RFC 8445 §7.3.1.4), no more often than once in {@link FRESH_MS}.
   */
  handlePeerCheck(now: number): void {
    if (this.#health !== 'alive' || this.#unanswered > 0 || now - this.#answeredAt < FRESH_MS) return;
    this.#checkAt = now;
  }

  /** It is known to be dead. */
  giveUp(): void {
    if (this.#health !== 'expired') this.#health = 'dead';
  }

  /** @returns whether a check is to be sent now */
  handleTimeout(now: number): boolean {
    if (this.#health === 'expired') return false;
    if (now - this.#answeredAt >= CONSENT_EXPIRY_MS) this.#health = 'expired';
    else if (this.#isDead(now)) this.#health = 'dead';
    if (this.#health === 'expired' || now < this.#checkAt) return false;
    if (this.#health === 'alive' && this.#unanswered > 0) this.#doubt(this.#unansweredSince);
    this.#noteCheck(now);
    return true;
  }

  #doubt(since: number): void {
    this.#health = 'suspect';
    this.#doubtedAt = since;
  }

  #noteCheck(now: number): void {
    if (this.#unanswered === 0) this.#unansweredSince = now;
    this.#unanswered += 1;
    this.#checkAt = now + this.#intervalMs();
  }

  /** After a check: while all was well, the next one comes when the answer is missed. */
  #intervalMs(): number {
    if (this.#health === 'alive') return ANSWER_WAIT_MS + 2 * this.#roundTripMs;
    return this.#health === 'dead' ? DEAD_INTERVAL_MS : SUSPECT_INTERVAL_MS;
  }

  #isDead(now: number): boolean {
    const silentMs = now - this.#unansweredSince;
    const limitMs = Math.max(DEAD_AFTER_MS, 3 * this.#roundTripMs);
    return this.#unanswered >= DEAD_AFTER_CHECKS && silentMs >= limitMs;
  }

  #consentInterval(): number {
    return CONSENT_INTERVAL_MS * (LEAST_SHARE + SHARE_SPAN * this.#random.float());
  }
}
