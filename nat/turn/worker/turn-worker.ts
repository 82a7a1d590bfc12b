// One thread of a TURN server, as the main thread sees it.
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { OpenDescriptors, OperationError, releaseWakeup, UsageError, wake } from '../../../core/index.ts';
import type { LocalPeer, TurnCounters, TurnListening } from '../server/index.ts';
import type { FromTurnWorker, ToTurnWorker, TurnWorkerStart } from './protocol.ts';

/** Whatever the thread is started with, but what this side keeps. */
export type TurnWorkerParameters = Omit<TurnWorkerStart, 'descriptors'>;

/** Whoever starts it closes it. */
export class TurnWorker {
  /** Called once, where the thread ends by itself after it was ready. */
  onDeath: ((reason: string) => void) | undefined;
  readonly #worker: Worker;
  /** What it has open, where it uses system calls. */
  readonly #descriptors = new OpenDescriptors();
  readonly #reports: ((counters: TurnCounters | undefined) => void)[] = [];
  readonly #exited: Promise<void>;
  #listening: TurnListening = { udp: [], tcp: [], tls: [] };
  /** Where the thread sleeps in epoll: what wakes it. Ours to close, when the thread is gone. */
  #wakeFd: number | undefined;
  #isReady = false;
  #isClosing = false;
  #reason: string | undefined;

  /** @throws what `startTurnServer()` throws */
  static async start(start: TurnWorkerParameters): Promise<TurnWorker> {
    const worker = new TurnWorker(start);
    await worker.#untilReady();
    return worker;
  }

  private constructor(start: TurnWorkerParameters) {
    const workerData: TurnWorkerStart = { ...start, descriptors: this.#descriptors.memory };
    this.#worker = new Worker(workerFile(), { workerData, name: 'patchcord turn' });
    this.#worker.on('error', (error) => {
      this.#reason = error.message;
    });
    this.#exited = new Promise((resolve) => {
      this.#worker.once('exit', (code) => {
        this.#handleExit(code);
        resolve();
      });
    });
  }

  get listening(): TurnListening {
    return this.#listening;
  }

  /** @throws OperationError `TURN_FAILED` where the thread is gone */
  async report(): Promise<TurnCounters> {
    const answered = new Promise<TurnCounters | undefined>((resolve) => this.#reports.push(resolve));
    this.#send({ kind: 'report' });
    const counters = await answered;
    if (!counters) throw new OperationError('TURN_FAILED', 'the thread of the TURN server is gone');
    return counters;
  }

  admit(peer: LocalPeer): void {
    this.#send({ kind: 'admit', peer });
  }

  dismiss(peer: LocalPeer): void {
    this.#send({ kind: 'dismiss', peer });
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    this.#send({ kind: 'close' });
    await this.#exited;
  }

  #untilReady(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#worker.on('message', (message: FromTurnWorker) => {
        if (message.kind === 'ready') {
          this.#listening = message.listening;
          this.#wakeFd = message.wakeFd;
          this.#isReady = true;
          resolve();
        } else if (message.kind === 'unable') {
          reject(failure(message));
          void this.#worker.terminate();
        } else if (message.kind === 'report') this.#reports.shift()?.(message.counters);
      });
      this.#worker.once('exit', () => {
        reject(new OperationError('TURN_FAILED', this.#reason ?? 'the thread of the TURN server ended'));
      });
    });
  }

  #send(message: ToTurnWorker): void {
    if (this.#reason !== undefined) return this.#answerAll();
    this.#worker.postMessage(message);
    if (this.#wakeFd !== undefined) wake(this.#wakeFd);
  }

  #handleExit(code: number): void {
    this.#reason ??= `the thread ended with status ${code}`;
    this.#closeDescriptors();
    this.#answerAll();
    if (this.#isReady && !this.#isClosing) this.onDeath?.(this.#reason);
  }

  #closeDescriptors(): void {
    if (this.#wakeFd !== undefined) {
      this.#descriptors.remove(this.#wakeFd);
      releaseWakeup(this.#wakeFd);
    }
    this.#wakeFd = undefined;
    this.#descriptors.closeAll();
  }

  #answerAll(): void {
    for (const resolve of this.#reports.splice(0)) resolve(undefined);
  }
}

function failure({ message, code }: Extract<FromTurnWorker, { kind: 'unable' }>): Error {
  return code === 'USAGE' ? new UsageError(message) : new OperationError(code ?? 'TURN_FAILED', message);
}

/** Node.js 20 cannot start a worker from TypeScript: run from the sources, the worker is the built one. */
function workerFile(): string {
  const here = fileURLToPath(import.meta.url);
  const isSource = here.endsWith('.ts');
  return fileURLToPath(
    new URL(isSource ? '../../../dist/nat/turn/worker/main.js' : './main.js', import.meta.url),
  );
}
