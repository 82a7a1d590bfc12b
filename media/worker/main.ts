// The thread of a media worker: an engine of its own, commanded over the parent's port.
import { setPriority } from 'node:os';
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import {
  createLog,
  createNodeRuntime,
  invariant,
  messageOf,
  openPolledRuntime,
  type PolledRuntime,
} from '../../core/index.ts';
import { InlineMediaEngine } from '../engine/index.ts';
import { CommandServer } from './command-server.ts';
import type { FromWorker, RemoteCall, WorkerStart } from './protocol.ts';

/** How long a thread that is at work may go without a turn of the event loop, in which files and codecs load. */
const BUSY_TURN_MS = 5;
/** And one that is not. */
const IDLE_TURN_MS = 100;

/** Above whatever else the process does in its threads (garbage, compiling): sound has its time. As nice counts it. */
const PRIORITY = -11;

/** Linux has a priority for each thread, and this is the one of the caller. Only the privileged may raise it. */
function hurry(): void {
  try {
    if (process.platform === 'linux') setPriority(0, PRIORITY);
  } catch {
    // As before: the system shares its cores among all.
  }
}

async function serve(port: MessagePort, start: WorkerStart): Promise<void> {
  hurry();
  const log = createLog(start.logLevel);
  const send = (message: FromWorker) => port.postMessage(message);
  try {
    const polled = await openPolledRuntime(start.sockets, { user: 'media', log });
    const engine = new InlineMediaEngine(polled ?? createNodeRuntime({ log }), start.engine);
    if (polled) servePolled(polled, port, new CommandServer(engine, send, () => polled.close()));
    else serveTurning(port, new CommandServer(engine, send));
  } catch (error) {
    send({ kind: 'unable', reason: messageOf(error) });
  }
}

function serveTurning(port: MessagePort, server: CommandServer): void {
  port.on('message', (call: RemoteCall) => {
    server.perform(call).then(() => {
      if (server.isClosed) port.close();
    });
  });
  port.postMessage({ kind: 'ready' } satisfies FromWorker);
}

/**
 * The thread sleeps in epoll, and the event loop gets a turn on demand: each turn between two batches of packets would
 * cost a sixth of what the thread can forward.
 */
function servePolled(runtime: PolledRuntime, port: MessagePort, server: CommandServer): void {
  const turn = (): void => {
    for (let next = receiveMessageOnPort(port); next; next = receiveMessageOnPort(port)) {
      // The parent sends nothing else.
      void server.perform(next.message as RemoteCall);
    }
    setImmediate(run);
  };
  const run = (): void => {
    if (server.isClosed) return port.close();
    runtime.runFor(server.isWorking ? BUSY_TURN_MS : IDLE_TURN_MS);
    turn();
  };
  // Where it fails; a thread that its parent ends leaves its descriptors open.
  process.once('exit', () => runtime.close());
  port.postMessage({ kind: 'ready', wakeFd: runtime.wakeup.fd } satisfies FromWorker);
  turn();
}

invariant(parentPort, 'this file is only ever the main file of a worker');
// The parent makes workerData of this type, and nobody else starts this file.
void serve(parentPort, workerData as WorkerStart);
