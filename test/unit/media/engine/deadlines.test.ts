// Everything of an engine that waits for its time, on one timer.
import { describe, expect, it } from 'vitest';
import type { TimedMachine } from '../../../../core/index.ts';
import { Deadlines } from '../../../../media/engine/deadlines.ts';
import { World } from '../../../support/index.ts';

/** Due at each of these times. */
class Waiting implements TimedMachine {
  readonly handled: number[] = [];
  readonly #times: number[];
  isBroken = false;

  constructor(times: readonly number[]) {
    this.#times = [...times];
  }

  nextTimeoutAt(): number | undefined {
    return this.#times[0];
  }

  handleTimeout(now: number): void {
    if (this.isBroken) throw new Error('broken');
    this.handled.push(now);
    this.#times.shift();
  }
}

function createDeadlines() {
  const world = new World({ seed: 1 });
  const host = world.host('engine', { addresses: ['192.0.2.1'] });
  const start = host.clock.now();
  const faults: TimedMachine[] = [];
  const deadlines = new Deadlines(host, (due) => faults.push(due));
  const waiting = (...times: readonly number[]) => new Waiting(times.map((time) => start + time));
  return { world, deadlines, faults, waiting, start };
}

describe('Deadlines', () => {
  it('gives each its turn, as long as it has one', async () => {
    const { world, deadlines, waiting, start } = createDeadlines();
    const [a, b] = [waiting(10, 30), waiting(20)];
    deadlines.watch(a);
    deadlines.watch(b);
    await world.run(100);
    expect(a.handled).toEqual([start + 10, start + 30]);
    expect(b.handled).toEqual([start + 20]);
    expect(deadlines.size).toBe(0);
  });

  it('tells who threw, once, and gives the others their turn', async () => {
    const { world, deadlines, faults, waiting } = createDeadlines();
    const [a, b] = [waiting(10, 20), waiting(10)];
    a.isBroken = true;
    deadlines.watch(a);
    deadlines.watch(b);
    await world.run(100);
    expect(faults).toEqual([a]);
    expect(b.handled).toHaveLength(1);
    expect(deadlines.size).toBe(0);
  });

  it('moves a deadline within an input, and forgets who is cleared', async () => {
    const { world, deadlines, waiting, start } = createDeadlines();
    const [a, b] = [waiting(50), waiting(50)];
    deadlines.watch(b);
    deadlines.run(() => deadlines.rearm(a));
    deadlines.clear(b);
    await world.run(100);
    expect([a.handled, b.handled]).toEqual([[start + 50], []]);
  });

  it('gives nobody a turn when it is closed', async () => {
    const { world, deadlines, waiting } = createDeadlines();
    const a = waiting(10);
    deadlines.watch(a);
    deadlines.close();
    await world.run(100);
    expect(a.handled).toEqual([]);
  });
});
