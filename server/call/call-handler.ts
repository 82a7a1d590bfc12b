// All calls of one server: takes new ones in, counts them, and sees them out.
import { sleep } from '../../core/index.ts';
import { Call, type CallSurroundings } from './call.ts';
import { MediaWatch } from './media-watch.ts';
import { inPortions } from './portions.ts';
import { REASONS } from './reasons.ts';
import type { CallDependencies, CallHandler, IncomingCall, LiveCall } from './types.ts';

// Pause between two looks at the calls that are left while draining.
const DRAIN_STEP_MS = 100;

/** Calls whose figures are asked for at once: a media thread answers a portion between two beats, in about a millisecond. */
const PORTION = 5;

/** Creates the part of the server that handles calls. It owns its calls; their legs and sessions end with them. */
export function createCallHandler(dependencies: CallDependencies): CallHandler {
  return new Calls(dependencies);
}

class Calls implements CallHandler {
  readonly #surroundings: CallSurroundings;
  readonly #calls = new Set<Call>();
  #number = 0;

  constructor(dependencies: CallDependencies) {
    this.#surroundings = {
      dependencies,
      watch: new MediaWatch(dependencies.media),
    };
  }

  get callCount(): number {
    return this.#calls.size;
  }

  handleInvite(incoming: IncomingCall): void {
    const { settings } = this.#surroundings.dependencies;
    if (this.#calls.size >= settings.maxCalls) {
      return incoming.session.reject(503, { headers: [['Retry-After', '10']] });
    }
    const call = new Call(this.#surroundings, incoming, this.#nextUniqueid());
    this.#calls.add(call);
    void call.run().finally(() => this.#calls.delete(call));
  }

  async live(limit: number): Promise<readonly LiveCall[]> {
    const latest = [...this.#calls].slice(-limit).toReversed();
    const shown = await inPortions(latest, PORTION, async (call) =>
      // Meanwhile it may be over.
      this.#calls.has(call) ? [await call.live()] : [],
    );
    return shown.flat();
  }

  async drain(limitMs: number): Promise<void> {
    const { runtime } = this.#surroundings.dependencies;
    const endAt = runtime.clock.now() + limitMs;
    while (this.#calls.size > 0 && runtime.clock.now() < endAt) await sleep(runtime, DRAIN_STEP_MS);
    for (const call of this.#calls) call.hangUp(REASONS.serverStops, 503);
    while (this.#calls.size > 0) await sleep(runtime, DRAIN_STEP_MS);
  }

  /** As Asterisk writes it: seconds since 1970, a point, and a number that tells calls of one second apart. */
  #nextUniqueid(): string {
    const { runtime } = this.#surroundings.dependencies;
    this.#number += 1;
    return `${Math.floor(runtime.clock.wallClock() / 1000)}.${this.#number}`;
  }
}
