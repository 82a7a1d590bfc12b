// Many datagrams in one system call: memory as recvmmsg and sendmmsg want it.
//
// struct mmsghdr  | name (8) | name length (4), pad (4) | iov (8) | iov count (8) | control (8) | control length (8) |
//                 | flags (4), pad (4) | length of the datagram (4), pad (4) |
// struct iovec    | base (8) | length (8) |

import type { KernelEndpoint } from './kernel-endpoint.ts';
import { LARGEST_DATAGRAM, SOCKET_ADDRESS_BYTES } from './kernel-memory.ts';
import type { SystemCalls } from './system-calls.ts';

/** Datagrams at once. */
export const BATCH_CAPACITY = 64;
/** Bytes before each datagram that its owner may write to: room for a header. */
export const BATCH_HEADROOM = 64;

const MSG_DONTWAIT = 0x40;
const WORD = 4;
const MESSAGE_WORDS = 16;
const IOV_WORDS = 4;
/** Of struct mmsghdr, in words. */
const NAME = 0;
const NAME_LENGTH = 2;
const IOV = 4;
const IOV_COUNT = 6;
const LENGTH = 14;
/** Of struct iovec, in words. */
const IOV_LENGTH = 2;
/** A slot's room for an address. */
export const ADDRESS_WORDS = 8;
// An odd number of cache lines, so that the first bytes of all slots do not compete for the same ones.
const SLOT_BYTES = BATCH_HEADROOM + LARGEST_DATAGRAM + 1 + 64;
const HIGH = 0x1_0000_0000;

/**
 * Slots of a datagram and an address each. Its pages are the system's until they are used, so that slots as large as the
 * largest datagram cost nothing.
 */
export class DatagramBatch {
  /** All slots: that of number i begins with its headroom at {@link DatagramBatch.offsetOf}. */
  readonly bytes: Uint8Array;
  /** Addresses: that of number i begins at i * {@link ADDRESS_WORDS}. */
  readonly addresses: Int32Array;
  readonly #calls: SystemCalls;
  readonly #messages = new Int32Array(new ArrayBuffer(BATCH_CAPACITY * MESSAGE_WORDS * WORD));
  readonly #iovs = new Int32Array(new ArrayBuffer(BATCH_CAPACITY * IOV_WORDS * WORD));
  readonly #messagesAt: number;
  readonly #bytesAt: number;
  readonly #addressesAt: number;

  constructor(calls: SystemCalls) {
    this.#calls = calls;
    this.bytes = new Uint8Array(new ArrayBuffer(BATCH_CAPACITY * SLOT_BYTES));
    this.addresses = new Int32Array(new ArrayBuffer(BATCH_CAPACITY * ADDRESS_WORDS * WORD));
    this.#messagesAt = calls.addressOf(this.#messages);
    this.#bytesAt = calls.addressOf(this.bytes);
    this.#addressesAt = calls.addressOf(this.addresses);
    const iovsAt = calls.addressOf(this.#iovs);
    for (let i = 0; i < BATCH_CAPACITY; i += 1) {
      this.#write(this.#iovs, i * IOV_WORDS, this.datagramAt(i));
      this.#iovs[i * IOV_WORDS + IOV_LENGTH] = LARGEST_DATAGRAM;
      const message = i * MESSAGE_WORDS;
      this.#write(this.#messages, message + NAME, this.addressAt(i));
      this.#messages[message + NAME_LENGTH] = SOCKET_ADDRESS_BYTES;
      this.#write(this.#messages, message + IOV, iovsAt + i * IOV_WORDS * WORD);
      this.#messages[message + IOV_COUNT] = 1;
    }
  }

  /** Where the datagram of a slot begins in {@link DatagramBatch.bytes}, after the headroom. */
  offsetOf(slot: number): number {
    return slot * SLOT_BYTES + BATCH_HEADROOM;
  }

  /** The same for the kernel. */
  datagramAt(slot: number): number {
    return this.#bytesAt + slot * SLOT_BYTES + BATCH_HEADROOM;
  }

  addressAt(slot: number): number {
    return this.#addressesAt + slot * ADDRESS_WORDS * WORD;
  }

  /** @returns how many slots were filled; their addresses are those of the senders */
  receive(fd: number): number {
    const count = this.#calls.recvmmsg(fd, this.#messagesAt, BATCH_CAPACITY, MSG_DONTWAIT, 0);
    // The kernel has put the size of each address there, and would cut the next one to it, which may be longer.
    for (let i = 0; i < count; i += 1) {
      this.#messages[i * MESSAGE_WORDS + NAME_LENGTH] = SOCKET_ADDRESS_BYTES;
    }
    return count;
  }

  /** Of what was received into the slot. */
  lengthOf(slot: number): number {
    return this.#messages[slot * MESSAGE_WORDS + LENGTH] ?? 0;
  }

  /**
   * Says what is to be sent from a slot.
   *
   * @param offset - from where the datagram begins: less than zero for a header in the headroom
   * @param target - must live until it is sent
   */
  prepare(slot: number, offset: number, length: number, target: KernelEndpoint): void {
    const iov = slot * IOV_WORDS;
    const message = slot * MESSAGE_WORDS;
    this.#write(this.#iovs, iov, this.datagramAt(slot) + offset);
    this.#iovs[iov + IOV_LENGTH] = length;
    this.#messages[message + NAME] = target.low;
    this.#messages[message + NAME + 1] = target.high;
    this.#messages[message + NAME_LENGTH] = target.sizeBytes;
  }

  /** Sends the slots from `start` up to, not including, `end`; what the kernel does not take is lost. */
  send(fd: number, start: number, end: number): void {
    for (let next = start; next < end; ) {
      const at = this.#messagesAt + next * MESSAGE_WORDS * WORD;
      const taken = this.#calls.sendmmsg(fd, at, end - next, MSG_DONTWAIT);
      // The first of them failed: it is passed over, and the others have their chance.
      next += Math.max(1, taken);
    }
  }

  #write(words: Int32Array, index: number, at: number): void {
    words[index] = (at % HIGH) | 0;
    words[index + 1] = Math.floor(at / HIGH);
  }
}
