import { describe, expect, it } from 'vitest';
import { SoundSource } from '../../../../media/index.ts';
import { MemorySink, replay } from '../../../../softphone/index.ts';
import { createWorld, makeTone, toneLevelDbov } from '../../../support/index.ts';

const pcm = makeTone({ frequencyHz: 1000, clockRateHz: 16_000, durationMs: 1000 });

function stage() {
  const world = createWorld();
  const runtime = world.host('here', { addresses: ['192.0.2.1'] });
  const source = new SoundSource({ sampleRateHz: 16_000, channels: 1, pcm });
  return { world, runtime, source };
}

describe('replay()', () => {
  it('plays in real time, at the rate of the sink, and ends with the sound', async () => {
    const { world, runtime, source } = stage();
    const sink = new MemorySink(48_000);
    const progress: number[] = [];
    const startedAt = world.clock.now();
    const { signal } = new AbortController();
    await world.complete(replay({ runtime, source, sink, signal, onProgress: (ms) => progress.push(ms) }));
    expect(world.clock.now() - startedAt).toBeGreaterThanOrEqual(960);
    expect(world.clock.now() - startedAt).toBeLessThanOrEqual(1040);
    expect(progress.slice(0, 2)).toEqual([20, 40]);
    const middle = sink.pcm.subarray(12_000, 36_000);
    expect(toneLevelDbov(middle, { frequencyHz: 1000, clockRateHz: 48_000 })).toBeCloseTo(-20, 0);
  });

  it('ends at once where it is told to, and needs no sink', async () => {
    const { world, runtime, source } = stage();
    const stop = new AbortController();
    const progress: number[] = [];
    const done = replay({
      runtime,
      source,
      sink: undefined,
      signal: stop.signal,
      onProgress: (ms) => {
        progress.push(ms);
        if (ms === 100) stop.abort();
      },
    });
    await world.complete(done);
    expect(progress.at(-1)).toBe(100);
  });
});
