import { describe, expect, test } from 'vitest';
import { sleep } from '../../../core/index.ts';
import {
  createWorld,
  expectEmpty,
  VIRTUAL_START_MS,
  VIRTUAL_WALL_CLOCK_START_MS,
} from '../../support/index.ts';

describe('time', () => {
  test('stands still until somebody runs the world', async () => {
    const world = createWorld();
    expect(world.now()).toBe(VIRTUAL_START_MS);
    expect(world.clock.wallClock()).toBe(VIRTUAL_WALL_CLOCK_START_MS);
    await world.run(1_500);
    expect(world.now()).toBe(VIRTUAL_START_MS + 1_500);
    expect(world.clock.wallClock()).toBe(VIRTUAL_WALL_CLOCK_START_MS + 1_500);
  });

  test('jumps from deadline to deadline, ties in order of insertion', async () => {
    const world = createWorld();
    const host = world.host('a', { addresses: ['192.0.2.1'] });
    const seen: [string, number][] = [];
    const note = (name: string) => () => seen.push([name, world.now() - VIRTUAL_START_MS]);
    host.setTimer(world.now() + 20, note('later'));
    host.setTimer(world.now() + 10, note('first'));
    host.setTimer(world.now() + 10, note('second'));
    host.setTimer(world.now() - 5, note('past'));
    host.setTimer(world.now() + 10, note('cancelled'))();
    await world.run(100);
    expect(seen).toEqual([
      ['past', 0],
      ['first', 10],
      ['second', 10],
      ['later', 20],
    ]);
    expectEmpty(world.tables());
  });

  test('waits for async programs between two events, however long their chains of promises are', async () => {
    const world = createWorld();
    const host = world.host('a', { addresses: ['192.0.2.1'] });
    const seen: number[] = [];
    const program = async () => {
      for (let i = 0; i < 3; i += 1) {
        await sleep(host, 10);
        for (let turn = 0; turn < 50; turn += 1) await null;
        await new Promise((resolve) => process.nextTick(resolve));
        await new Promise((resolve) => setImmediate(resolve));
        seen.push(world.now() - VIRTUAL_START_MS);
      }
    };
    void program();
    host.setTimer(world.now() + 11, () => {});
    await world.run(100);
    expect(seen).toEqual([10, 20, 30]);
  });

  test('complete() runs until a promise is settled and passes on its value or error', async () => {
    const world = createWorld();
    const host = world.host('a', { addresses: ['192.0.2.1'] });
    expect(await world.complete(sleep(host, 250).then(() => 'done'))).toBe('done');
    expect(world.now()).toBe(VIRTUAL_START_MS + 250);
    const failing = sleep(host, 10).then(() => {
      throw new Error('no luck');
    });
    await expect(world.complete(failing)).rejects.toThrow('no luck');
  });

  test('runUntil() throws at its limit, with what was waited for and the seed', async () => {
    const world = createWorld({ seed: 77 });
    const waiting = world.runUntil(() => false, { limitMs: 500, what: 'a miracle' });
    await expect(waiting).rejects.toThrow(/seed 77: a miracle did not come true within 500 ms/);
    expect(world.now()).toBe(VIRTUAL_START_MS + 500);
  });

  test('an exception in a timer ends the run that it came up in', async () => {
    const world = createWorld();
    const host = world.host('a', { addresses: ['192.0.2.1'] });
    host.setTimer(world.now() + 5, () => {
      throw new Error('bug');
    });
    await expect(world.run(100)).rejects.toThrow('bug');
    expect(world.errors).toHaveLength(1);
  });

  test('two runs at once are refused', async () => {
    const world = createWorld();
    const first = world.run(10);
    await expect(world.run(10)).rejects.toThrow('await the earlier run');
    await first;
  });

  test('a host collects what is logged, with the fields of child logs', async () => {
    const world = createWorld();
    const host = world.host('a', { addresses: ['192.0.2.1'] });
    host.log.child({ callId: 'x' }).warn({ sizeBytes: 4 }, 'too short');
    expect(host.logs).toEqual([
      { at: VIRTUAL_START_MS, level: 'warn', phrase: 'too short', fields: { callId: 'x', sizeBytes: 4 } },
    ]);
  });
});
