// The named timers of one session, on the runtime's clock.
import type { CancelTimer, Runtime } from '../../core/index.ts';

export class SessionTimers<Name extends string> {
  readonly #runtime: Runtime;
  readonly #cancels = new Map<Name, CancelTimer>();

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  set(name: Name, delayMs: number, fire: () => void): void {
    this.clear(name);
    const at = this.#runtime.clock.now() + delayMs;
    this.#cancels.set(
      name,
      this.#runtime.setTimer(at, () => {
        this.#cancels.delete(name);
        fire();
      }),
    );
  }

  clear(name: Name): void {
    this.#cancels.get(name)?.();
    this.#cancels.delete(name);
  }

  clearAll(): void {
    for (const cancel of this.#cancels.values()) cancel();
    this.#cancels.clear();
  }
}
