// One media worker, as the main thread sees it: calls go over its port, answers come back by number.
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { messageOf, OperationError, releaseWakeup, wake } from '../../core/index.ts';
import type { FromWorker, RemoteCall, RemoteEventName, RemoteMethod, WorkerStart } from './protocol.ts';

/**
 * What is new is collected four times as often as by default, in one millisecond instead of four: a pause is as long as what
 * there is to go through, and a room's beat waits for it.
 */
const YOUNG_GENERATION_MB = 12;

interface Pending {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

export interface MediaWorkerHandlers {
  onEvent(name: RemoteEventName, payload: object): void;
  /** Some of its legs ended by a fault of ours; the thread goes on. */
  onLegsFailed(legIds: readonly number[], reason: string): void;
  /** The thread ended by itself. */
  onDeath(reason: string): void;
}

export class MediaWorker {
  readonly #worker: Worker;
  readonly #handlers: MediaWorkerHandlers;
  readonly #pending = new Map<number, Pending>();
  readonly #ready: Promise<void>;
  #lastId = 0;
  #deathReason: string | undefined;
  #isClosing = false;
  /** Where the thread sleeps in epoll: what wakes it. Ours to close, when the thread is gone. */
  #wakeFd: number | undefined;

  constructor(start: WorkerStart, handlers: MediaWorkerHandlers) {
    this.#handlers = handlers;
    this.#worker = new Worker(workerFile(), {
      workerData: start,
      name: 'patchcord media',
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
    });
    this.#ready = new Promise((resolve, reject) => {
      this.#worker.on('message', (message: FromWorker) => {
        if (message.kind === 'ready') {
          this.#wakeFd = message.wakeFd;
          resolve();
        } else if (message.kind === 'unable') this.#die(message.reason, reject);
        else this.#handleMessage(message);
      });
      this.#worker.on('error', (error) => this.#die(messageOf(error), reject));
      this.#worker.on('exit', (code) => {
        this.#die(`the worker ended with status ${code}`, reject);
        if (this.#wakeFd !== undefined) releaseWakeup(this.#wakeFd);
        this.#wakeFd = undefined;
      });
    });
    // Whoever waits for it hears of it; nobody may.
    this.#ready.catch(() => {});
  }

  /** Resolves when the thread serves; rejects where it cannot start. */
  get ready(): Promise<void> {
    return this.#ready;
  }

  get isDead(): boolean {
    return this.#deathReason !== undefined;
  }

  call(method: RemoteMethod, args: readonly unknown[]): Promise<unknown> {
    if (this.#deathReason !== undefined) return Promise.reject(failed(this.#deathReason));
    this.#lastId += 1;
    const call: RemoteCall = { id: this.#lastId, method, args };
    return new Promise((resolve, reject) => {
      this.#pending.set(call.id, { resolve, reject });
      this.#worker.postMessage(call);
      if (this.#wakeFd !== undefined) wake(this.#wakeFd);
    });
  }

  async close(): Promise<void> {
    if (this.#isClosing) return;
    this.#isClosing = true;
    if (!this.isDead) {
      await this.call('close', []).catch(() => {});
    }
    await this.#worker.terminate();
  }

  #handleMessage(message: Exclude<FromWorker, { kind: 'ready' | 'unable' }>): void {
    if (message.kind === 'failed') return this.#handlers.onLegsFailed(message.legIds, message.reason);
    if (message.kind === 'event') return this.#handlers.onEvent(message.name, message.payload);
    const pending = this.#pending.get(message.id);
    this.#pending.delete(message.id);
    if (message.kind === 'result') pending?.resolve(message.value);
    else pending?.reject(new OperationError(message.code, message.message));
  }

  #die(reason: string, reject: (error: Error) => void): void {
    if (this.#deathReason !== undefined) return;
    this.#deathReason = reason;
    reject(failed(reason));
    for (const pending of this.#pending.values()) pending.reject(failed(reason));
    this.#pending.clear();
    if (!this.#isClosing) this.#handlers.onDeath(reason);
  }
}

function failed(reason: string): OperationError {
  return new OperationError('MEDIA_FAILED', reason);
}

/** Node.js 20 cannot start a worker from TypeScript: run from the sources, the worker is the built one. */
function workerFile(): string {
  const here = fileURLToPath(import.meta.url);
  const isSource = here.endsWith('.ts');
  return fileURLToPath(new URL(isSource ? '../../dist/media/worker/main.js' : './main.js', import.meta.url));
}
