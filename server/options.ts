// What a server is made from.
import type { Runtime, ThreadSockets } from '../core/index.ts';
import type { MediaEngine, MediaEngineOptions } from '../media/index.ts';
import type { ConfigurationInput } from './config/index.ts';
import type { Store } from './store/index.ts';

/** How the server asks for its media engine. */
export interface OpenMediaOptions extends Required<MediaEngineOptions> {
  /** Undefined: as many as suit the machine. */
  readonly workers: number | undefined;
  readonly sockets: ThreadSockets;
}

/**
 * The names of patchcord.yaml, and what only a program can give.
 *
 * @example createServer({ sip: { udp: '127.0.0.1:5060', tcp: 'off' }, users: { alice: { password: 'secret' } } })
 */
export interface ServerOptions extends ConfigurationInput, ServerSurroundings {}

/** What a server stands on. */
export interface ServerSurroundings {
  /** The real world where not given. */
  readonly runtime?: Runtime;
  /** The server closes it. SQLite in `dataFolder` where not given; `new MemoryStore()` leaves nothing behind. */
  readonly store?: Store;
  /** The server closes it. Threads of this process where not given. */
  readonly openMedia?: (runtime: Runtime, options: OpenMediaOptions) => Promise<MediaEngine> | MediaEngine;
}
