// A TURN server in a thread of its own, started again where the thread dies.
import {
  type CancelTimer,
  invariant,
  type Log,
  type LogLevel,
  messageOf,
  type Runtime,
  type ThreadSockets,
} from '../../../core/index.ts';
import type {
  LocalPeer,
  RunningTurnServer,
  TurnCounters,
  TurnListening,
  TurnServerOptions,
} from '../server/index.ts';
import { TurnWorker, type TurnWorkerParameters } from './turn-worker.ts';

export interface TurnWorkerOptions extends TurnServerOptions {
  readonly logLevel?: LogLevel;
  /** `auto` where not given. */
  readonly sockets?: ThreadSockets;
}

type ShellRuntime = Pick<Runtime, 'clock' | 'log' | 'setTimer'>;

/**
 * A thread that dies sooner than that after its start is replaced only then: it may die again and again. One that could
 * not be started is tried again after as long: whatever has its port may be gone by then.
 */
const LEAST_LIFE_MS = 10_000;

/**
 * STUN and TURN in a thread of their own: on Linux by system calls, elsewhere over `node:dgram`. Where the thread dies,
 * its allocations are lost (their clients hear 437 and make new ones), and another one listens on the same ports.
 *
 * @throws as `startTurnServer()` does
 */
export async function startTurnWorker(
  runtime: ShellRuntime,
  { logLevel = 'silent', sockets = 'auto', ...options }: TurnWorkerOptions,
): Promise<RunningTurnServer> {
  const server = new WorkerTurnServer(runtime, { options, sockets, logLevel });
  await server.start();
  return server;
}

class WorkerTurnServer implements RunningTurnServer {
  readonly #runtime: ShellRuntime;
  readonly #log: Log;
  readonly #start: TurnWorkerParameters;
  #worker: TurnWorker | undefined;
  #listening: TurnListening = { udp: [], tcp: [], tls: [] };
  /** For the next thread, should this one die. */
  readonly #peers = new Set<LocalPeer>();
  #startedAt = 0;
  #deaths = 0;
  #cancelStart: CancelTimer | undefined;
  #restarting: Promise<void> | undefined;
  #isClosed = false;

  constructor(runtime: ShellRuntime, start: TurnWorkerParameters) {
    this.#runtime = runtime;
    this.#log = runtime.log.child({ part: 'turn' });
    this.#start = start;
  }

  get listening(): TurnListening {
    return this.#listening;
  }

  /** @param listen - where the thread before listened, with its real ports */
  async start(listen: TurnServerOptions['listen'] = this.#start.options.listen): Promise<void> {
    const worker = await TurnWorker.start({ ...this.#start, options: { ...this.#start.options, listen } });
    this.#startedAt = this.#runtime.clock.now();
    this.#listening = worker.listening;
    this.#worker = worker;
    for (const peer of this.#peers) worker.admit(peer);
    worker.onDeath = (reason) => this.#handleDeath(reason);
    if (this.#isClosed) await worker.close();
  }

  async report(): Promise<TurnCounters> {
    invariant(this.#worker, 'start() comes first');
    return { ...(await this.#worker.report()), restarts: this.#deaths };
  }

  admit(peer: LocalPeer): void {
    this.#peers.add(peer);
    this.#worker?.admit(peer);
  }

  /** @param peer - the same object as was admitted */
  dismiss(peer: LocalPeer): void {
    this.#peers.delete(peer);
    this.#worker?.dismiss(peer);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelStart?.();
    await this.#restarting;
    await this.#worker?.close();
  }

  #handleDeath(reason: string): void {
    this.#deaths += 1;
    const now = this.#runtime.clock.now();
    const startAt = Math.max(now, this.#startedAt + LEAST_LIFE_MS);
    const delayMs = startAt - now;
    this.#log.error({ reason, delayMs }, 'the thread of the TURN server died, and every allocation with it');
    if (delayMs > 0) return this.#startAgainAt(startAt);
    this.#restarting = this.#startAgain();
  }

  #startAgainAt(at: number): void {
    this.#cancelStart = this.#runtime.setTimer(at, () => {
      this.#restarting = this.#startAgain();
    });
  }

  async #startAgain(): Promise<void> {
    if (this.#isClosed) return;
    try {
      await this.start(this.#listening);
      this.#log.info({ deaths: this.#deaths }, 'the TURN server was started again');
    } catch (error) {
      const delayMs = LEAST_LIFE_MS;
      this.#log.error({ reason: messageOf(error), delayMs }, 'the TURN server could not be started again');
      if (!this.#isClosed) this.#startAgainAt(this.#runtime.clock.now() + delayMs);
    }
  }
}
