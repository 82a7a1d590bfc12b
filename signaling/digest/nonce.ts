// Nonces that need no memory: they carry their own birth time under a seal (RFC 7616 §5.4).
import { hmac, isEqualInConstantTime, type Random } from '../../core/index.ts';

/** What a nonce of ours says. */
export interface Nonce {
  /** Different for all nonces of one mint that live at the same time. */
  readonly serial: number;
  /** Monotonic milliseconds, to the second. */
  readonly issuedAt: number;
}

// Seconds and serial as eight hexadecimal digits each, then sixteen bytes of seal.
const SHAPE = /^[0-9a-f]{48}$/;
const BODY_LENGTH = 16;
const SEAL_BYTES = 16;

/** Makes nonces and knows its own. Its secret dies with the process: nonces of an earlier one are stale. */
export class NonceMint {
  readonly #secret: Uint8Array;
  #serial: number;

  constructor(random: Random) {
    this.#secret = random.bytes(32);
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

  #seal(body: string): string {
    return Buffer.from(hmac('sha256', this.#secret, body)).toString('hex', 0, SEAL_BYTES);
  }
}

function hex32(value: number): string {
  return (value >>> 0).toString(16).padStart(8, '0');
}
