// The media engine of a server in the real world.
import { availableParallelism } from 'node:os';
import type { LogLevel } from '../core/index.ts';
import { type MediaEngine, WorkerMediaEngine } from '../media/index.ts';
import type { OpenMediaOptions } from './options.ts';

/** More threads than this gain nothing before the ports run out. */
const MAX_DEFAULT_WORKERS = 8;

/** Starts the threads that relay sound: one a core where nothing else is asked for. */
export function openMediaWorkers(options: OpenMediaOptions, logLevel: LogLevel): Promise<MediaEngine> {
  const { workers = Math.min(MAX_DEFAULT_WORKERS, availableParallelism()), ...rest } = options;
  return WorkerMediaEngine.start({ ...rest, workers, logLevel });
}
