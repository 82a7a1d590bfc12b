// What crosses between the main thread and a media worker: plain data.
import type { LogLevel, ThreadSockets } from '../../core/index.ts';
import type { MediaEngineEvents, MediaEngineOptions } from '../engine/index.ts';

/** What a worker is started with. */
export interface WorkerStart {
  readonly sockets: ThreadSockets;
  readonly engine: MediaEngineOptions;
  readonly logLevel: LogLevel;
}

/** Methods of the engine that are called from the main thread; each takes its arguments in order. */
export type RemoteMethod =
  | 'openLeg'
  | 'setRemote'
  | 'connect'
  | 'disconnect'
  | 'echo'
  | 'playTone'
  | 'playFile'
  | 'stopPlaying'
  | 'sendDigits'
  | 'startRecording'
  | 'stopRecording'
  | 'noteInRecording'
  | 'report'
  | 'closeLeg'
  | 'openRoom'
  | 'closeRoom'
  | 'joinRoom'
  | 'setMember'
  | 'playInRoom'
  | 'roomReport'
  | 'close';

export interface RemoteCall {
  readonly id: number;
  readonly method: RemoteMethod;
  readonly args: readonly unknown[];
}

/** Events that a worker can tell by itself. */
export type RemoteEventName = Exclude<keyof MediaEngineEvents, 'failed'>;

export type FromWorker =
  /** `wakeFd`: where it sleeps in epoll, what wakes it for a call. */
  | { readonly kind: 'ready'; readonly wakeFd?: number }
  /** It cannot serve: the sockets that were asked for do not work here. */
  | { readonly kind: 'unable'; readonly reason: string }
  | { readonly kind: 'result'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'error'; readonly id: number; readonly code: string; readonly message: string }
  /** The legs are closed already. */
  | { readonly kind: 'failed'; readonly legIds: readonly number[]; readonly reason: string }
  | { readonly kind: 'event'; readonly name: RemoteEventName; readonly payload: object };
