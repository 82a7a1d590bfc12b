import { describe, expect, it } from 'vitest';
import { PathKeeper } from '../../../softphone/path-keeper.ts';
import { FakeRuntime } from './fake-runtime.ts';

function make() {
  const runtime = new FakeRuntime();
  const renewedAt: number[] = [];
  const keeper = new PathKeeper(runtime, async () => {
    renewedAt.push(runtime.clock.now());
  });
  return { runtime, renewedAt, keeper };
}

describe('PathKeeper', () => {
  it('gives a lost path a second, then asks anew later and later, a minute apart in the end', async () => {
    const { runtime, renewedAt, keeper } = make();
    keeper.handleState('connected');
    keeper.handleState('disconnected');
    await runtime.advance(300_000);
    const gaps = renewedAt.map((at, index) => at - (renewedAt[index - 1] ?? 0));
    expect(gaps.slice(0, 8)).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
    keeper.close();
    expect(runtime.timerCount).toBe(0);
  });

  it('does nothing where the path comes back by itself, and is patient again afterwards', async () => {
    const { runtime, renewedAt, keeper } = make();
    keeper.handleState('connected');
    keeper.handleState('disconnected');
    await runtime.advance(900);
    keeper.handleState('connected');
    await runtime.advance(10_000);
    expect(renewedAt).toEqual([]);
    keeper.handleState('failed');
    await runtime.advance(1100);
    expect(renewedAt).toEqual([11_900]);
    keeper.close();
  });

  it('does not ask again where there never was a path', async () => {
    const { runtime, renewedAt, keeper } = make();
    keeper.handleState('checking');
    keeper.handleState('failed');
    await runtime.advance(100_000);
    expect(renewedAt).toEqual([]);
  });

  it('asks for a direct path where there was one, six times within a minute, and then no more', async () => {
    const { runtime, renewedAt, keeper } = make();
    keeper.handleState('connected');
    keeper.handleKind('direct');
    keeper.handleKind('relayed');
    await runtime.advance(1_000_000);
    expect(renewedAt).toEqual([1000, 3000, 7000, 15_000, 31_000, 63_000]);
    expect(runtime.timerCount).toBe(0);
    keeper.handleState('disconnected');
    await runtime.advance(60_000);
    expect(renewedAt).toHaveLength(7);
    keeper.close();
  });

  it('asks for none where there never was one', async () => {
    const { runtime, renewedAt, keeper } = make();
    keeper.handleKind('server');
    keeper.handleState('connected');
    keeper.handleKind('relayed');
    await runtime.advance(1_000_000);
    expect([renewedAt, runtime.timerCount]).toEqual([[], 0]);
  });

  it('asks later and later for a path that is found and lost again, until one lasts', async () => {
    const { runtime, renewedAt, keeper } = make();
    const detourFor = async (ms: number) => {
      const since = runtime.clock.now();
      keeper.handleKind('relayed');
      await runtime.advance(ms);
      keeper.handleKind('direct');
      return renewedAt.filter((at) => at > since).map((at) => at - since);
    };
    keeper.handleState('connected');
    keeper.handleKind('direct');
    expect(await detourFor(1500)).toEqual([1000]);
    await runtime.advance(10_000);
    expect(await detourFor(3000)).toEqual([2000]);
    await runtime.advance(10_000);
    expect(await detourFor(5000)).toEqual([4000]);
    await runtime.advance(30_000);
    expect(await detourFor(1500)).toEqual([1000]);
    keeper.close();
    expect(runtime.timerCount).toBe(0);
  });

  it('waits for the answer before it counts the time to the next try', async () => {
    const runtime = new FakeRuntime();
    let answer = () => {};
    let tries = 0;
    const keeper = new PathKeeper(runtime, () => {
      tries += 1;
      return new Promise<void>((resolve) => {
        answer = resolve;
      });
    });
    keeper.handleState('connected');
    keeper.handleState('failed');
    await runtime.advance(30_000);
    keeper.handleState('checking');
    keeper.handleState('failed');
    expect(tries).toBe(1);
    answer();
    await runtime.advance(2000);
    expect(tries).toBe(2);
    keeper.close();
    answer();
    await runtime.advance(60_000);
    expect(tries).toBe(2);
  });
});
