// Wakes a thread that sleeps in epoll: another one writes to its eventfd.
import { closeSync, writeSync } from 'node:fs';
import type { Poller, Readable } from './poller.ts';
import { type SystemCalls, systemError } from './system-calls.ts';

const EFD_NONBLOCK = 0x800;
const EFD_CLOEXEC = 0x80000;
/** An eventfd is a counter of 64 bits: any number but zero wakes. */
const ONE = new Uint8Array(new BigUint64Array([1n]).buffer);

/**
 * The sleeper's side. Its descriptor outlives it: whoever wakes would write to whatever has that number next, so that it
 * is closed by {@link releaseWakeup} when nobody wakes any more.
 */
export class Wakeup implements Readable {
  /** Good in every thread of the process, for {@link wake}. */
  readonly fd: number;
  readonly #calls: SystemCalls;
  readonly #poller: Poller;
  readonly #counter = new Uint8Array(8);
  #isWoken = false;

  /** @throws an error with `code` */
  constructor(calls: SystemCalls, poller: Poller) {
    this.#calls = calls;
    this.#poller = poller;
    this.fd = calls.eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (this.fd < 0) throw systemError(calls, 'eventfd');
    poller.add(this.fd, this);
  }

  handleReadable(): boolean {
    this.#calls.read(this.fd, this.#counter, this.#counter.length);
    this.#isWoken = true;
    return false;
  }

  /** Whether somebody woke us since the last call. */
  takeWoken(): boolean {
    const isWoken = this.#isWoken;
    this.#isWoken = false;
    return isWoken;
  }

  close(): void {
    this.#poller.remove(this.fd);
  }
}

/** The other side: wakes the thread whose {@link Wakeup} this is; nobody where that thread is gone. */
export function wake(fd: number): void {
  writeSync(fd, ONE);
}

/** Closes the descriptor of a {@link Wakeup} that is closed. */
export function releaseWakeup(fd: number): void {
  closeSync(fd);
}
