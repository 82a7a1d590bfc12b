// The thread of a TURN server: asleep in epoll where it can be, with turns of the event loop for TCP and for its parent.
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import {
  codeOf,
  createLog,
  createNodeRuntime,
  invariant,
  messageOf,
  OpenDescriptors,
  openPolledRuntime,
  type PolledRuntime,
} from '../../../core/index.ts';
import { fastSockets } from '../server/fast/fast-sockets.ts';
import { type InlineTurnServer, startTurnServer } from '../server/start-turn-server.ts';
import type { FromTurnWorker, ToTurnWorker, TurnWorkerStart } from './protocol.ts';

/** How long the thread may go without a turn of the event loop while there are connections, which are served in it. */
const CONNECTED_TURN_MS = 2;
/** And while there are none: so long a new one waits. */
const IDLE_TURN_MS = 20;
/** No beat waits here, and what is handled together is handled faster. */
const EVENTS_AT_ONCE = 256;

async function serve(port: MessagePort, start: TurnWorkerStart): Promise<void> {
  const log = createLog(start.logLevel);
  const send = (message: FromTurnWorker) => port.postMessage(message);
  try {
    const descriptors = new OpenDescriptors(start.descriptors);
    const options = { user: 'TURN', log, eventsAtOnce: EVENTS_AT_ONCE, descriptors };
    const polled = await openPolledRuntime(start.sockets, options);
    const runtime = polled ?? createNodeRuntime({ log });
    const server = await startTurnServer(
      runtime,
      start.options,
      polled ? (tally) => fastSockets(polled, tally) : undefined,
    );
    const { listening } = server;
    send({ kind: 'ready', listening, ...(polled ? { wakeFd: polled.wakeup.fd } : {}) });
    if (polled) servePolled(polled, port, server);
    else port.on('message', (message: ToTurnWorker) => perform(port, server, message));
  } catch (error) {
    send({ kind: 'unable', message: messageOf(error), code: codeOf(error) });
  }
}

function servePolled(runtime: PolledRuntime, port: MessagePort, server: InlineTurnServer): void {
  let isClosed = false;
  const turn = (): void => {
    for (let next = receiveMessageOnPort(port); next; next = receiveMessageOnPort(port)) {
      // The parent sends nothing else.
      const message = next.message as ToTurnWorker;
      isClosed ||= message.kind === 'close';
      perform(port, server, message, () => runtime.close());
    }
    if (!isClosed) setImmediate(run);
  };
  const run = (): void => {
    runtime.runFor(server.connectionCount > 0 ? CONNECTED_TURN_MS : IDLE_TURN_MS);
    turn();
  };
  // Where it fails; a thread that its parent ends leaves its descriptors open.
  process.once('exit', () => runtime.close());
  turn();
}

function perform(
  port: MessagePort,
  server: InlineTurnServer,
  message: ToTurnWorker,
  onClosed: () => void = () => {},
): void {
  const send = (message: FromTurnWorker) => port.postMessage(message);
  if (message.kind === 'report') return send({ kind: 'report', counters: server.counters });
  if (message.kind === 'admit') return server.admit(message.peer);
  if (message.kind === 'dismiss') return server.dismiss(message.peer);
  void server.close().then(() => {
    onClosed();
    send({ kind: 'closed' });
    port.close();
  });
}

invariant(parentPort, 'this file is only ever the main file of a worker');
// The parent makes workerData of this type, and nobody else starts this file.
void serve(parentPort, workerData as TurnWorkerStart);
