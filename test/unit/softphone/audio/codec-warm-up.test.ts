import { describe, expect, test, vi } from 'vitest';
import { silentLog } from '../../../../core/index.ts';
import { type CodecRegistry, loadCodecs } from '../../../../media/index.ts';
import { CodecWarmUp } from '../../../../softphone/audio/codec-warm-up.ts';
import { FakeRuntime } from '../fake-runtime.ts';

/** With the codecs that were made of it. */
async function watched(names: readonly ('pcmu' | 'pcma')[]) {
  const codecs = await loadCodecs({ names, log: silentLog });
  const create = vi.spyOn(codecs, 'create');
  const made = () => create.mock.results.map(({ value }) => value as ReturnType<CodecRegistry['create']>);
  return { codecs, made };
}

describe('CodecWarmUp', () => {
  test('has the preferred codec compress and read sound, a frame at a time, and closes it', async () => {
    const runtime = new FakeRuntime();
    const { codecs, made } = await watched(['pcma', 'pcmu']);
    await new CodecWarmUp(runtime, new Set()).run(codecs);
    const [codec] = await Promise.all(made());
    if (!codec) throw new Error('one was made');
    const [encode, decode, close] = (['encode', 'decode', 'close'] as const).map((name) =>
      vi.spyOn(codec, name),
    );
    expect(codec.description.encoding).toBe('pcma');
    expect(runtime.timerCount).toBe(1);
    await runtime.advance(1_000);
    expect(encode).toHaveBeenCalledTimes(39);
    expect(decode).toHaveBeenCalledTimes(39);
    expect(close).toHaveBeenCalledTimes(1);
    expect(runtime.timerCount).toBe(0);
  });

  test('ends when it is closed, also while the codec is being made', async () => {
    const runtime = new FakeRuntime();
    const { codecs } = await watched(['pcmu']);
    const [early, late] = [new CodecWarmUp(runtime, new Set()), new CodecWarmUp(runtime, new Set())];
    const running = [early.run(codecs), late.run(codecs)];
    early.close();
    await Promise.all(running);
    expect(runtime.timerCount).toBe(1);
    late.close();
    late.close();
    expect(runtime.timerCount).toBe(0);
  });

  test('is done once for all phones of a process', async () => {
    const runtime = new FakeRuntime();
    const { codecs } = await watched(['pcmu']);
    const warm = new Set<string>();
    for (let i = 0; i < 3; i += 1) await new CodecWarmUp(runtime, warm).run(codecs);
    expect(runtime.timerCount).toBe(1);
  });

  test('has nothing to do for a phone without codecs', async () => {
    const runtime = new FakeRuntime();
    await new CodecWarmUp(runtime, new Set()).run((await watched([])).codecs);
    expect(runtime.timerCount).toBe(0);
  });
});
