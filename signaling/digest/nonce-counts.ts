// Which nonce counts were used: a sliding window for each live nonce, so that no request is accepted twice.
import type { Nonce } from './nonce.ts';

/** What a nonce count came to. */
export type NonceUse = 'fresh' | 'replayed' | 'stale';

interface Uses {
  readonly issuedAt: number;
  highest: number;
  /** Bit n: count `highest - n` was used. */
  window: number;
}

// Requests that overtake each other on UDP are a few apart, not dozens.
const WINDOW = 32;

/**
 * Remembers uses until their nonce expires. Only requests that proved a password get in here. When the table is full,
 * the oldest entry goes and every nonce of its age becomes stale: that costs its phone a challenge, and no replay.
 */
export class NonceCounts {
  readonly #lifetimeMs: number;
  readonly #maxNonces: number;
  readonly #uses = new Map<number, Uses>();
  #staleUpTo = Number.NEGATIVE_INFINITY;

  constructor(options: { readonly lifetimeMs: number; readonly maxNonces: number }) {
    this.#lifetimeMs = options.lifetimeMs;
    this.#maxNonces = options.maxNonces;
  }

  /** Nonces that are remembered. */
  get size(): number {
    return this.#uses.size;
  }

  isStale(now: number, nonce: Nonce): boolean {
    return now - nonce.issuedAt >= this.#lifetimeMs || nonce.issuedAt <= this.#staleUpTo;
  }

  /**
   * Notes one use.
   *
   * @param count - nonce count, 1 to 2^32 - 1; 0 for a use without count, which spends the nonce altogether
   */
  use(now: number, nonce: Nonce, count: number): NonceUse {
    this.handleTimeout(now);
    const uses = this.#uses.get(nonce.serial);
    if (this.isStale(now, nonce)) return 'stale';
    if (uses) return count === 0 ? 'replayed' : slide(uses, count);
    this.#makeRoom();
    if (this.isStale(now, nonce)) return 'stale';
    // Without a count nothing tells a second use from a replay: the window is closed.
    const entry = { highest: count === 0 ? Number.POSITIVE_INFINITY : count, window: 1 };
    this.#uses.set(nonce.serial, { issuedAt: nonce.issuedAt, ...entry });
    return 'fresh';
  }

  nextTimeoutAt(): number | undefined {
    for (const uses of this.#uses.values()) return uses.issuedAt + this.#lifetimeMs;
    return undefined;
  }

  /** Forgets expired nonces, in the order of their first use. A younger one in front delays those behind it. */
  handleTimeout(now: number): void {
    for (const [serial, uses] of this.#uses) {
      if (now - uses.issuedAt < this.#lifetimeMs) return;
      this.#uses.delete(serial);
    }
  }

  #makeRoom(): void {
    if (this.#uses.size < this.#maxNonces) return;
    for (const [serial, uses] of this.#uses) {
      this.#uses.delete(serial);
      this.#staleUpTo = Math.max(this.#staleUpTo, uses.issuedAt);
      return;
    }
  }
}

function slide(uses: Uses, count: number): NonceUse {
  const ahead = count - uses.highest;
  if (ahead > 0) {
    uses.window = ahead >= WINDOW ? 1 : ((uses.window << ahead) | 1) >>> 0;
    uses.highest = count;
    return 'fresh';
  }
  const bit = -ahead;
  if (bit >= WINDOW || ((uses.window >>> bit) & 1) === 1) return 'replayed';
  uses.window = (uses.window | (1 << bit)) >>> 0;
  return 'fresh';
}
