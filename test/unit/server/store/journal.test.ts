import { describe, expect, test } from 'vitest';
import { OperationError, type Runtime, SeededRandom, silentLog } from '../../../../core/index.ts';
import { MemoryStore, type Store, StoreJournal } from '../../../../server/store/index.ts';
import { type Binding, sipUri } from '../../../../signaling/index.ts';
import { Scheduler } from '../../../support/scheduler.ts';
import { RECORD } from '../../cli/quality-sample.ts';

/** A store that fails while it is told to, and counts its batches. */
class FragileStore extends MemoryStore implements Store {
  isBroken = false;
  batches: number[] = [];

  override write(changes: Parameters<MemoryStore['write']>[0]): void {
    this.batches.push(changes.length);
    if (this.isBroken) throw new OperationError('STORE_FAILED', 'disk full');
    super.write(changes);
  }
}

function world() {
  const scheduler = new Scheduler();
  const runtime: Runtime = {
    clock: scheduler,
    random: new SeededRandom(1),
    // The journal sends nothing.
    network: undefined as unknown as Runtime['network'],
    log: silentLog,
    setTimer: (at, fire) => scheduler.schedule(at, fire),
  };
  const store = new FragileStore();
  const advance = (ms: number) => {
    const limit = scheduler.now() + ms;
    while (scheduler.fireNext(limit)) {}
    scheduler.moveTo(limit);
  };
  return { store, journal: new StoreJournal(runtime, store), advance, scheduler };
}

const opened = (uniqueid: string) => ({ uniqueid, src: 'alice', dst: 'bob', start: 0, callId: 'c' });
const closed = (uniqueid: string) => ({
  uniqueid,
  lastDst: 'bob',
  answer: null,
  end: 5000,
  disposition: 'FAILED' as const,
  status: 500,
  reason: 'x',
  quality: [],
  callIds: ['c'],
  recordings: [],
});

const BINDING: Binding = {
  id: 1,
  aor: 'alice',
  contact: sipUri({ host: 'h' }),
  path: [],
  flow: undefined,
  q: 1,
  expiresAt: 0,
  expiresWallClock: 0,
  instanceId: undefined,
  regId: undefined,
  userAgent: undefined,
  callId: 'c',
  sequenceNumber: 1,
};

describe('StoreJournal', () => {
  test('writes what came within a second in one batch', () => {
    const { store, journal, advance } = world();
    journal.open(opened('1'));
    advance(500);
    journal.open(opened('2'));
    advance(499);
    expect(store.records(10)).toEqual([]);
    advance(1);
    expect(store.records(10)).toHaveLength(2);
    expect(store.batches).toHaveLength(1);
    expect(journal.waitingCount).toBe(0);
  });

  test('writes of each binding the last state alone', () => {
    const { store, journal, advance } = world();
    for (let sequenceNumber = 1; sequenceNumber <= 5; sequenceNumber += 1) {
      journal.saveBindings([{ kind: 'put', binding: { ...BINDING, sequenceNumber } }]);
    }
    journal.saveBindings([{ kind: 'put', binding: { ...BINDING, id: 2 } }]);
    journal.saveBindings([{ kind: 'remove', id: 2, aor: 'alice' }]);
    expect(journal.waitingCount).toBe(2);
    advance(1000);
    expect(journal.loadBindings()).toMatchObject([{ id: 1, sequenceNumber: 5 }]);
    expect(store.batches).toHaveLength(1);
  });

  test('many changes are written in batches that follow at once', () => {
    const { store, journal, advance } = world();
    for (let i = 0; i < 2500; i += 1) journal.open(opened(`${i}`));
    advance(1000);
    expect(store.records(9999)).toHaveLength(2500);
    expect(store.batches).toHaveLength(3);
  });

  test('a store that fails loses nothing, is tried more and more rarely, and gets everything once', () => {
    const { store, journal, advance } = world();
    store.isBroken = true;
    journal.open(opened('1'));
    journal.close(closed('1'));
    advance(120_000);
    expect(store.batches.length).toBeGreaterThan(4);
    expect(store.batches.length).toBeLessThan(12);
    journal.open(opened('2'));
    expect(journal.waitingCount).toBe(3);
    store.isBroken = false;
    advance(30_000);
    expect(journal.waitingCount).toBe(0);
    expect(store.records(10)).toMatchObject([
      { uniqueid: '2', end: null },
      { uniqueid: '1', status: 500 },
    ]);
  });

  test('past a bound the oldest changes are lost, and counted', () => {
    const { store, journal } = world();
    store.isBroken = true;
    for (let i = 0; i < 50_010; i += 1) journal.open(opened(`${i}`));
    expect(journal.waitingCount).toBe(50_000);
    expect(journal.lostCount).toBe(10);
  });

  test('of records that wait, later ones wait without the quality of their calls', () => {
    const { store, journal } = world();
    store.isBroken = true;
    const call = (uniqueid: string) => {
      journal.open(opened(uniqueid));
      journal.close({ ...closed(uniqueid), quality: RECORD.quality });
    };
    for (let i = 0; i < 2010; i += 1) call(`${i}`);
    store.isBroken = false;
    journal.flush();
    const kept = store
      .records(3000)
      .toReversed()
      .map(({ quality }) => quality.length > 0);
    expect([kept.indexOf(false), kept.length]).toEqual([2000, 2010]);
    // What is written makes room.
    call('later');
    journal.flush();
    expect(store.record('later')?.quality).toHaveLength(2);
  });

  test('says every ten seconds that it lives while a call is open, and is quiet afterwards', () => {
    const { store, journal, advance, scheduler } = world();
    journal.open(opened('1'));
    advance(60_000);
    const alive = Number(store.setting('aliveAt'));
    expect(scheduler.wallClock() - alive).toBeLessThanOrEqual(10_000);
    journal.close(closed('1'));
    advance(60_000);
    expect(store.records(1)).toMatchObject([{ end: '1970-01-01T00:00:05.000Z' }]);
    expect(scheduler.size).toBe(0);
  });

  test('a change that comes between two signs of life does not wait for the next one', () => {
    const { store, journal, advance } = world();
    journal.open(opened('1'));
    advance(1500);
    journal.close(closed('1'));
    advance(1000);
    expect(store.records(1)).toMatchObject([{ status: 500 }]);
  });

  test('end() writes what waits and leaves no timer', () => {
    const { store, journal, scheduler } = world();
    journal.open(opened('1'));
    journal.end();
    expect(store.records(10)).toHaveLength(1);
    expect(scheduler.size).toBe(0);
  });
});
