// A host of the virtual world: a Runtime, and what a test may look at.
import type { CancelTimer, Clock, Log, Network, Random, Runtime } from '../../core/index.ts';
import { collectingLog, type LogLine } from './collecting-log.ts';
import { networkOf } from './network/host-network.ts';
import type { HostNode } from './network/host-node.ts';
import type { Scheduler } from './scheduler.ts';

/** Give it to whatever takes a core `Runtime`. */
export class Host implements Runtime {
  readonly name: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly network: Network;
  readonly log: Log;
  /** What was logged here, with the fields of child logs. */
  readonly logs: LogLine[] = [];
  readonly #node: HostNode;
  readonly #scheduler: Scheduler;
  #timers = 0;

  constructor(node: HostNode, scheduler: Scheduler) {
    this.name = node.name;
    this.#node = node;
    this.#scheduler = scheduler;
    this.clock = scheduler;
    this.random = node.random;
    this.network = networkOf(node);
    this.log = collectingLog(scheduler, this.logs);
  }

  /** The addresses of the host, loopback left out. */
  get addresses(): readonly string[] {
    return this.#node.addresses;
  }

  /** The first address. */
  get address(): string {
    return this.#node.addresses[0] ?? '127.0.0.1';
  }

  setTimer(at: number, fire: () => void): CancelTimer {
    let isSet = true;
    this.#timers += 1;
    const clear = () => {
      if (!isSet) return;
      isSet = false;
      this.#timers -= 1;
    };
    const cancel = this.#scheduler.schedule(at, () => {
      clear();
      fire();
    });
    return () => {
      clear();
      cancel();
    };
  }

  /** What is open on this host: all zero after everything was closed. */
  tables(): Record<string, number> {
    return {
      [`${this.name}: timers`]: this.#timers,
      [`${this.name}: UDP sockets`]: this.#node.udp.size,
      [`${this.name}: TCP listeners`]: this.#node.tcp.size,
      [`${this.name}: TCP connections`]: this.#node.tcpConnections.size,
    };
  }

  /** Pulls the plug: nothing reaches the host or leaves it, and its programs hear nothing of that. */
  unplug(): void {
    this.#node.internet.unplugged.add(this.name);
  }

  replug(): void {
    this.#node.internet.unplugged.delete(this.name);
  }
}
