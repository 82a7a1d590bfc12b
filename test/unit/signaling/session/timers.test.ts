import { describe, expect, it } from 'vitest';
import { SessionTimers, TimerScheduler } from '../../../../signaling/session/timers.ts';
import { createWorld } from '../../../support/index.ts';

function setUp() {
  const world = createWorld();
  const scheduler = new TimerScheduler(world.host('h', { addresses: ['192.0.2.1'] }));
  const caught: unknown[] = [];
  const guard = (work: () => void) => {
    try {
      work();
    } catch (error) {
      caught.push(error);
    }
  };
  const timers = () => new SessionTimers<'a' | 'b'>(scheduler, guard);
  return { world, scheduler, caught, timers };
}

describe('SessionTimers', () => {
  it('fires each timer once, at its time, in order', async () => {
    const { world, scheduler, timers } = setUp();
    const [one, two] = [timers(), timers()];
    const fired: string[] = [];
    one.set('a', 30, () => fired.push('one a'));
    one.set('b', 10, () => fired.push('one b'));
    two.set('a', 20, () => fired.push('two a'));
    expect(scheduler.size).toBe(2);
    await world.run(15);
    expect(fired).toEqual(['one b']);
    await world.run(100);
    expect(fired).toEqual(['one b', 'two a', 'one a']);
    expect(scheduler.size).toBe(0);
  });

  it('moves a timer that is set again, and forgets one that is cleared', async () => {
    const { world, scheduler, timers } = setUp();
    const one = timers();
    const fired: string[] = [];
    one.set('a', 10, () => fired.push('early'));
    one.set('a', 30, () => fired.push('late'));
    one.set('b', 20, () => fired.push('never'));
    one.clear('b');
    await world.run(25);
    expect(fired).toEqual([]);
    await world.run(25);
    expect(fired).toEqual(['late']);
    one.set('a', 10, () => fired.push('never'));
    one.clearAll();
    expect(scheduler.size).toBe(0);
    await world.run(50);
    expect(fired).toEqual(['late']);
  });

  it('lets a timer set the next, and survives one that throws', async () => {
    const { world, scheduler, caught, timers } = setUp();
    const one = timers();
    const fired: string[] = [];
    one.set('a', 10, () => {
      one.set('a', 10, () => fired.push('again'));
      throw new Error('broken');
    });
    one.set('b', 10, () => fired.push('b'));
    await world.run(50);
    expect(fired).toEqual(['b', 'again']);
    expect(caught).toHaveLength(1);
    expect(scheduler.size).toBe(0);
  });
});
