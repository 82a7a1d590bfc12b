import { expect, test } from 'vitest';
import { liveRecordOf } from '../../../cli/doctor-live.ts';
import { MemoryStore } from '../../../server/index.ts';
import { createWorld } from '../../support/world.ts';

function place() {
  const world = createWorld();
  const store = new MemoryStore();
  const runtime = world.host('here', { addresses: ['192.0.2.1'] });
  const show = (uniqueid: string) => {
    const at = new Date(runtime.clock.wallClock()).toISOString();
    const value = JSON.stringify({ at, total: 1, calls: [{ uniqueid, callIds: [] }] });
    store.write([{ kind: 'setting', name: 'liveCalls', value }]);
  };
  return { world, store, runtime, show };
}

test('a live call is asked for, and found when the server shows it', async () => {
  const { world, store, runtime, show } = place();
  const found = liveRecordOf(store, runtime, '1.1');
  expect(Number(store.setting('followedUntil'))).toBeGreaterThan(runtime.clock.wallClock());
  await world.run(1000);
  show('1.2');
  await world.run(1000);
  show('1.1');
  expect(await world.complete(found)).toMatchObject({ uniqueid: '1.1' });
});

test('where no server shows it, the wait ends', async () => {
  const { world, store, runtime } = place();
  expect(await world.complete(liveRecordOf(store, runtime, '1.1'))).toBeUndefined();
});
