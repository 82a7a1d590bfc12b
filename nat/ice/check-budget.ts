// How much we send to addresses that never answered: a peer may name those of others (RFC 8445 §19.5.1).
import type { BaseId } from './types.ts';

/** So many packets to one address that never answered: all retransmissions of some eleven pairs. */
export const UNANSWERED_CHECKS = 80;
/** And then one more in so long. */
const REFILL_MS = 10_000;
/** Accounts that are kept; where all of them still count, nothing goes to anybody else. */
const MAX_ACCOUNTS = 512;

interface Account {
  readonly base: BaseId;
  spent: number;
  refilledAt: number;
}

/** Counts by address, not by port, for it is a host that would be flooded; and by base: a relay may get through. */
export class CheckBudget {
  readonly #accounts = new Map<string, Account>();

  /** @returns whether one more packet may go there */
  take(now: number, base: BaseId, address: string): boolean {
    const account = this.#accountOf(now, base, address);
    if (!account) return false;
    refill(now, account);
    if (account.spent >= UNANSWERED_CHECKS) return false;
    account.spent += 1;
    return true;
  }

  /** Somebody is there who knows the password: it wants our checks. */
  handleAnswer(base: BaseId, address: string): void {
    this.#accounts.delete(keyOf(base, address));
  }

  /** Nothing is sent through it any more. */
  removeBase(base: BaseId): void {
    for (const [key, account] of this.#accounts) if (account.base === base) this.#accounts.delete(key);
  }

  #accountOf(now: number, base: BaseId, address: string): Account | undefined {
    const key = keyOf(base, address);
    const known = this.#accounts.get(key);
    if (known) return known;
    if (this.#accounts.size >= MAX_ACCOUNTS) this.#forgetRefilled(now);
    if (this.#accounts.size >= MAX_ACCOUNTS) return undefined;
    const account = { base, spent: 0, refilledAt: now };
    this.#accounts.set(key, account);
    return account;
  }

  /** What may be spent in full again is as good as new: after restarts and moves nobody is there any more. */
  #forgetRefilled(now: number): void {
    for (const [key, account] of this.#accounts) {
      refill(now, account);
      if (account.spent === 0) this.#accounts.delete(key);
    }
  }
}

function refill(now: number, account: Account): void {
  const count = Math.floor((now - account.refilledAt) / REFILL_MS);
  account.spent = Math.max(0, account.spent - count);
  account.refilledAt += count * REFILL_MS;
}

function keyOf(base: BaseId, address: string): string {
  return `${base} ${address}`;
}
