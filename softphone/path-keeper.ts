// Renews ICE where a call's path is gone and no better one is found: new credentials in a re-INVITE, later and later.
import type { CancelTimer, Runtime } from '../core/index.ts';
import type { IceState } from '../nat/index.ts';

/** A path that does not answer is given so long to come back, or to be replaced by another that is known. */
const PATIENCE_MS = 1000;
/** Between one restart and the next: doubles. */
const FIRST_RETRY_MS = 2000;
const LONGEST_RETRY_MS = 60_000;

/** Owned by its call, which closes it. */
export class PathKeeper {
  readonly #runtime: Runtime;
  readonly #renew: () => Promise<unknown>;
  #state: IceState = 'new';
  #tries = 0;
  #cancelTimer: CancelTimer | undefined;
  #isRenewing = false;
  #isClosed = false;
  /** Where there never was a path, asking again finds none. */
  #wasConnected = false;

  /** @param renew - restarts ICE by an offer; resolves when that is answered, however, and never rejects */
  constructor(runtime: Runtime, renew: () => Promise<unknown>) {
    this.#runtime = runtime;
    this.#renew = renew;
  }

  /** Takes every change of the path's state. */
  handleState(state: IceState): void {
    this.#state = state;
    if (state === 'connected') {
      this.#wasConnected = true;
      this.#tries = 0;
    }
    if (this.#isLost) this.#arm();
    else this.#disarm();
  }

  close(): void {
    this.#isClosed = true;
    this.#disarm();
  }

  get #isLost(): boolean {
    return this.#wasConnected && (this.#state === 'disconnected' || this.#state === 'failed');
  }

  #arm(): void {
    if (this.#cancelTimer || this.#isRenewing || this.#isClosed) return;
    const retryMs = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** (this.#tries - 1));
    const delayMs = this.#tries === 0 ? PATIENCE_MS : retryMs;
    this.#cancelTimer = this.#runtime.setTimer(this.#runtime.clock.now() + delayMs, () => {
      this.#cancelTimer = undefined;
      void this.#try();
    });
  }

  #disarm(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  async #try(): Promise<void> {
    this.#tries += 1;
    this.#isRenewing = true;
    await this.#renew();
    this.#isRenewing = false;
    if (this.#isLost) this.#arm();
  }
}
