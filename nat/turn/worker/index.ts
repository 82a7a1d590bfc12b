// The TURN server in a thread of its own.
export type { TurnWorkerSockets } from './protocol.ts';
export { startTurnWorker, type TurnWorkerOptions } from './start-turn-worker.ts';
