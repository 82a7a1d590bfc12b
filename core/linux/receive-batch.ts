// Many datagrams received in one system call.
import { LARGEST_DATAGRAM, SOCKET_ADDRESS_BYTES } from './kernel-memory.ts';
import { BATCH_CAPACITY, MessageHeaders, pointerWords } from './message-headers.ts';
import type { SystemCalls } from './system-calls.ts';

/** A slot's room for an address, in words. */
export const ADDRESS_WORDS = 8;

const MSG_DONTWAIT = 0x40;
/** Of a slot: what passes a network in one piece fits. An odd number of cache lines, so that slots do not compete for the same ones. */
const SLOT_BYTES = 33 * 64;
/** Of a datagram that is longer than its slot: the rest. */
const REST_BYTES = LARGEST_DATAGRAM + 1 - SLOT_BYTES;
const RESTS_OFFSET = BATCH_CAPACITY * SLOT_BYTES;
/** Where a long datagram is put together. */
const WHOLE_OFFSET = RESTS_OFFSET + BATCH_CAPACITY * REST_BYTES;

/**
 * Slots of a datagram and an address each, close together: what is spread over many pages costs the kernel and us more to
 * reach. Of the room for the rests of long ones the system gives no memory until it is used.
 */
export class ReceiveBatch {
  readonly bytes = new Uint8Array(new ArrayBuffer(WHOLE_OFFSET + LARGEST_DATAGRAM + 1));
  /** Who sent it: the address of slot i begins at i * {@link ADDRESS_WORDS}. */
  readonly addresses = new Int32Array(new ArrayBuffer(BATCH_CAPACITY * ADDRESS_WORDS * 4));
  readonly #calls: SystemCalls;
  readonly #headers: MessageHeaders;
  readonly #bytesAt: number;

  constructor(calls: SystemCalls) {
    this.#calls = calls;
    this.#headers = new MessageHeaders(calls, 2);
    this.#bytesAt = calls.addressOf(this.bytes);
    const addressesAt = calls.addressOf(this.addresses);
    for (let i = 0; i < BATCH_CAPACITY; i += 1) {
      const [low, high] = pointerWords(addressesAt + i * ADDRESS_WORDS * 4);
      this.#headers.setName(i, low, high, SOCKET_ADDRESS_BYTES);
      this.#headers.setPlace(i, this.#bytesAt + i * SLOT_BYTES, SLOT_BYTES);
      this.#headers.setPlace(i, this.#bytesAt + restOffset(i), REST_BYTES, 1);
    }
  }

  /** @returns how many slots were filled: {@link BATCH_CAPACITY} where more may be waiting */
  receive(fd: number): number {
    const count = this.#calls.recvmmsg(fd, this.#headers.at(0), BATCH_CAPACITY, MSG_DONTWAIT, 0);
    // The kernel has put the size of each address there, and would cut the next one to it, which may be longer.
    for (let i = 0; i < count; i += 1) this.#headers.setNameSize(i, SOCKET_ADDRESS_BYTES);
    return count;
  }

  lengthOf(slot: number): number {
    return this.#headers.lengthOf(slot);
  }

  /** @returns where the datagram begins in {@link ReceiveBatch.bytes}; of a long one, until the next call */
  offsetOf(slot: number): number {
    const length = this.lengthOf(slot);
    return length <= SLOT_BYTES ? slot * SLOT_BYTES : this.#join(slot, length);
  }

  /** Where the kernel finds that byte. */
  at(offset: number): number {
    return this.#bytesAt + offset;
  }

  #join(slot: number, length: number): number {
    const [first, rest] = [slot * SLOT_BYTES, restOffset(slot)];
    this.bytes.copyWithin(WHOLE_OFFSET, first, first + SLOT_BYTES);
    this.bytes.copyWithin(WHOLE_OFFSET + SLOT_BYTES, rest, rest + length - SLOT_BYTES);
    return WHOLE_OFFSET;
  }
}

function restOffset(slot: number): number {
  return RESTS_OFFSET + slot * REST_BYTES;
}
