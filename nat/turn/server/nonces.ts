// Nonces that need no memory: the time at which each was made, and a proof that we made it (RFC 8489 §9.2, §14.10).
import { hmac, isEqualInConstantTime, type Random } from '../../../core/index.ts';
import { nonceCookie } from '../../stun/nonce-cookie.ts';

/** RFC 8656 §5: at least once an hour. */
export const NONCE_LIFETIME_MS = 3_600_000;

/** Base64 in fours: 3 bytes of seconds, 9 bytes of proof. */
const TIME_CHARACTERS = 4;
const PROOF_CHARACTERS = 12;
const PROOF_BYTES = 9;
// 24 bits of seconds come again after 194 days.
const TIME_RANGE = 0x100_0000;
const SECRET_BYTES = 32;

/** One that was issued to one address is nobody else's. */
export class Nonces {
  readonly #secret: Uint8Array;
  readonly #cookie = nonceCookie(['passwordAlgorithms']);

  constructor(random: Random) {
    this.#secret = random.bytes(SECRET_BYTES);
  }

  issue(now: number, address: string): string {
    const seconds = Math.floor(now / 1000) % TIME_RANGE;
    const time = Buffer.of(seconds >> 16, (seconds >> 8) & 0xff, seconds & 0xff).toString('base64');
    return this.#cookie + time + this.#proofOf(time, address);
  }

  /** Whether it is one of ours, for this address, and not too old. */
  isFresh(now: number, nonce: string, address: string): boolean {
    if (nonce.length !== this.#cookie.length + TIME_CHARACTERS + PROOF_CHARACTERS) return false;
    const time = nonce.slice(this.#cookie.length, this.#cookie.length + TIME_CHARACTERS);
    if (!isEqualInConstantTime(nonce, this.#cookie + time + this.#proofOf(time, address))) return false;
    const [high = 0, middle = 0, low = 0] = Buffer.from(time, 'base64');
    const issuedAt = (high << 16) | (middle << 8) | low;
    const ageSeconds = (Math.floor(now / 1000) - issuedAt + 2 * TIME_RANGE) % TIME_RANGE;
    return ageSeconds * 1000 <= NONCE_LIFETIME_MS;
  }

  #proofOf(time: string, address: string): string {
    const proof = hmac('sha256', this.#secret, `${time} ${address}`);
    return Buffer.from(proof.subarray(0, PROOF_BYTES)).toString('base64');
  }
}
