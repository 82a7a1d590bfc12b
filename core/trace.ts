// Full traces for whoever listens (packet capture, HEP, debugging); without a listener they cost one comparison.
import { channel, subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Emitter } from './emitter.ts';

/** One named place in the code. Ask `hasSubscribers` before making what is published. */
export interface TracePoint {
  readonly hasSubscribers: boolean;
  publish(message: unknown): void;
}

/** The trace point of a name (`patchcord:sip:received`), the same one for everybody who asks. */
export function tracePoint(name: string): TracePoint {
  return channel(name);
}

/**
 * Listens to a trace point. What a listener throws would end the process: it is a warning instead.
 *
 * @returns what ends it
 */
export function onTrace(name: string, listener: (message: unknown) => void): () => void {
  const guarded = (message: unknown) => {
    try {
      listener(message);
    } catch (error) {
      Emitter.onListenerError(error);
    }
  };
  subscribe(name, guarded);
  return () => {
    unsubscribe(name, guarded);
  };
}
