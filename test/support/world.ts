// The virtual world: hosts, networks and NATs in one process, on one clock, from one seed.
import { normalizeAddress, SeededRandom, UsageError } from '../../core/index.ts';
import type { LinkOptions } from '../../media/impairment/index.ts';
import { Host } from './host.ts';
import { formatLadder } from './ladder.ts';
import { Nat, type NatOptions } from './nat.ts';
import { HostNode } from './network/host-node.ts';
import { Internet } from './network/internet.ts';
import { ANYONE } from './network/links.ts';
import type { NameTable } from './network/names.ts';
import { Scheduler, VIRTUAL_START_MS } from './scheduler.ts';
import { Trace } from './trace.ts';

export interface WorldOptions {
  /** Everything that is left to chance comes from here. Default 1. */
  readonly seed?: number;
  /** Between hosts that have no link of their own. */
  readonly link?: LinkOptions;
}

export interface HostOptions {
  /** With the network that it is in, where its programs are to know: `10.0.0.5/24`. */
  readonly addresses: readonly string[];
  /** The NAT that the IPv4 addresses are behind; not given: the internet. */
  readonly behind?: Nat;
}

export interface Limit {
  /** Virtual time. Default {@link DEFAULT_LIMIT_MS}. */
  readonly limitMs?: number;
  /** What is waited for, for the message: `bob rings`. */
  readonly what?: string;
}

export const DEFAULT_LIMIT_MS = 60_000;

export function createWorld(options: WorldOptions = {}): World {
  return new World(options);
}

/** Time passes only in {@link World.run} and its sisters, and only from one event to the next. */
export class World {
  readonly seed: number;
  readonly random: SeededRandom;
  readonly clock = new Scheduler();
  readonly trace = new Trace();
  /** Exceptions out of timers and handlers; the first one ends the run that it came up in. */
  readonly errors: unknown[] = [];
  readonly hosts: Host[] = [];
  readonly #internet: Internet;
  #isRunning = false;

  constructor(options: WorldOptions) {
    this.seed = options.seed ?? 1;
    this.random = new SeededRandom(this.seed);
    this.#internet = new Internet(this.clock, this.random.fork('internet'), this.trace);
    if (options.link) this.link(ANYONE, ANYONE, options.link);
  }

  /** Names and services that all hosts resolve. */
  get names(): NameTable {
    return this.#internet.names;
  }

  host(name: string, options: HostOptions): Host {
    const node = new HostNode(name, {
      internet: this.#internet,
      realm: options.behind?.inside ?? this.#internet.realm,
      networks: options.addresses,
      addresses: options.addresses.map((text) => normalizeAddress(text.replace(/\/.*/, ''))),
      random: this.random.fork(name),
    });
    const host = new Host(node, this.clock);
    this.hosts.push(host);
    return host;
  }

  nat(name: string, options: NatOptions): Nat {
    const outside = options.behind?.inside ?? this.#internet.realm;
    return new Nat(name, outside, this.random.fork(name), options);
  }

  /** Sets the link between two hosts or NATs (`*`: everybody), both ways; also while the world runs. */
  link(a: string, b: string, options: LinkOptions): void {
    this.linkOneWay(a, b, options);
    if (a !== b) this.linkOneWay(b, a, options);
  }

  linkOneWay(from: string, to: string, options: LinkOptions): void {
    this.#internet.links.set(from, to, options);
  }

  now(): number {
    return this.clock.now();
  }

  /** Lets so much time pass. */
  async run(durationMs: number): Promise<void> {
    const endAt = this.clock.now() + durationMs;
    await this.#advance(endAt, () => false);
    this.clock.moveTo(endAt);
  }

  /** Lets time pass until the condition holds, which is asked after every event; throws at the limit. */
  async runUntil(condition: () => boolean, limit: Limit = {}): Promise<void> {
    const { limitMs = DEFAULT_LIMIT_MS, what = 'the condition' } = limit;
    const endAt = this.clock.now() + limitMs;
    if (await this.#advance(endAt, condition)) return;
    this.clock.moveTo(endAt);
    throw new Error(
      `seed ${this.seed}: ${what} did not come true within ${limitMs} ms of virtual time\n${this.ladder()}`,
    );
  }

  /** Lets time pass until the promise is settled. @returns its value, or throws its error */
  async complete<Value>(promise: Promise<Value>, limit: Limit = {}): Promise<Value> {
    let isSettled = false;
    const settled = () => {
      isSettled = true;
    };
    promise.then(settled, settled);
    await this.runUntil(() => isSettled, { what: 'the promise', ...limit });
    return promise;
  }

  /** Does all that is due now, promises included; time stands still. */
  async settle(): Promise<void> {
    await this.#advance(this.clock.now(), () => false);
  }

  /** Lets time pass until nothing is ahead: no timer, no packet under way. */
  async runUntilIdle(limit: Limit = {}): Promise<void> {
    await this.runUntil(() => this.clock.size === 0, { what: 'an idle world', ...limit });
  }

  /** Awaits work outside of the world (a file, a module of WebAssembly) while time stands still. */
  async hold<Value>(promise: Promise<Value>): Promise<Value> {
    const value = await promise;
    await this.settle();
    return value;
  }

  /** What is open on all hosts: see {@link Host.tables}. */
  tables(): Record<string, number> {
    return Object.assign({}, ...this.hosts.map((host) => host.tables()));
  }

  /** The SIP messages so far. */
  ladder(): string {
    return formatLadder(this.trace.messages, VIRTUAL_START_MS);
  }

  /** @returns whether the condition came true by `endAt` */
  async #advance(endAt: number, isDone: () => boolean): Promise<boolean> {
    if (this.#isRunning) throw new UsageError('the world runs already; await the earlier run() first');
    this.#isRunning = true;
    try {
      await this.#drain();
      while (!isDone()) {
        if (!this.#fireNext(endAt)) return false;
        await nextTurn();
        // One more before time moves: for who waits a turn of the event loop himself.
        if ((this.clock.nextAt() ?? endAt) > this.clock.now()) await nextTurn();
      }
      return true;
    } finally {
      this.#isRunning = false;
    }
  }

  #fireNext(limitAt: number): boolean {
    try {
      return this.clock.fireNext(limitAt);
    } catch (error) {
      this.errors.push(error);
      throw error;
    }
  }

  async #drain(): Promise<void> {
    await nextTurn();
    await nextTurn();
  }
}

/** One turn of the event loop: every microtask and tick is done after it. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
