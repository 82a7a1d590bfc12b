import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DecodeError } from '../../../../core/index.ts';
import { MemoryStore, SqliteStore, type Store, type StoreChange } from '../../../../server/store/index.ts';
import {
  type Binding,
  type NameAddr,
  parseVqReport,
  sipUri,
  type VqReport,
} from '../../../../signaling/index.ts';
import { useTempFolder } from '../../../support/use-temp-folder.ts';
import { ALICE, BOB, CLOSED, OPENED, START } from './samples.ts';

const folder = useTempFolder('store');
let count = 0;

function newFolder(): string {
  count += 1;
  return join(folder(), `${count}`, 'data');
}

/** Makes a store, and one that sees what the first wrote after a restart. */
interface Kind {
  readonly name: string;
  make(): { readonly store: Store; restart(): Store };
}

const KINDS: readonly Kind[] = [
  {
    name: 'MemoryStore',
    make: () => {
      const store = new MemoryStore();
      return { store, restart: () => store };
    },
  },
  {
    name: 'SqliteStore',
    make: () => {
      const dataFolder = newFolder();
      const store = SqliteStore.open({ dataFolder });
      return {
        store,
        restart: () => {
          store.close();
          return SqliteStore.open({ dataFolder });
        },
      };
    },
  },
];

const PATH: NameAddr = {
  displayName: undefined,
  uri: sipUri({ host: 'proxy.example.org', parameters: [['lr', undefined]] }),
  parameters: new Map(),
};

const BINDING: Binding = {
  id: 7,
  aor: 'alice',
  contact: sipUri({ user: 'alice', host: '10.0.0.2', port: 5062, parameters: [['ob', undefined]] }),
  path: [PATH],
  flow: {
    protocol: 'udp',
    local: { address: '192.0.2.1', port: 5060 },
    remote: { address: '203.0.113.5', port: 40_000 },
    connectionId: undefined,
  },
  q: 0.5,
  expiresAt: 5000,
  expiresWallClock: 1_700_000_000_123,
  instanceId: '"<urn:uuid:1>"',
  regId: '1',
  userAgent: 'phone',
  callId: 'c',
  sequenceNumber: 2_147_483_647,
};

const VQ_REPORT = vqReport('VQSessionReport\r\nCallID: c\r\nLocalMetrics:\r\nPacketLoss: NLR=5\r\n');

function vqReport(text: string): VqReport {
  const report = parseVqReport(text);
  if (report instanceof DecodeError) throw new Error(String(report));
  return report;
}

describe.each(KINDS)('$name', ({ make }) => {
  test('keeps users, with their order, over a restart', () => {
    const { store, restart } = make();
    store.write([
      { kind: 'putUser', user: BOB },
      { kind: 'putUser', user: ALICE },
    ]);
    const again = restart();
    expect(again.users()).toEqual([ALICE, BOB]);
    expect(again.user('alice')).toEqual(ALICE);
    expect(again.user('carol')).toBeUndefined();
    again.close();
  });

  test('replaces and removes users, and sets their forwarding alone', () => {
    const { store } = make();
    store.write([
      { kind: 'putUser', user: ALICE },
      { kind: 'putUser', user: BOB },
      { kind: 'forward', name: 'alice', forward: { always: 'bob' } },
      { kind: 'forward', name: 'nobody', forward: { always: 'bob' } },
      { kind: 'removeUser', name: 'bob' },
      { kind: 'removeUser', name: 'bob' },
    ]);
    expect(store.users()).toEqual([{ ...ALICE, forward: { always: 'bob' } }]);
    store.close();
  });

  test('keeps settings', () => {
    const { store, restart } = make();
    expect(store.setting('realm')).toBeUndefined();
    store.write([
      { kind: 'setting', name: 'realm', value: 'a' },
      { kind: 'setting', name: 'realm', value: 'b' },
    ]);
    const again = restart();
    expect(again.setting('realm')).toBe('b');
    again.close();
  });

  test('keeps bindings with all that they have', () => {
    const { store, restart } = make();
    store.write([
      { kind: 'binding', change: { kind: 'put', binding: BINDING } },
      { kind: 'binding', change: { kind: 'put', binding: { ...BINDING, id: 8, flow: undefined, path: [] } } },
      { kind: 'binding', change: { kind: 'put', binding: { ...BINDING, id: 9 } } },
      { kind: 'binding', change: { kind: 'remove', id: 9, aor: 'alice' } },
    ]);
    const again = restart();
    const { expiresAt: _, ...stored } = BINDING;
    const [first, second, ...others] = again.bindings();
    expect(first).toMatchObject({ ...stored, contact: expect.anything(), path: expect.anything() });
    expect(first?.contact).toMatchObject({ user: 'alice', host: '10.0.0.2', port: 5062 });
    expect(first?.contact.parameters.has('ob')).toBe(true);
    expect(first?.path[0]?.uri).toMatchObject({ host: 'proxy.example.org' });
    expect(second).toMatchObject({ id: 8, flow: undefined, path: [] });
    expect(others).toEqual([]);
    again.close();
  });

  test('keeps no control character of what strangers said, for a terminal would obey it', () => {
    const { store } = make();
    const nasty = 'a\u001b[2J\u009b2J\r\nb';
    store.write([
      { kind: 'openRecord', record: { ...OPENED, src: nasty, dst: nasty, callId: nasty } },
      { kind: 'openRecord', record: { ...OPENED, uniqueid: '1.2', src: nasty, dst: nasty, callId: nasty } },
      { kind: 'closeRecord', record: { ...CLOSED, lastDst: nasty, reason: nasty, callIds: [nasty] } },
    ]);
    const said = store
      .records(10)
      .flatMap(({ src, dst, lastDst, reason, callIds }) => [src, dst, lastDst, reason ?? '', ...callIds]);
    expect(said).toHaveLength(10);
    expect(said.join('')).not.toMatch(/\p{Cc}/u);
    expect(said[0]).toBe('a\ufffd[2J\ufffd2J\ufffd\ufffdb');
    store.close();
  });

  test('opens a record, notes its answer, and closes it once', () => {
    const { store } = make();
    store.write([
      { kind: 'openRecord', record: OPENED },
      { kind: 'openRecord', record: { ...OPENED, src: 'mallory' } },
    ]);
    expect(store.records(10)).toMatchObject([{ src: 'alice', end: null, disposition: null, duration: 0 }]);
    store.write([{ kind: 'answerRecord', uniqueid: '1.1', answer: START + 2000 }]);
    expect(store.records(10)).toMatchObject([{ answer: '2026-01-01T12:00:02.250Z', end: null }]);
    store.write([
      { kind: 'closeRecord', record: CLOSED },
      { kind: 'closeRecord', record: { ...CLOSED, disposition: 'FAILED' } },
      { kind: 'answerRecord', uniqueid: '1.1', answer: START },
    ]);
    expect(store.records(10)).toEqual([
      {
        uniqueid: '1.1',
        src: 'alice',
        dst: 'bob',
        lastDst: 'carol',
        start: '2026-01-01T12:00:00.250Z',
        answer: '2026-01-01T12:00:02.250Z',
        end: '2026-01-01T12:01:06.249Z',
        duration: 65,
        billsec: 63,
        disposition: 'ANSWERED',
        status: null,
        reason: 'alice hung up',
        quality: [],
        callIds: ['one@a', 'two%"b'],
        recordings: ['/rec/a.opus', '/rec/a.jsonl'],
        phoneReports: [],
      },
    ]);
    store.close();
  });

  test('finds a record by uniqueid, or the latest by the beginning of a Call-ID', () => {
    const { store, restart } = make();
    store.write([
      { kind: 'openRecord', record: OPENED },
      { kind: 'closeRecord', record: CLOSED },
      { kind: 'openRecord', record: { ...OPENED, uniqueid: '1.2', callId: 'one-more' } },
    ]);
    const again = restart();
    const found = (id: string) => again.record(id)?.uniqueid;
    expect(found('1.1')).toBe('1.1');
    expect(['one', 'one@', 'two%"'].map(found)).toEqual(['1.2', '1.1', '1.1']);
    // Neither a pattern, nor the middle of one, nor what stands between two.
    expect(['two_', 'two!', '%', 'ne', '@a', '","two', '1'].map(found)).toEqual(Array(7).fill(undefined));
    again.close();
  });

  test('keeps what phones reported with the record: the last of each kind, and no more than the bound', () => {
    const { store, restart } = make();
    const report = (from: string, kind: VqReport['kind'], callId = 'one@a'): StoreChange => ({
      kind: 'phoneReport',
      uniqueid: '1.1',
      report: { from, receivedAt: '2026-01-01T12:00:00.000Z', report: { ...VQ_REPORT, kind, callId } },
    });
    store.write([
      report('alice', 'session'),
      { kind: 'openRecord', record: OPENED },
      report('alice', 'session'),
      report('bob', 'session'),
      report('alice', 'interval'),
      report('alice', 'session', 'later'),
      { kind: 'closeRecord', record: CLOSED },
      report('bob', 'interval'),
    ]);
    const again = restart();
    const stored = () =>
      again.record('1.1')?.phoneReports.map(({ from, report: { kind, callId } }) => [from, kind, callId]);
    expect(stored()).toEqual([
      ['bob', 'session', 'one@a'],
      ['alice', 'interval', 'one@a'],
      ['alice', 'session', 'later'],
      ['bob', 'interval', 'one@a'],
    ]);
    again.write(['a', 'b', 'c'].map((user) => report(user, 'alert')));
    expect(stored()).toHaveLength(6);
    again.write([report('bob', 'session', 'last')]);
    expect(stored()?.at(-1)).toEqual(['bob', 'session', 'last']);
    again.close();
  });

  test('an unanswered call is not billed', () => {
    const { store } = make();
    const record = { ...CLOSED, answer: null, disposition: 'BUSY', status: 486 } as const;
    store.write([
      { kind: 'openRecord', record: OPENED },
      { kind: 'closeRecord', record },
    ]);
    expect(store.records(1)).toMatchObject([{ billsec: 0, duration: 65, status: 486, disposition: 'BUSY' }]);
    store.close();
  });

  test('closing what was never opened changes nothing', () => {
    const { store } = make();
    store.write([{ kind: 'closeRecord', record: CLOSED }]);
    expect(store.records(10)).toEqual([]);
    store.close();
  });

  test('gives the latest records first, no more than asked for', () => {
    const { store } = make();
    for (const uniqueid of ['1.1', '1.2', '1.3']) {
      store.write([{ kind: 'openRecord', record: { ...OPENED, uniqueid } }]);
    }
    expect(store.records(2).map((record) => record.uniqueid)).toEqual(['1.3', '1.2']);
    store.close();
  });

  test.each([
    { name: 'unanswered', answer: undefined, alive: START + 5000, expected: ['FAILED', 5, 0] },
    { name: 'answered', answer: START + 2000, alive: START + 5000, expected: ['ANSWERED', 5, 3] },
    { name: 'never seen alive', answer: undefined, alive: 0, expected: ['FAILED', 0, 0] },
    { name: 'answered, alive only before', answer: START + 2000, alive: START, expected: ['ANSWERED', 2, 0] },
  ])('a call that a crash cut off is closed at the next start: $name', ({ answer, alive, expected }) => {
    const { store, restart } = make();
    store.write([
      { kind: 'openRecord', record: OPENED },
      { kind: 'openRecord', record: { ...OPENED, uniqueid: '1.2' } },
      { kind: 'closeRecord', record: { ...CLOSED, uniqueid: '1.2' } },
      ...(answer === undefined ? [] : [{ kind: 'answerRecord' as const, uniqueid: '1.1', answer }]),
    ]);
    const again = restart();
    again.write([{ kind: 'closeAbandoned', lastKnownAlive: alive }]);
    const [closed, cut] = again.records(10);
    expect([cut?.disposition, cut?.duration, cut?.billsec]).toEqual(expected);
    expect(cut?.reason).toBe('the server ended without closing this call');
    expect(closed).toMatchObject({ uniqueid: '1.2', reason: 'alice hung up' });
    again.close();
  });
});
