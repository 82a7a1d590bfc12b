// The fast path where it works, for threads that can do without it.
import { messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import { PolledRuntime, type PolledRuntimeOptions } from './polled-runtime.ts';
import { loadSystemCalls } from './system-calls.ts';

/** How a thread reaches the network: by system calls of Linux, by Node.js, or by whichever works, the former first. */
export type ThreadSockets = 'auto' | 'linux' | 'node';

export interface OpenPolledRuntimeOptions extends PolledRuntimeOptions {
  /** Who asks, for the log: `media`, `TURN`. */
  readonly user: string;
  readonly log: Log;
}

/**
 * @returns undefined where `node:dgram` shall serve
 * @throws Error that says what is missing, where nothing but Linux will do
 */
export async function openPolledRuntime(
  sockets: ThreadSockets,
  { user, log, ...options }: OpenPolledRuntimeOptions,
): Promise<PolledRuntime | undefined> {
  if (sockets === 'node') return undefined;
  try {
    return new PolledRuntime(await loadSystemCalls(), log, options);
  } catch (error) {
    if (sockets === 'linux') throw error;
    log.info({ reason: messageOf(error) }, `${user} uses node:dgram: the Linux fast path does not work here`);
    return undefined;
  }
}
