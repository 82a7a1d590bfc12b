import { expect, test } from 'vitest';
import { UsageError } from '../../../../core/index.ts';
import { deliverFile } from '../../../../softphone/files/delivery.ts';
import { FakeRuntime } from '../fake-runtime.ts';

test('a file is closed where its receiver cannot be dialled', async () => {
  let closed = 0;
  const delivering = deliverFile(new FakeRuntime(), {
    dial: async () => {
      throw new UsageError('"bob@" is nobody');
    },
    open: async () => ({
      name: 'a',
      sizeBytes: 1,
      modifiedMs: 0,
      check: async () => 0,
      read: async () => new Uint8Array(),
      digest: async () => undefined,
      close: async () => {
        closed += 1;
      },
    }),
  });
  await expect(delivering).rejects.toThrow('is nobody');
  expect(closed).toBe(1);
});
