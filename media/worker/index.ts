// The media engine on threads of its own.

export { WorkerMediaEngine, type WorkerMediaEngineOptions } from './worker-media-engine.ts';
