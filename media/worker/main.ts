// The thread of a media worker: an engine of its own, commanded over the parent's port.
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { codeOf, createLog, createNodeRuntime, invariant, messageOf } from '../../core/index.ts';
import { InlineMediaEngine } from '../engine/index.ts';
import type { FromWorker, RemoteCall, RemoteEventName, WorkerStart } from './protocol.ts';

const EVENTS: readonly RemoteEventName[] = ['inactive', 'sourceLearned', 'sourceRefused', 'digit'];

function serve(port: MessagePort, start: WorkerStart): void {
  const runtime = createNodeRuntime({ log: createLog(start.logLevel) });
  const engine = new InlineMediaEngine(runtime, start.engine);
  const send = (message: FromWorker) => port.postMessage(message);
  for (const name of EVENTS) engine.on(name, (payload) => send({ kind: 'event', name, payload }));
  port.on('message', (call: RemoteCall) => {
    perform(engine, call).then(
      (value) => {
        send({ kind: 'result', id: call.id, value });
        if (call.method === 'close') port.close();
      },
      (error) =>
        send({
          kind: 'error',
          id: call.id,
          code: codeOf(error) ?? 'MEDIA_FAILED',
          message: messageOf(error),
        }),
    );
  });
  send({ kind: 'ready' });
}

async function perform(engine: InlineMediaEngine, { method, args }: RemoteCall): Promise<unknown> {
  // Both ends of the port are ours and typed alike: the arguments are those of the method.
  const call = engine[method] as (...args: readonly unknown[]) => Promise<unknown>;
  return call.apply(engine, [...args]);
}

invariant(parentPort, 'this file is only ever the main file of a worker');
// The parent makes workerData of this type, and nobody else starts this file.
serve(parentPort, workerData as WorkerStart);
