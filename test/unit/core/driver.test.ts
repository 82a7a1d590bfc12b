import { describe, expect, test } from 'vitest';
import { Driver, sleep, type TimedMachine, TimerTable } from '../../../core/index.ts';
import { createWorld, expectEmpty } from '../../support/index.ts';

/** Remembers what it was told, and what was due. */
class Machine implements TimedMachine {
  readonly timers = new TimerTable<string>();
  readonly fired: [name: string, now: number][] = [];
  outputs: string[] = [];

  nextTimeoutAt(): number | undefined {
    return this.timers.nextAt();
  }

  handleTimeout(now: number): void {
    for (let due = this.timers.takeDue(now); due !== undefined; due = this.timers.takeDue(now)) {
      this.fired.push([due, now]);
      this.outputs.push(due);
    }
  }
}

function setUp() {
  const world = createWorld();
  const host = world.host('a', { addresses: ['192.0.2.1'] });
  const machine = new Machine();
  const drained: string[] = [];
  const driver: Driver = new Driver(host, machine, () => {
    drained.push(...machine.outputs.splice(0));
  });
  return { world, host, machine, drained, driver, start: world.now() };
}

describe('Driver', () => {
  test('hands the input its moment, returns its result and drains after it', () => {
    const { world, machine, drained, driver } = setUp();
    const result = driver.run((now) => {
      machine.outputs.push('sent');
      expect(drained).toEqual([]);
      return now;
    });
    expect(result).toBe(world.now());
    expect(drained).toEqual(['sent']);
  });

  test('fires the machine at its deadline, and drains what that made', async () => {
    const { world, machine, drained, driver, start } = setUp();
    driver.run((now) => {
      machine.timers.set('a', now + 10);
      machine.timers.set('b', now + 25);
    });
    await world.run(100);
    expect(machine.fired).toEqual([
      ['a', start + 10],
      ['b', start + 25],
    ]);
    expect(drained).toEqual(['a', 'b']);
    expectEmpty(world.tables());
  });

  test.each([
    { name: 'earlier', atMs: 5 },
    { name: 'later', atMs: 50 },
  ])('a deadline that moves $name is kept to the millisecond', async ({ atMs }) => {
    const { world, machine, driver, start } = setUp();
    driver.run((now) => machine.timers.set('a', now + 20));
    driver.run((now) => machine.timers.set('a', now + atMs));
    await world.run(100);
    expect(machine.fired).toEqual([['a', start + atMs]]);
  });

  test('holds one timer, however many deadlines come and go', async () => {
    const { world, host, machine, driver } = setUp();
    for (let i = 0; i < 50; i += 1) driver.run((now) => machine.timers.set(`${i}`, now + 100 - i));
    expect(host.tables()['a: timers']).toBe(1);
    driver.run(() => machine.timers.clearAll());
    await world.run(200);
    expect(machine.fired).toEqual([]);
    expectEmpty(world.tables());
  });

  test('an input that comes while outputs are drained joins that drain', () => {
    const world = createWorld();
    const host = world.host('a', { addresses: ['192.0.2.1'] });
    const machine = new Machine();
    const log: string[] = [];
    const driver: Driver = new Driver(host, machine, () => {
      for (let output = machine.outputs.shift(); output !== undefined; output = machine.outputs.shift()) {
        log.push(`begin ${output}`);
        if (output === 'first') driver.run(() => machine.outputs.push('second'));
        log.push(`end ${output}`);
      }
    });
    driver.run(() => machine.outputs.push('first'));
    expect(log).toEqual(['begin first', 'end first', 'begin second', 'end second']);
  });

  test('an input that throws leaves the timer armed and the driver usable', async () => {
    const { world, machine, drained, driver } = setUp();
    expect(() =>
      driver.run((now) => {
        machine.timers.set('a', now + 10);
        throw new Error('bug');
      }),
    ).toThrow('bug');
    await world.run(20);
    expect(drained).toEqual(['a']);
  });

  test('after close() no timer is left, and none is armed any more', async () => {
    const { world, machine, driver } = setUp();
    driver.run((now) => machine.timers.set('a', now + 10));
    driver.close();
    expectEmpty(world.tables());
    driver.run((now) => machine.timers.set('b', now + 5));
    await world.run(100);
    expect(machine.fired).toEqual([]);
  });
});

describe('sleep()', () => {
  test('resolves after its time', async () => {
    const { world, host, start } = setUp();
    await world.complete(sleep(host, 40));
    expect(world.now()).toBe(start + 40);
  });

  test('an abort ends it at once and leaves no timer; an aborted signal starts none', async () => {
    const { world, host, start } = setUp();
    const controller = new AbortController();
    const sleeping = sleep(host, 40, controller.signal);
    host.setTimer(start + 15, () => controller.abort());
    await world.complete(sleeping);
    expect(world.now()).toBe(start + 15);
    expectEmpty(world.tables());
    await world.complete(sleep(host, 40, controller.signal));
    expect(world.now()).toBe(start + 15);
  });
});
