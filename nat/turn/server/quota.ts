// How many allocations there may be: of one user, and in total (RFC 8656 §7.2, 486).
import { DEFAULT_QUOTAS, type TurnQuotas } from './options.ts';

export class Quota {
  readonly #perUser: number;
  readonly #total: number;
  readonly #taken = new Map<string, number>();
  #sum = 0;

  constructor({ perUser = DEFAULT_QUOTAS.perUser, total = DEFAULT_QUOTAS.total }: TurnQuotas = {}) {
    this.#perUser = perUser;
    this.#total = total;
  }

  /** How many users have something. */
  get userCount(): number {
    return this.#taken.size;
  }

  /** @returns false where the user, or everybody, has all that he may have */
  take(user: string): boolean {
    const taken = this.#taken.get(user) ?? 0;
    if (taken >= this.#perUser || this.#sum >= this.#total) return false;
    this.#taken.set(user, taken + 1);
    this.#sum += 1;
    return true;
  }

  giveBack(user: string): void {
    const taken = this.#taken.get(user) ?? 0;
    if (taken === 0) return;
    if (taken === 1) this.#taken.delete(user);
    else this.#taken.set(user, taken - 1);
    this.#sum -= 1;
  }
}
