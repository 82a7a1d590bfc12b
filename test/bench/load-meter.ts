// How busy the load generator itself was: a bench whose load is the limit measures the load.
import { cpuSeconds } from '../support/peers/cpu-time.ts';
import { complain } from './report.ts';

/** Beyond this share of its core the generator may be what limits. */
const SATURATED_SHARE = 0.95;

export interface Usage {
  readonly elapsedSeconds: number;
  /** CPU seconds of the program that is measured. */
  readonly serverSeconds: number;
  /** 0 to 1: share of its core that the measured program took. */
  readonly serverBusy: number;
  /** 0 to 1: share of its core that the load took. */
  readonly loadBusy: number;
}

/** Measures between its making and {@link LoadMeter.stop}. */
export class LoadMeter {
  readonly #serverPid: number;
  readonly #serverSeconds: number;
  readonly #startedAt = performance.now();
  readonly #ownUsage = process.cpuUsage();

  /** @param serverPid - the program that is measured, with its children */
  constructor(serverPid: number) {
    this.#serverPid = serverPid;
    this.#serverSeconds = cpuSeconds(serverPid);
  }

  stop(): Usage {
    const elapsedSeconds = (performance.now() - this.#startedAt) / 1000;
    const own = process.cpuUsage(this.#ownUsage);
    const serverSeconds = cpuSeconds(this.#serverPid) - this.#serverSeconds;
    return {
      elapsedSeconds,
      serverSeconds,
      serverBusy: serverSeconds / elapsedSeconds,
      loadBusy: (own.user + own.system) / 1e6 / elapsedSeconds,
    };
  }
}

/** Says so where the load had no headroom while the server had. */
export function checkHeadroom(usage: Usage): void {
  if (usage.loadBusy > SATURATED_SHARE && usage.serverBusy < SATURATED_SHARE) {
    complain('the load core is full and the server core is not');
  }
}
