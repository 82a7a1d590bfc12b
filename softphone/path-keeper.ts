// Renews ICE where a call's path is gone, or had to leave the direct way: new credentials in a re-INVITE, later and later.
import type { CancelTimer, Runtime } from '../core/index.ts';
import type { IceState } from '../nat/index.ts';
import type { CallPathReport } from './report/index.ts';

/** A path that does not answer is given so long to come back, or to be replaced by another that is known. */
const PATIENCE_MS = 1000;
/** Between one restart and the next: doubles. */
const FIRST_RETRY_MS = 2000;
const LONGEST_RETRY_MS = 60_000;
/** While sound goes through a relay, restarts for a direct way: in the first minute, and then no more. */
const MOST_RETURNS = 6;
/** A path that lasts so long is lasting; before, the next restart is as late as if it had not been found. */
const SETTLED_MS = 30_000;

/** What is to be looked for. */
type Wish = 'any path' | 'a direct path';

/** Owned by its call, which closes it. */
export class PathKeeper {
  readonly #runtime: Runtime;
  readonly #renew: () => Promise<unknown>;
  #state: IceState = 'new';
  #kind: CallPathReport['kind'] | undefined;
  #tries = 0;
  #cancelRetry: CancelTimer | undefined;
  #cancelSettling: CancelTimer | undefined;
  #isRenewing = false;
  #isClosed = false;
  /** Where there never was a path, or a direct one, asking again finds none. */
  #wasConnected = false;
  #wasDirect = false;

  /** @param renew - restarts ICE by an offer; resolves when that is answered, however, and never rejects */
  constructor(runtime: Runtime, renew: () => Promise<unknown>) {
    this.#runtime = runtime;
    this.#renew = renew;
  }

  /** Takes every change of the path's state. */
  handleState(state: IceState): void {
    this.#state = state;
    if (state === 'connected') this.#wasConnected = true;
    this.#review();
  }

  /** Takes every change of the way that sound goes. */
  handleKind(kind: CallPathReport['kind']): void {
    this.#kind = kind;
    if (kind === 'direct') this.#wasDirect = true;
    this.#review();
  }

  close(): void {
    this.#isClosed = true;
    this.#cancelRetry?.();
    this.#stopSettling();
  }

  get #wish(): Wish | undefined {
    const isLost = this.#state === 'disconnected' || this.#state === 'failed';
    if (isLost) return this.#wasConnected ? 'any path' : undefined;
    return this.#wasDirect && this.#kind !== 'direct' ? 'a direct path' : undefined;
  }

  #review(): void {
    if (this.#isClosed) return;
    const wish = this.#wish;
    if (wish && (wish === 'any path' || this.#tries < MOST_RETURNS)) {
      this.#stopSettling();
      this.#arm();
    } else {
      this.#cancelRetry?.();
      this.#cancelRetry = undefined;
      if (!wish) this.#settle();
    }
  }

  #arm(): void {
    if (this.#cancelRetry || this.#isRenewing) return;
    const retryMs = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** (this.#tries - 1));
    this.#cancelRetry = this.#after(this.#tries === 0 ? PATIENCE_MS : retryMs, () => {
      this.#cancelRetry = undefined;
      void this.#try();
    });
  }

  async #try(): Promise<void> {
    this.#tries += 1;
    this.#isRenewing = true;
    await this.#renew();
    this.#isRenewing = false;
    this.#review();
  }

  #settle(): void {
    if (this.#tries === 0) return;
    this.#cancelSettling ??= this.#after(SETTLED_MS, () => {
      this.#cancelSettling = undefined;
      this.#tries = 0;
    });
  }

  #stopSettling(): void {
    this.#cancelSettling?.();
    this.#cancelSettling = undefined;
  }

  #after(delayMs: number, act: () => void): CancelTimer {
    return this.#runtime.setTimer(this.#runtime.clock.now() + delayMs, act);
  }
}
