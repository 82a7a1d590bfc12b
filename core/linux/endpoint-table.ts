// Who is at an address and port, found by the words in which the kernel writes them: no text, no object a look-up.

/** Words of a key: family and port, then one word of IPv4 or four of IPv6. */
const KEY_WORDS = 5;
const FIRST_CAPACITY = 64;
/** Of struct sockaddr_in6, in words: where its address begins. */
const IPV6_ADDRESS = 2;

/** A hash table with open addressing. All its keys are of one family. */
export class EndpointTable<Value> {
  readonly #isV6: boolean;
  readonly #seed: number;
  #keys = new Int32Array(FIRST_CAPACITY * KEY_WORDS);
  #values = new Array<Value | undefined>(FIRST_CAPACITY).fill(undefined);
  #size = 0;

  /** @param seed - 32 bits at random, so that nobody can choose addresses that collide */
  constructor(isV6: boolean, seed: number) {
    this.#isV6 = isV6;
    this.#seed = seed;
  }

  get size(): number {
    return this.#size;
  }

  /** @param words - where a sockaddr_in or sockaddr_in6 begins at `offset` */
  get(words: Int32Array, offset: number): Value | undefined {
    return this.#values[this.#find(words, offset)];
  }

  set(words: Int32Array, offset: number, value: Value): void {
    if (2 * (this.#size + 1) > this.#values.length) this.#grow();
    const index = this.#find(words, offset);
    if (this.#values[index] === undefined) this.#size += 1;
    this.#values[index] = value;
    for (let i = 0; i < KEY_WORDS; i += 1) {
      this.#keys[index * KEY_WORDS + i] = this.#keyWord(words, offset, i);
    }
  }

  delete(words: Int32Array, offset: number): void {
    let hole = this.#find(words, offset);
    if (this.#values[hole] === undefined) return;
    this.#size -= 1;
    const mask = this.#values.length - 1;
    // What stands behind the hole moves up, where it may stand there: no look-up then ends too early.
    for (let next = (hole + 1) & mask; this.#values[next] !== undefined; next = (next + 1) & mask) {
      const home = this.#hash(this.#keys, next * KEY_WORDS);
      if (((next - home) & mask) < ((next - hole) & mask)) continue;
      this.#keys.copyWithin(hole * KEY_WORDS, next * KEY_WORDS, (next + 1) * KEY_WORDS);
      this.#values[hole] = this.#values[next];
      hole = next;
    }
    this.#values[hole] = undefined;
  }

  /** @returns where the key is, or where it would be put */
  #find(words: Int32Array, offset: number): number {
    const mask = this.#values.length - 1;
    let index = this.#isV6 ? this.#hashOf(words, offset) : this.#hashOfV4(words, offset);
    while (this.#values[index] !== undefined && !this.#isAt(index, words, offset)) index = (index + 1) & mask;
    return index;
  }

  #isAt(index: number, words: Int32Array, offset: number): boolean {
    const at = index * KEY_WORDS;
    if (this.#keys[at] !== words[offset]) return false;
    if (!this.#isV6) return this.#keys[at + 1] === words[offset + 1];
    for (let i = 1; i < KEY_WORDS; i += 1) {
      if (this.#keys[at + i] !== words[offset + IPV6_ADDRESS + i - 1]) return false;
    }
    return true;
  }

  #keyWord(words: Int32Array, offset: number, index: number): number {
    if (index === 0) return words[offset] ?? 0;
    if (!this.#isV6) return index === 1 ? (words[offset + 1] ?? 0) : 0;
    return words[offset + IPV6_ADDRESS + index - 1] ?? 0;
  }

  #hashOfV4(words: Int32Array, offset: number): number {
    return this.#finish(mix(mix(this.#seed, words[offset] ?? 0), words[offset + 1] ?? 0));
  }

  #hashOf(words: Int32Array, offset: number): number {
    let hash = mix(this.#seed, words[offset] ?? 0);
    for (let i = 0; i < 4; i += 1) hash = mix(hash, words[offset + IPV6_ADDRESS + i] ?? 0);
    return this.#finish(hash);
  }

  /** Of a key of ours. */
  #hash(keys: Int32Array, offset: number): number {
    let hash = mix(mix(this.#seed, keys[offset] ?? 0), keys[offset + 1] ?? 0);
    if (this.#isV6) for (let i = 2; i < KEY_WORDS; i += 1) hash = mix(hash, keys[offset + i] ?? 0);
    return this.#finish(hash);
  }

  #finish(hash: number): number {
    return (hash ^ (hash >>> 15)) & (this.#values.length - 1);
  }

  #grow(): void {
    const [keys, values] = [this.#keys, this.#values];
    this.#keys = new Int32Array(2 * keys.length);
    this.#values = new Array<Value | undefined>(2 * values.length).fill(undefined);
    const mask = this.#values.length - 1;
    for (const [from, value] of values.entries()) {
      if (value === undefined) continue;
      let index = this.#hash(keys, from * KEY_WORDS);
      while (this.#values[index] !== undefined) index = (index + 1) & mask;
      this.#values[index] = value;
      this.#keys.set(keys.subarray(from * KEY_WORDS, (from + 1) * KEY_WORDS), index * KEY_WORDS);
    }
  }
}

function mix(hash: number, word: number): number {
  const mixed = Math.imul(hash ^ word, 0x9e37_79b1);
  return mixed ^ (mixed >>> 13);
}
