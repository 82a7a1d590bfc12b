// Nonces that need no memory: they carry their own birth time under a seal (RFC 7616 §5.4).
import { hashHex, isEqualInConstantTime, type Random } from '../../core/index.ts';

/** What a nonce of ours says. */
export interface Nonce {
  /** Different for all nonces of one mint that live at the same time. */
  readonly serial: number;
  /** Monotonic milliseconds, to the second. */
  readonly issuedAt: number;
}

// Seconds and serial as eight hexadecimal digits each, then thirty-two of the seal.
const SHAPE = /^[0-9a-f]{48}$/;
const BODY_LENGTH = 16;
const SEAL_DIGITS = 32;

/** Makes nonces and knows its own. Its secret dies with the process: nonces of an earlier one are stale. */
export class NonceMint {
  /** 64 hexadecimal digits. */
  readonly #secret: string;
  #serial: number;

  constructor(random: Random) {
    this.#secret = Buffer.from(random.bytes(32)).toString('hex');
    this.#serial = random.uint32();
  }

  issue(now: number): string {
    this.#serial = (this.#serial + 1) >>> 0;
    const body = hex32(Math.floor(now / 1000)) + hex32(this.#serial);
    return body + this.#seal(body);
  }

  /** @returns undefined where the nonce was not made by this mint */
  open(text: string): Nonce | undefined {
    if (!SHAPE.test(text)) return undefined;
    const body = text.slice(0, BODY_LENGTH);
    if (!isEqualInConstantTime(text.slice(BODY_LENGTH), this.#seal(body))) return undefined;
    return {
      issuedAt: Number.parseInt(body.slice(0, 8), 16) * 1000,
      serial: Number.parseInt(body.slice(8), 16),
    };
  }

  /**
   * A hash over secret and body. HMAC would cost twice as much for every challenge, and what it is for cannot happen
   * here: the body has one length, and half of the hash is kept, so nobody can go on from it to a longer text.
   */
  #seal(body: string): string {
    return hashHex('sha256', this.#secret + body).slice(0, SEAL_DIGITS);
  }
}

function hex32(value: number): string {
  return (value >>> 0).toString(16).padStart(8, '0');
}
