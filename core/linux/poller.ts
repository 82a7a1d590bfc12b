// Waits for many sockets at once (epoll), and tells each that something can be read.
import type { OpenDescriptors } from './open-descriptors.ts';
import { type SystemCalls, systemError } from './system-calls.ts';

/** Who is told that its file descriptor can be read. */
export interface Readable {
  /** @returns whether it knowingly left something: then nobody rests before it is told again */
  handleReadable(): boolean;
  /** Closes the descriptor: the kernel knows nothing of threads, so what a thread leaves open stays open. */
  close(): void;
}

const EPOLL_CTL_ADD = 1;
const EPOLL_CTL_DEL = 2;
const EPOLLIN = 1;
const EPOLL_CLOEXEC = 0x80000;
// struct epoll_event { uint32_t events; uint64_t data; }, packed on x86-64 alone.
const EVENT_WORDS = process.arch === 'x64' ? 3 : 4;
const DATA_WORD = EVENT_WORDS - 2;

export interface PollerOptions {
  /** File descriptors that are told of in one call; the rest in the next. */
  readonly eventsAtOnce: number;
  /** Told of every descriptor that is open. */
  readonly descriptors?: OpenDescriptors | undefined;
}

/** Owns its epoll descriptor; those that it waits for are closed by their owners, or with it. */
export class Poller {
  readonly #calls: SystemCalls;
  readonly #epoll: number;
  readonly #eventsAtOnce: number;
  readonly #descriptors: OpenDescriptors | undefined;
  readonly #events: Uint32Array;
  readonly #eventsAt: number;
  /** struct timespec { int64_t seconds; int64_t nanoseconds; }, of little-endian words. */
  readonly #timeout = new Uint32Array(new ArrayBuffer(64));
  readonly #timeoutAt: number;
  readonly #waitPrecisely: SystemCalls['epollWaitPrecisely'];
  /** For {@link Poller.add}, which may be called while the events are gone through. */
  readonly #added = new Uint32Array(new ArrayBuffer(64));
  /** By file descriptor: the kernel gives out the smallest that is free. */
  readonly #readables: (Readable | undefined)[] = [];
  #isClosed = false;

  /** @throws an error with `code` where the kernel gives no descriptor */
  constructor(calls: SystemCalls, { eventsAtOnce, descriptors }: PollerOptions) {
    this.#calls = calls;
    this.#eventsAtOnce = eventsAtOnce;
    this.#events = new Uint32Array(new ArrayBuffer(eventsAtOnce * EVENT_WORDS * 4));
    this.#epoll = calls.epollCreate(EPOLL_CLOEXEC);
    if (this.#epoll < 0) throw systemError(calls, 'epoll_create1');
    this.#descriptors = descriptors;
    descriptors?.add(this.#epoll);
    this.#eventsAt = calls.addressOf(this.#events);
    this.#timeoutAt = calls.addressOf(this.#timeout);
    const precisely = calls.epollWaitPrecisely;
    // An older kernel does not know the call.
    const isKnown = precisely && precisely(this.#epoll, this.#eventsAt, 1, this.#timeoutAt, 0) >= 0;
    this.#waitPrecisely = isKnown ? precisely : undefined;
  }

  /** @throws an error with `code` */
  add(fd: number, readable: Readable): void {
    this.#added[0] = EPOLLIN;
    this.#added[DATA_WORD] = fd;
    if (this.#calls.epollControl(this.#epoll, EPOLL_CTL_ADD, fd, this.#calls.addressOf(this.#added)) < 0) {
      throw systemError(this.#calls, 'epoll_ctl');
    }
    this.#readables[fd] = readable;
    this.#descriptors?.add(fd);
  }

  /** Before the descriptor is closed: a new one may have its number at once. */
  remove(fd: number): void {
    this.#readables[fd] = undefined;
    this.#descriptors?.remove(fd);
    this.#calls.epollControl(this.#epoll, EPOLL_CTL_DEL, fd, 0);
  }

  /**
   * Sleeps until something can be read, then tells who it is.
   *
   * @param timeoutMs - at most so long; where the kernel counts whole milliseconds, up to the next of them
   * @param woken - called once before anybody is told: the moment at which all of this happened
   * @returns whether more can be read at once
   */
  wait(timeoutMs: number, woken: () => void): boolean {
    const count = this.#wait(timeoutMs);
    woken();
    let isMore = count === this.#eventsAtOnce;
    for (let i = 0; i < count; i += 1) {
      const fd = this.#events[i * EVENT_WORDS + DATA_WORD] ?? 0;
      // Whoever was told before may have closed it.
      if (this.#readables[fd]?.handleReadable()) isMore = true;
    }
    return isMore;
  }

  #wait(timeoutMs: number): number {
    if (!this.#waitPrecisely) {
      return this.#calls.epollWait(this.#epoll, this.#eventsAt, this.#eventsAtOnce, Math.ceil(timeoutMs));
    }
    const seconds = Math.floor(timeoutMs / 1000);
    this.#timeout[0] = seconds;
    this.#timeout[2] = Math.min(999_999_999, Math.ceil((timeoutMs - seconds * 1000) * 1e6));
    return this.#waitPrecisely(this.#epoll, this.#eventsAt, this.#eventsAtOnce, this.#timeoutAt, 0);
  }

  close(): void {
    // Closed twice, the number may be somebody else's.
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const readable of this.#readables) readable?.close();
    this.#descriptors?.remove(this.#epoll);
    this.#calls.close(this.#epoll);
  }
}
