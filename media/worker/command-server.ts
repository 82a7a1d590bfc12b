// Performs what the parent of a media worker asks of its engine, and tells it what happens there.
import { codeOf, messageOf } from '../../core/index.ts';
import type { InlineMediaEngine } from '../engine/index.ts';
import type { FromWorker, RemoteCall, RemoteEventName } from './protocol.ts';

const EVENTS: readonly RemoteEventName[] = [
  'inactive',
  'sourceLearned',
  'sourceRefused',
  'digit',
  'talking',
  'levels',
  'recordingFailed',
];

export class CommandServer {
  readonly #engine: InlineMediaEngine;
  readonly #send: (message: FromWorker) => void;
  readonly #onClosed: () => void;
  #pending = 0;
  #isClosed = false;

  /** @param onClosed - called when the engine was closed, before the parent knows and may end the thread */
  constructor(
    engine: InlineMediaEngine,
    send: (message: FromWorker) => void,
    onClosed: () => void = () => {},
  ) {
    this.#engine = engine;
    this.#send = send;
    this.#onClosed = onClosed;
    engine.on('failed', (failure) => send({ kind: 'failed', ...failure }));
    for (const name of EVENTS) engine.on(name, (payload) => send({ kind: 'event', name, payload }));
  }

  /** Whether work is under way that needs turns of the event loop: calls to be answered, codecs that load. */
  get isWorking(): boolean {
    return this.#pending > 0 || this.#engine.isLoading;
  }

  /** The engine was closed, and the parent knows. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Never rejects: the parent gets the answer. */
  async perform(call: RemoteCall): Promise<void> {
    this.#pending += 1;
    try {
      const value = await this.#invoke(call);
      if (call.method === 'close') this.#onClosed();
      this.#send({ kind: 'result', id: call.id, value });
    } catch (error) {
      const code = codeOf(error) ?? 'MEDIA_FAILED';
      this.#send({ kind: 'error', id: call.id, code, message: messageOf(error) });
    } finally {
      this.#pending -= 1;
      if (call.method === 'close') this.#isClosed = true;
    }
  }

  #invoke({ method, args }: RemoteCall): Promise<unknown> {
    // Both ends of the port are ours and typed alike: the arguments are those of the method.
    const invoked = this.#engine[method] as (...args: readonly unknown[]) => Promise<unknown>;
    return invoked.apply(this.#engine, [...args]);
  }
}
