// What the bench asks of a bridge that is measured, ours or the naive one; each is a process of its own.

export type BridgeRequest =
  | { readonly kind: 'hello' }
  | { readonly kind: 'rooms'; readonly count: number; readonly maxTalkers?: number }
  | {
      readonly kind: 'join';
      /** {@link NO_ROOM}, or one that was opened. */
      readonly roomId: number;
      /** On 127.0.0.1, from where the member sends and where it hears. */
      readonly port: number;
      /** Whether its packets tell their level (RFC 6464). */
      readonly tellsLevel: boolean;
    }
  | { readonly kind: 'report' }
  | {
      readonly kind: 'costs';
      readonly voices: readonly (readonly Uint8Array[])[];
      readonly maxTalkers: number;
    };

export type BridgeAnswer =
  | { readonly kind: 'hello' }
  | { readonly kind: 'rooms'; readonly roomIds: readonly number[] }
  | { readonly kind: 'joined'; readonly port: number }
  | { readonly kind: 'report'; readonly report: BridgeReport }
  | { readonly kind: 'costs'; readonly costs: CodecCosts }
  | { readonly kind: 'failed'; readonly reason: string };

/** Of all rooms together, since they were opened. */
export interface BridgeReport {
  readonly beats: number;
  readonly decodes: number;
  readonly encodes: number;
  readonly undecoded: number;
  /** Counters of so many beats, each `LATENESS_STEP_MS` wide. */
  readonly begun: readonly number[];
  readonly left: readonly number[];
}

/** What the codecs alone take. */
export interface CodecCost {
  readonly decodeMicroseconds: number;
  readonly encodeMicroseconds: number;
}

export interface CodecCosts {
  /** One after the other, without a rest. */
  readonly hot: CodecCost;
  /** Those of a beat every 20 ms, as in a room. */
  readonly paced: CodecCost;
}

export const ADDRESS = '127.0.0.1';

export const OPUS = {
  payloadType: 111,
  encoding: 'opus',
  clockRateHz: 48_000,
  channels: 2,
  formatParameters: 'useinbandfec=1',
} as const;

export const LEVEL_ID = 1;

/** Whoever joins it hears itself: what packets cost alone. */
export const NO_ROOM = 0;

/** Serves requests that come over the pipe, in their order. */
export function serveBridge(perform: (request: BridgeRequest) => Promise<BridgeAnswer>): void {
  let last: Promise<void> = Promise.resolve();
  // Whoever measures is gone.
  process.once('disconnect', () => process.exit(0));
  process.on('message', (request: BridgeRequest) => {
    last = last
      .then(() => perform(request))
      .catch((error: unknown): BridgeAnswer => ({ kind: 'failed', reason: String(error) }))
      .then((answer) => void process.send?.(answer));
  });
}
