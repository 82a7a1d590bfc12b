// A runtime whose clock moves when a test says so.
import { type Network, type Runtime, SeededRandom, silentLog } from '../../../core/index.ts';

interface Timer {
  readonly at: number;
  readonly fire: () => void;
}

const noNetwork = new Proxy({} as Network, {
  get: () => () => {
    throw new Error('this test has no network');
  },
});

export class FakeRuntime implements Runtime {
  readonly random = new SeededRandom(1);
  readonly network = noNetwork;
  readonly log = silentLog;
  readonly clock = { now: () => this.#now, wallClock: () => 1_700_000_000_000 + this.#now };
  #now = 0;
  readonly #timers = new Set<Timer>();

  get timerCount(): number {
    return this.#timers.size;
  }

  setTimer(at: number, fire: () => void): () => void {
    const timer = { at, fire };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Moves the clock to each timer in turn, letting promises settle in between. */
  async advance(milliseconds: number): Promise<void> {
    const end = this.#now + milliseconds;
    await settle();
    for (;;) {
      const due = [...this.#timers].filter((timer) => timer.at <= end).toSorted((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.#timers.delete(due);
      this.#now = Math.max(this.#now, due.at);
      due.fire();
      await settle();
    }
    this.#now = end;
    await settle();
  }

  /** The process was busy: the clock moves and no timer fires. */
  stall(milliseconds: number): void {
    this.#now += milliseconds;
  }
}

async function settle(): Promise<void> {
  for (let i = 0; i < 20; i += 1) await Promise.resolve();
}
