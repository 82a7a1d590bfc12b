import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CallRecords, LiveCall } from '../../../../server/call/index.ts';
import { followLive, readLive } from '../../../../server/quality/index.ts';
import { LiveQuality, LOOK_INTERVAL_MS, MOST_SHOWN } from '../../../../server/quality/live-quality.ts';
import { SqliteStore, type StoreChange } from '../../../../server/store/index.ts';
import { FakeRuntime } from '../../softphone/fake-runtime.ts';

const CALL: LiveCall = {
  uniqueid: '1.1',
  src: 'alice',
  dst: 'bob',
  lastDst: 'bob',
  start: 1_700_000_000_000,
  answer: 1_700_000_001_000,
  callId: 'a',
  callIds: ['a', 'b'],
  quality: [],
};

const nobody: CallRecords = { open: () => {}, answered: () => {}, recorded: () => {}, close: () => {} };

let folder: string;
let [server, command]: (SqliteStore | undefined)[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'patchcord-live-'));
});
afterEach(() => {
  server?.close();
  command?.close();
  rmSync(folder, { recursive: true });
});

/** A server and a command on one data folder. */
function setUp() {
  const runtime = new FakeRuntime();
  const stores = [
    SqliteStore.open({ dataFolder: folder }),
    SqliteStore.open({ dataFolder: folder }),
  ] as const;
  [server, command] = stores;
  const [serverStore, commandStore] = stores;
  const calls = { callCount: 0, asked: 0, live: async (limit: number) => live(limit) };
  const live = (limit: number) => {
    calls.asked += 1;
    return Array<LiveCall>(Math.min(limit, calls.callCount)).fill(CALL);
  };
  const writes: StoreChange[] = [];
  const write = (change: StoreChange) => {
    writes.push(change);
    serverStore.write([change]);
  };
  const make = () => new LiveQuality({ runtime, store: serverStore, write, next: nobody, calls });
  return {
    runtime,
    calls,
    writes,
    make,
    quality: make(),
    follow: () => followLive(commandStore, runtime.clock.wallClock()),
    seen: () => readLive(commandStore, runtime.clock.wallClock()),
    /** A call begins. */
    open: (quality: LiveQuality) => {
      calls.callCount += 1;
      quality.open(CALL);
    },
  };
}

describe('LiveQuality', () => {
  test('without calls has no timer, and with calls that nobody follows writes and asks for nothing', async () => {
    const { runtime, calls, writes, quality, open } = setUp();
    expect(runtime.timerCount).toBe(0);
    open(quality);
    await runtime.advance(60_000);
    expect([runtime.timerCount, writes.length, calls.asked]).toEqual([1, 0, 0]);
    calls.callCount = 0;
    await runtime.advance(LOOK_INTERVAL_MS);
    expect(runtime.timerCount).toBe(0);
  });

  test('shows calls while a command follows, and takes them back afterwards', async () => {
    const { runtime, quality, open, follow, seen } = setUp();
    open(quality);
    follow();
    await runtime.advance(LOOK_INTERVAL_MS);
    expect(seen()).toMatchObject({
      total: 1,
      calls: [
        { uniqueid: '1.1', end: null, duration: 2, billsec: 1, callIds: ['a', 'b'], disposition: null },
      ],
    });
    follow();
    await runtime.advance(3 * LOOK_INTERVAL_MS);
    expect(seen()?.calls).toMatchObject([{ duration: 8 }]);
    // The command ends without a word.
    await runtime.advance(20_000);
    expect(seen()).toBeUndefined();
    expect(server?.setting('liveCalls')).toBe('');
  });

  test('whoever follows before the first call sees it as well', async () => {
    const { runtime, quality, open, follow, seen } = setUp();
    follow();
    open(quality);
    await runtime.advance(LOOK_INTERVAL_MS);
    expect(seen()?.total).toBe(1);
  });

  test('shows that the last call is over', async () => {
    const { runtime, calls, quality, open, follow, seen } = setUp();
    open(quality);
    follow();
    await runtime.advance(LOOK_INTERVAL_MS);
    calls.callCount = 0;
    await runtime.advance(LOOK_INTERVAL_MS);
    expect(seen()).toBeUndefined();
    expect(runtime.timerCount).toBe(0);
  });

  test('looks again after a look that failed', async () => {
    const { runtime, calls, quality, open, follow, seen } = setUp();
    const { live } = calls;
    calls.live = () => Promise.reject(new Error('a fault'));
    open(quality);
    follow();
    await runtime.advance(LOOK_INTERVAL_MS);
    expect(seen()).toBeUndefined();
    calls.live = live;
    await runtime.advance(LOOK_INTERVAL_MS);
    expect(seen()?.total).toBe(1);
  });

  test('shows no more than the bound, and how many there are', async () => {
    const { runtime, calls, quality, open, follow, seen } = setUp();
    open(quality);
    calls.callCount = 5000;
    follow();
    await runtime.advance(LOOK_INTERVAL_MS);
    expect([seen()?.calls.length, seen()?.total]).toEqual([MOST_SHOWN, 5000]);
  });

  test('takes back what it shows at its end, and what a crash left', async () => {
    const { runtime, quality, make, open, follow, seen } = setUp();
    open(quality);
    follow();
    await runtime.advance(LOOK_INTERVAL_MS);
    expect(seen()).toBeDefined();
    quality.end();
    expect([seen(), runtime.timerCount]).toEqual([undefined, 0]);
    server?.write([{ kind: 'setting', name: 'liveCalls', value: '{"at":"2023-11-14T22:13:20.000Z"}' }]);
    make();
    expect(server?.setting('liveCalls')).toBe('');
  });

  test('what a server showed that is gone is not taken for live', async () => {
    const { runtime, quality, open, follow, seen } = setUp();
    open(quality);
    follow();
    await runtime.advance(LOOK_INTERVAL_MS);
    runtime.stall(11_000);
    expect(seen()).toBeUndefined();
  });
});
