// The media engine of a server in the real world.
import { availableParallelism } from 'node:os';
import { type LogLevel, loadSystemCalls, messageOf, UsageError } from '../core/index.ts';
import { type MediaEngine, WorkerMediaEngine } from '../media/index.ts';
import type { OpenMediaOptions } from './options.ts';

/** More threads than this gain nothing before the ports run out. */
const MAX_DEFAULT_WORKERS = 8;

/**
 * Starts the threads that relay sound: one a core where nothing else is asked for.
 *
 * @throws UsageError where the sockets of Linux are asked for and do not work here
 */
export async function openMediaWorkers(options: OpenMediaOptions, logLevel: LogLevel): Promise<MediaEngine> {
  const { workers = Math.min(MAX_DEFAULT_WORKERS, availableParallelism()), ...rest } = options;
  // A thread would find out as well, but not tell what is to be done.
  if (rest.sockets === 'linux') await loadSystemCalls().catch(refuseLinux);
  return WorkerMediaEngine.start({ ...rest, workers, logLevel });
}

function refuseLinux(error: unknown): never {
  throw new UsageError(
    `media.sockets is "linux", and does not work here: ${messageOf(error)}; ` +
      'choose "auto", or run Linux with the package koffi ("npm install koffi")',
    { cause: error },
  );
}
