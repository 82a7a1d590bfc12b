// Randomness, injected: from the system in production, from a seed in tests.
import { randomFillSync } from 'node:crypto';

/** A source of randomness. Tags, branches, nonces, SSRCs and jitter of timers all come from one of these. */
export interface Random {
  /** A whole number from 0 to 2^32 - 1. */
  uint32(): number;
  /** From 0 up to, not including, 1. */
  float(): number;
  /** Fresh bytes, owned by the caller. */
  bytes(count: number): Uint8Array;
  /** `length` characters of a-z and 0-9: 5 bits of randomness each. */
  token(length: number): string;
  /** A child whose numbers do not depend on how many the parent or other children took. */
  fork(label: string): Random;
}

// 32 characters, so that five random bits pick one without bias.
const TOKEN_ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';

abstract class RandomBase implements Random {
  abstract uint32(): number;
  abstract fork(label: string): Random;

  float(): number {
    return this.uint32() / 0x1_0000_0000;
  }

  bytes(count: number): Uint8Array {
    const bytes = new Uint8Array(count);
    for (let i = 0; i < count; i += 4) {
      let word = this.uint32();
      for (let j = i; j < i + 4 && j < count; j += 1) {
        bytes[j] = word & 0xff;
        word >>>= 8;
      }
    }
    return bytes;
  }

  token(length: number): string {
    let text = '';
    let word = 0;
    for (let i = 0; i < length; i += 1) {
      // Six characters of five bits fit into one 32-bit word.
      if (i % 6 === 0) word = this.uint32();
      text += TOKEN_ALPHABET[word & 31];
      word >>>= 5;
    }
    return text;
  }
}

/** Reproducible randomness: the same seed gives the same numbers (sfc32). Never for production secrets. */
export class SeededRandom extends RandomBase {
  readonly seed: number;
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(seed: number) {
    super();
    this.seed = seed >>> 0;
    this.#a = 0x9e3779b9 ^ this.seed;
    this.#b = 0x243f6a88;
    this.#c = 0xb7e15162;
    for (let i = 0; i < 12; i += 1) this.uint32();
  }

  uint32(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    return sum >>> 0;
  }

  fork(label: string): Random {
    // FNV-1a over the label, started from the seed.
    let hash = 0x811c9dc5 ^ this.seed;
    for (let i = 0; i < label.length; i += 1) hash = Math.imul(hash ^ label.charCodeAt(i), 0x01000193);
    return new SeededRandom(hash);
  }
}

/** Unpredictable randomness from the system, drawn in blocks. */
export class SystemRandom extends RandomBase {
  readonly #pool = new Uint32Array(1024);
  #next = this.#pool.length;

  uint32(): number {
    if (this.#next === this.#pool.length) {
      randomFillSync(this.#pool);
      this.#next = 0;
    }
    const word = this.#pool[this.#next] ?? 0;
    this.#pool[this.#next] = 0; // A used word never lies about in memory.
    this.#next += 1;
    return word;
  }

  fork(_label: string): Random {
    return this;
  }
}
