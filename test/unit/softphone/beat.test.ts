import { describe, expect, it } from 'vitest';
import { Beat } from '../../../softphone/beat.ts';
import { FakeRuntime } from './fake-runtime.ts';

function start() {
  const runtime = new FakeRuntime();
  const times: number[] = [];
  const beat = new Beat(runtime, { periodMs: 20, onBeat: (now) => times.push(now) });
  beat.start();
  return { runtime, times, beat };
}

describe('Beat', () => {
  it('beats at once and then every 20 ms without drift', async () => {
    const { runtime, times } = start();
    await runtime.advance(100);
    expect(times).toEqual([0, 20, 40, 60, 80, 100]);
  });

  it('shortens the next wait after a late timer', async () => {
    const { runtime, times } = start();
    await runtime.advance(20);
    runtime.stall(27);
    await runtime.advance(33);
    expect(times).toEqual([0, 20, 47, 60, 80]);
  });

  it('makes up for at most five beats after a stall, and counts the rest', async () => {
    const { runtime, times, beat } = start();
    await runtime.advance(0);
    runtime.stall(1000);
    await runtime.advance(20);
    expect(times).toEqual([0, 1000, 1000, 1000, 1000, 1000, 1020]);
    expect(beat.skipped).toBe(45);
  });

  it('takes another period from the next beat on', async () => {
    const { runtime, times, beat } = start();
    await runtime.advance(30);
    beat.periodMs = 60;
    await runtime.advance(140);
    expect(times).toEqual([0, 20, 40, 100, 160]);
  });

  it('stops at once, also from within a beat', async () => {
    const { runtime, beat } = start();
    const times: number[] = [];
    const other = new Beat(runtime, {
      periodMs: 20,
      onBeat: (now) => {
        times.push(now);
        other.stop();
      },
    });
    other.start();
    beat.stop();
    await runtime.advance(100);
    expect(times).toEqual([0]);
    expect(runtime.timerCount).toBe(0);
  });
});
