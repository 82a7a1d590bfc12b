// Everything that a shell takes from the world outside, in one parameter.
import { type Clock, systemClock } from './clock.ts';
import { type Log, silentLog } from './log.ts';
import type { Network } from './network.ts';
import { nodeNetwork } from './node-network.ts';
import { type Random, SystemRandom } from './random.ts';

/** Stops a timer that has not fired; afterwards it does nothing. */
export type CancelTimer = () => void;

/** What is not protocol: time, chance, sockets, log. The virtual world of the tests is another one of these. */
export interface Runtime {
  readonly clock: Clock;
  readonly random: Random;
  readonly network: Network;
  readonly log: Log;
  /** Calls `fire` once, not before `at` (monotonic milliseconds). */
  setTimer(at: number, fire: () => void): CancelTimer;
}

/** The real world. */
export function createNodeRuntime(options: { readonly log?: Log } = {}): Runtime {
  return {
    clock: systemClock,
    random: new SystemRandom(),
    network: nodeNetwork,
    log: options.log ?? silentLog,
    setTimer: setSystemTimer,
  };
}

// The longest delay that setTimeout takes; a later deadline is armed again when this one fires.
const MAX_DELAY_MS = 0x7fff_ffff;

function setSystemTimer(at: number, fire: () => void): CancelTimer {
  let handle: NodeJS.Timeout;
  const arm = () => {
    const delayMs = Math.ceil(at - systemClock.now());
    handle = setTimeout(fireOrWait, Math.min(Math.max(0, delayMs), MAX_DELAY_MS));
  };
  // setTimeout counts whole milliseconds of a clock that the event loop read earlier, so it can be early.
  const fireOrWait = () => (systemClock.now() < at ? arm() : fire());
  arm();
  return () => clearTimeout(handle);
}

/** Resolves after `delayMs` of the runtime's time, or at once where `signal` is aborted. Never rejects. */
export function sleep(runtime: Runtime, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = () => {
      cancel();
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const cancel = runtime.setTimer(runtime.clock.now() + delayMs, done);
    signal?.addEventListener('abort', done, { once: true });
  });
}
