import { afterEach, expect, test, vi } from 'vitest';
import { UsageError } from '../../../core/index.ts';
import { openMediaWorkers } from '../../../server/media.ts';

afterEach(() => vi.unstubAllGlobals());

test('openMediaWorkers() says why the sockets of Linux do not work here, and what to do', async () => {
  vi.stubGlobal('process', Object.create(process, { platform: { value: 'plan9' } }));
  const ports = { first: 20_000, last: 20_003 };
  const options = { ports, inactivityMs: 60_000, workers: 1, opusEngine: 'libopus-wasm' } as const;
  const refused = openMediaWorkers({ ...options, sockets: 'linux' }, 'silent');
  await expect(refused).rejects.toThrow(UsageError);
  await expect(refused).rejects.toThrow(
    'media.sockets is "linux", and does not work here: the fast path needs Linux, and this is plan9; choose "auto"',
  );
});
