// The TURN server in a thread of its own.
export { startTurnWorker, type TurnWorkerOptions } from './start-turn-worker.ts';
