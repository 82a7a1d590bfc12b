// Memory that recvmmsg and sendmmsg want: a header a datagram, each with up to two places for its bytes.
//
// struct mmsghdr  | name (8) | name length (4), pad (4) | iov (8) | iov count (8) | control (8) | control length (8) |
//                 | flags (4), pad (4) | length of the datagram (4), pad (4) |
// struct iovec    | base (8) | length (8) |

import type { SystemCalls } from './system-calls.ts';

/** Datagrams in one system call: with 256 a core relays a fifth more than with 64. */
export const BATCH_CAPACITY = 256;

const WORD = 4;
const MESSAGE_WORDS = 16;
/** Of struct mmsghdr, in words. */
const NAME = 0;
const NAME_LENGTH = 2;
const IOV = 4;
const IOV_COUNT = 6;
const LENGTH = 14;
const IOV_WORDS = 4;
const MOST_PLACES = 2;
/** Of struct iovec, in words. */
const IOV_LENGTH = 2;
const HIGH = 0x1_0000_0000;

/** Headers by number, up to {@link BATCH_CAPACITY}. */
export class MessageHeaders {
  readonly #messages = new Int32Array(new ArrayBuffer(BATCH_CAPACITY * MESSAGE_WORDS * WORD));
  readonly #iovs = new Int32Array(new ArrayBuffer(BATCH_CAPACITY * MOST_PLACES * IOV_WORDS * WORD));
  readonly #at: number;
  readonly #places: 1 | 2;

  /** @param places - of each datagram's bytes: 1 or 2 */
  constructor(calls: SystemCalls, places: 1 | 2) {
    this.#at = calls.addressOf(this.#messages);
    this.#places = places;
    const iovsAt = calls.addressOf(this.#iovs);
    for (let i = 0; i < BATCH_CAPACITY; i += 1) {
      const message = i * MESSAGE_WORDS;
      write(this.#messages, message + IOV, iovsAt + i * places * IOV_WORDS * WORD);
      this.#messages[message + IOV_COUNT] = places;
    }
  }

  /** Where the kernel finds the header of that number, and after it those that follow. */
  at(index: number): number {
    return this.#at + index * MESSAGE_WORDS * WORD;
  }

  /** @param place - 0, or 1 where each has two; three numbers and no object, for it is called for every packet */
  setPlace(index: number, at: number, sizeBytes: number, place = 0): void {
    const iov = (index * this.#places + place) * IOV_WORDS;
    write(this.#iovs, iov, at);
    this.#iovs[iov + IOV_LENGTH] = sizeBytes;
  }

  /** @param low - with `high` the two words of a pointer to the address */
  setName(index: number, low: number, high: number, sizeBytes: number): void {
    const message = index * MESSAGE_WORDS;
    this.#messages[message + NAME] = low;
    this.#messages[message + NAME + 1] = high;
    this.#messages[message + NAME_LENGTH] = sizeBytes;
  }

  /** Of the address alone: the kernel replaces the room for it by what it took. */
  setNameSize(index: number, sizeBytes: number): void {
    this.#messages[index * MESSAGE_WORDS + NAME_LENGTH] = sizeBytes;
  }

  /** As the kernel wrote it. */
  lengthOf(index: number): number {
    return this.#messages[index * MESSAGE_WORDS + LENGTH] ?? 0;
  }
}

/** The two words of a pointer. */
export function pointerWords(at: number): readonly [low: number, high: number] {
  return [(at % HIGH) | 0, Math.floor(at / HIGH)];
}

function write(words: Int32Array, index: number, at: number): void {
  words[index] = (at % HIGH) | 0;
  words[index + 1] = Math.floor(at / HIGH);
}
