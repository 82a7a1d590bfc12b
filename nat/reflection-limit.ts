// Strangers are answered so often and no more, because whoever forges his source has our answers sent to a third party.
import { TokenBucket } from './token-bucket.ts';

/** Fixed, so that no number of forged sources makes us grow. */
const BUCKETS = 1024;
/** To the addresses of one bucket: a company behind one NAT that comes back after a power cut is served in a second. */
const ANSWERS_PER_SECOND = 50;

/**
 * Counts answers to requests that nobody has proven to be his, where they are larger than the request or go elsewhere
 * than it came from: a challenge of TURN has a nonce and a realm (RFC 8656 §21.1.6; with the default realm 84 bytes to
 * an Allocate of 28), a STUN server with alternates tells of them in 56 bytes to 20.
 */
export class ReflectionLimit {
  readonly #seed: number;
  readonly #buckets = new Array<TokenBucket | undefined>(BUCKETS).fill(undefined);

  /** @param seed - 32 bits at random, so that nobody can aim at the bucket of another */
  constructor(seed: number) {
    this.#seed = seed;
  }

  /** Whether one more answer may go there. */
  take(now: number, address: string): boolean {
    const index = this.#indexOf(address);
    const bucket = this.#buckets[index] ?? new TokenBucket(ANSWERS_PER_SECOND);
    this.#buckets[index] = bucket;
    return bucket.take(now, 1);
  }

  /** FNV-1a, started from the seed. */
  #indexOf(address: string): number {
    let hash = 0x811c9dc5 ^ this.#seed;
    for (let i = 0; i < address.length; i += 1) hash = Math.imul(hash ^ address.charCodeAt(i), 0x01000193);
    return (hash ^ (hash >>> 15)) & (BUCKETS - 1);
  }
}
