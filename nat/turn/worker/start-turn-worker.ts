// A TURN server in a thread of its own, started again where the thread dies.
import { type Log, type LogLevel, messageOf, type Runtime, type ThreadSockets } from '../../../core/index.ts';
import type { RunningTurnServer, TurnCounters, TurnListening, TurnServerOptions } from '../server/index.ts';
import type { TurnWorkerStart } from './protocol.ts';
import { TurnWorker } from './turn-worker.ts';

export interface TurnWorkerOptions extends TurnServerOptions {
  readonly logLevel?: LogLevel;
  /** `auto` where not given. */
  readonly sockets?: ThreadSockets;
}

/** A thread that dies sooner than that after its start is not started again: it would die for ever. */
const LEAST_LIFE_MS = 10_000;

/**
 * STUN and TURN in a thread of their own: on Linux by system calls, elsewhere over `node:dgram`. Where the thread dies,
 * its allocations are lost (their clients hear 437 and make new ones), and another one listens on the same ports.
 *
 * @throws as `startTurnServer()` does
 */
export async function startTurnWorker(
  runtime: Pick<Runtime, 'clock' | 'log'>,
  { logLevel = 'silent', sockets = 'auto', ...options }: TurnWorkerOptions,
): Promise<RunningTurnServer> {
  const server = new WorkerTurnServer(runtime, { options, sockets, logLevel });
  await server.start();
  return server;
}

class WorkerTurnServer implements RunningTurnServer {
  readonly #clock: Runtime['clock'];
  readonly #log: Log;
  readonly #start: TurnWorkerStart;
  #worker: TurnWorker | undefined;
  #listening: TurnListening = { udp: [], tcp: [], tls: [] };
  #startedAt = 0;
  #isClosed = false;

  constructor({ clock, log }: Pick<Runtime, 'clock' | 'log'>, start: TurnWorkerStart) {
    this.#clock = clock;
    this.#log = log.child({ part: 'turn' });
    this.#start = start;
  }

  get listening(): TurnListening {
    return this.#listening;
  }

  /** @param listen - where the thread before listened, with its real ports */
  async start(listen: TurnServerOptions['listen'] = this.#start.options.listen): Promise<void> {
    const worker = await TurnWorker.start({ ...this.#start, options: { ...this.#start.options, listen } });
    this.#startedAt = this.#clock.now();
    this.#listening = worker.listening;
    this.#worker = worker;
    worker.onDeath = (reason) => void this.#restart(reason);
    if (this.#isClosed) await worker.close();
  }

  report(): Promise<TurnCounters> {
    if (this.#worker) return this.#worker.report();
    return Promise.reject(new Error('start() comes first'));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#worker?.close();
  }

  async #restart(reason: string): Promise<void> {
    this.#log.error({ reason }, 'the thread of the TURN server died, and every allocation with it');
    if (this.#clock.now() - this.#startedAt < LEAST_LIFE_MS) return;
    try {
      await this.start(this.#listening);
    } catch (error) {
      this.#log.error({ reason: messageOf(error) }, 'the TURN server could not be started again');
    }
  }
}
