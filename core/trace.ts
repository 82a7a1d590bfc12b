// Full traces for whoever listens (packet capture, HEP, debugging); without a listener they cost one comparison.
import { channel } from 'node:diagnostics_channel';

/** One named place in the code. Ask `hasSubscribers` before making what is published. */
export interface TracePoint {
  readonly hasSubscribers: boolean;
  publish(message: unknown): void;
}

/** The trace point of a name (`patchcord:sip:received`), the same one for everybody who asks. */
export function tracePoint(name: string): TracePoint {
  return channel(name);
}
