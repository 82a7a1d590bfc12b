// What crosses between the main thread and the one of the TURN server: plain data.
import type { LogLevel, ThreadSockets } from '../../../core/index.ts';
import type { LocalPeer, TurnCounters, TurnListening, TurnServerOptions } from '../server/index.ts';

export interface TurnWorkerStart {
  readonly options: TurnServerOptions;
  readonly sockets: ThreadSockets;
  readonly logLevel: LogLevel;
  /** Of `OpenDescriptors`. */
  readonly descriptors: SharedArrayBuffer;
}

export type ToTurnWorker =
  | { readonly kind: 'report' }
  | { readonly kind: 'admit' | 'dismiss'; readonly peer: LocalPeer }
  | { readonly kind: 'close' };

export type FromTurnWorker =
  /** `wakeFd`: where it sleeps in epoll, what wakes it. */
  | { readonly kind: 'ready'; readonly listening: TurnListening; readonly wakeFd?: number }
  /** It cannot serve: what `startTurnServer` threw. */
  | { readonly kind: 'unable'; readonly message: string; readonly code: string | undefined }
  | { readonly kind: 'report'; readonly counters: TurnCounters }
  | { readonly kind: 'closed' };
