// A runtime whose thread sleeps in epoll instead of in Node's event loop: its sockets, its timers, its clock.
import type { Clock } from '../clock.ts';
import { systemClock } from '../clock.ts';
import { DeadlineQueue } from '../deadline-queue.ts';
import type { Log } from '../log.ts';
import type { Network } from '../network.ts';
import { nodeNetwork } from '../node-network.ts';
import { SystemRandom } from '../random.ts';
import type { CancelTimer, Runtime } from '../runtime.ts';
import { KernelMemory } from './kernel-memory.ts';
import type { OpenDescriptors } from './open-descriptors.ts';
import { PolledUdpSocket } from './polled-udp-socket.ts';
import { Poller, type Readable } from './poller.ts';
import type { SystemCalls } from './system-calls.ts';
import { Wakeup } from './wakeup.ts';

/** Nobody notifies it. */
const NEVER = new Int32Array(new SharedArrayBuffer(4));

/** As a rule: more would make the beat of a room wait for longer than half a millisecond. */
const EVENTS_AT_ONCE = 64;

export interface PolledRuntimeOptions {
  /** Sockets that are told of before timers have their turn. Default {@link EVENTS_AT_ONCE}. */
  readonly eventsAtOnce?: number;
  /** Where whoever started the thread sees what it has open. */
  readonly descriptors?: OpenDescriptors;
}

interface Timer {
  readonly fire: () => void;
}

/**
 * Nothing happens but within {@link PolledRuntime.runFor}. Its clock stands still while the datagrams of one wake-up are
 * handled: reading it costs nothing, and what came together has come at one time.
 */
export class PolledRuntime implements Runtime {
  readonly clock: Clock = {
    now: () => this.#now,
    exactNow: systemClock.now,
    wallClock: systemClock.wallClock,
  };
  readonly random = new SystemRandom();
  readonly network: Network;
  readonly log: Log;
  readonly wakeup: Wakeup;
  /** What sockets of another kind than those of {@link network} need. */
  readonly calls: SystemCalls;
  /**
   * Called after the datagrams of each wake-up were handed out. Returns for how long the thread shall rest before it
   * looks again, in milliseconds: what comes meanwhile comes together, and costs one wake-up instead of many. Where
   * more is waiting already it does not rest.
   */
  onBatch: (() => number) | undefined;
  readonly #poller: Poller;
  readonly #timers = new DeadlineQueue<Timer>();
  #now = systemClock.now();

  /** @throws an error with `code` where the kernel gives no descriptors */
  constructor(
    calls: SystemCalls,
    log: Log,
    { eventsAtOnce = EVENTS_AT_ONCE, descriptors }: PolledRuntimeOptions = {},
  ) {
    this.log = log;
    this.calls = calls;
    this.#poller = new Poller(calls, { eventsAtOnce, descriptors });
    this.wakeup = new Wakeup(calls, this.#poller);
    const memory = new KernelMemory(calls);
    this.network = {
      ...nodeNetwork,
      bindUdp: async (options) => new PolledUdpSocket(calls, this.#poller, memory, options),
    };
  }

  setTimer(at: number, fire: () => void): CancelTimer {
    const timer = { fire };
    this.#timers.set(timer, at);
    return () => this.#timers.clear(timer);
  }

  /**
   * Waits for datagrams and timers and hands them out, for at most `limitMs`. Returns earlier where the wake-up came.
   *
   * @param limitMs - 0 takes what is there
   */
  runFor(limitMs: number): void {
    this.#refresh();
    const until = this.#now + limitMs;
    do {
      this.#fireDue();
      const isMore = this.#poller.wait(this.#sleepMs(until), this.#refresh);
      // What was handed out took its time.
      this.#refresh();
      this.#fireDue();
      this.#finishBatch(isMore);
    } while (!this.wakeup.takeWoken() && this.#now < until);
  }

  /**
   * Tells a descriptor when it can be read, until {@link unwatch}; it is closed with this runtime.
   *
   * @throws an error with `code`; the descriptor is closed then, for whoever opened it knows of no other end
   */
  watch(fd: number, readable: Readable): void {
    try {
      this.#poller.add(fd, readable);
    } catch (error) {
      this.calls.close(fd);
      throw error;
    }
  }

  /** Before the descriptor is closed. */
  unwatch(fd: number): void {
    this.#poller.remove(fd);
  }

  /** Closes every socket of this runtime; the descriptor of the wake-up is left to who wakes. */
  close(): void {
    this.#poller.close();
  }

  #finishBatch(isMore: boolean): void {
    const restMs = this.onBatch?.() ?? 0;
    if (restMs <= 0 || isMore) return;
    Atomics.wait(NEVER, 0, 0, restMs);
    this.#refresh();
  }

  readonly #refresh = (): void => {
    this.#now = systemClock.now();
  };

  #sleepMs(until: number): number {
    const at = Math.min(until, this.#timers.nextAt() ?? until);
    return Math.max(0, at - this.#now);
  }

  /** What falls due meanwhile waits: else timers that take longer than their interval would never let go of the thread. */
  #fireDue(): void {
    const dueBy = this.#now;
    for (let due = this.#timers.takeDue(dueBy); due; due = this.#timers.takeDue(dueBy)) {
      due.fire();
      this.#refresh();
    }
  }
}
