// How much we send to addresses that never answered: a peer may name those of others (RFC 8445 §19.5.1).
import type { BaseId } from './types.ts';

/** So many packets to one address that never answered: all retransmissions of some eleven pairs. */
export const UNANSWERED_CHECKS = 80;
/** And then one more in so long. */
const REFILL_MS = 10_000;
/** Accounts that are kept; where there is none left, nothing goes. */
const MAX_ACCOUNTS = 512;

interface Account {
  spent: number;
  refilledAt: number;
}

/** Counts by address, not by port, for it is a host that would be flooded; and by base: a relay may get through. */
export class CheckBudget {
  readonly #accounts = new Map<string, Account>();

  /** @returns whether one more packet may go there */
  take(now: number, base: BaseId, address: string): boolean {
    const account = this.#accountOf(now, `${base} ${address}`);
    if (!account) return false;
    const refill = Math.floor((now - account.refilledAt) / REFILL_MS);
    account.spent = Math.max(0, account.spent - refill);
    account.refilledAt += refill * REFILL_MS;
    if (account.spent >= UNANSWERED_CHECKS) return false;
    account.spent += 1;
    return true;
  }

  /** Somebody is there who knows the password: it wants our checks. */
  handleAnswer(base: BaseId, address: string): void {
    this.#accounts.delete(`${base} ${address}`);
  }

  #accountOf(now: number, key: string): Account | undefined {
    const known = this.#accounts.get(key);
    if (known || this.#accounts.size >= MAX_ACCOUNTS) return known;
    const account = { spent: 0, refilledAt: now };
    this.#accounts.set(key, account);
    return account;
  }
}
