// The media engine on threads of its own.

export type { MediaSockets } from './protocol.ts';
export { WorkerMediaEngine, type WorkerMediaEngineOptions } from './worker-media-engine.ts';
