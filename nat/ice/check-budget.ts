// How much we send to addresses that never answered: a peer may name those of others (RFC 8445 §19.5.1).

/** So many packets to one address that never answered: all retransmissions of some eleven pairs. */
export const UNANSWERED_CHECKS = 80;
/** And then one more in so long. */
const REFILL_MS = 10_000;
/** Addresses that are kept account of; no more are checked. */
const MAX_ADDRESSES = 256;

interface Account {
  spent: number;
  refilledAt: number;
}

/** Counts by address, not by port: it is a host that would be flooded. */
export class CheckBudget {
  readonly #accounts = new Map<string, Account>();

  /** @returns whether one more packet may go there */
  take(now: number, address: string): boolean {
    const account = this.#accountOf(now, address);
    if (!account) return false;
    const refill = Math.floor((now - account.refilledAt) / REFILL_MS);
    account.spent = Math.max(0, account.spent - refill);
    account.refilledAt += refill * REFILL_MS;
    if (account.spent >= UNANSWERED_CHECKS) return false;
    account.spent += 1;
    return true;
  }

  /** Somebody is there who knows the password: it wants our checks. */
  handleAnswer(address: string): void {
    this.#accounts.delete(address);
  }

  #accountOf(now: number, address: string): Account | undefined {
    const known = this.#accounts.get(address);
    if (known || this.#accounts.size >= MAX_ADDRESSES) return known;
    const account = { spent: 0, refilledAt: now };
    this.#accounts.set(address, account);
    return account;
  }
}
