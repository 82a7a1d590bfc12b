// What crosses between the main thread and the one of the TURN server: plain data.
import type { LogLevel } from '../../../core/index.ts';
import type { TurnCounters, TurnListening, TurnServerOptions } from '../server/index.ts';

/**
 * How the thread speaks to the network: by system calls, asleep in epoll (`linux`), or by `node:dgram` (`node`). `auto` is
 * the first where it works.
 */
export type TurnWorkerSockets = 'auto' | 'linux' | 'node';

export interface TurnWorkerStart {
  readonly options: TurnServerOptions;
  readonly sockets: TurnWorkerSockets;
  readonly logLevel: LogLevel;
}

export type ToTurnWorker = { readonly kind: 'report' } | { readonly kind: 'close' };

export type FromTurnWorker =
  /** `wakeFd`: where it sleeps in epoll, what wakes it. */
  | { readonly kind: 'ready'; readonly listening: TurnListening; readonly wakeFd?: number }
  /** It cannot serve: what `startTurnServer` threw. */
  | { readonly kind: 'unable'; readonly message: string; readonly code: string | undefined }
  | { readonly kind: 'report'; readonly counters: TurnCounters }
  | { readonly kind: 'closed' };
