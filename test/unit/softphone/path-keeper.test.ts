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
