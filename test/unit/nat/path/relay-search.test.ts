import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../../../core/index.ts';
import { TurnClient, type TurnClientEvent, type TurnService } from '../../../../nat/index.ts';
import { RelayBase } from '../../../../nat/path/relay-base.ts';
import {
  FIRST_RETRY_MS,
  LONGEST_RETRY_MS,
  NEXT_SERVER_AFTER_MS,
  RelaySearch,
} from '../../../../nat/path/relay-search.ts';
import type { TurnCarrier } from '../../../../nat/path/turn-carrier.ts';

const credentials = { username: 'alice', password: 'secret' };
const SERVICES: readonly TurnService[] = [
  { host: '192.0.2.1', port: 3478, transport: 'udp', credentials },
  { host: '192.0.2.1', port: 3478, transport: 'tcp', credentials },
];
const RELAYED = {
  relayed: { address: '192.0.2.1', port: 50_000 },
  mapped: { address: '203.0.113.1', port: 1 },
};
const ALLOCATED: TurnClientEvent = { type: 'allocated', allocated: { ...RELAYED, lifetimeSeconds: 600 } };
const FAILED: TurnClientEvent = { type: 'failed', failure: 'timeout' };
const LOST: TurnClientEvent = { type: 'lost', failure: 'mismatch' };

/** A search whose servers say what the test says. */
class SearchBench {
  readonly search: RelaySearch;
  /** Whom it asked, by transport, or by endpoint where it was sent there. */
  readonly asked: string[] = [];
  readonly found: RelayBase[] = [];
  readonly gone: RelayBase[] = [];
  #id = 0;

  constructor() {
    this.search = new RelaySearch(SERVICES, {
      ask: ({ transport }, endpoint) => this.asked.push(endpoint ? endpoint.address : transport),
      found: (_now, relay) => this.found.push(relay),
      gone: (relay) => this.gone.push(relay),
    });
    this.search.start(0);
  }

  /** The server that was asked last can be reached. */
  open(now: number): RelayBase {
    const carrier: TurnCarrier = {
      local: { address: '10.0.0.2', port: 4000 },
      onMessage: undefined,
      onLost: undefined,
      send: () => {},
      close: () => {},
    };
    const [service] = SERVICES;
    if (!service) throw new Error('there is one');
    const server = { address: service.host, port: service.port };
    const client = new TurnClient({ random: new SeededRandom(1), server, credentials });
    this.#id += 1;
    const relay = new RelayBase({ id: this.#id, component: 1, service, client, carrier });
    this.search.handleOpened(now, relay);
    return relay;
  }
}

describe('RelaySearch', () => {
  test('asks the preferred server, and takes what it gives', () => {
    const bench = new SearchBench();
    const relay = bench.open(0);
    expect(relay.client.state).toBe('allocating');
    bench.search.handleEvent(20, relay, ALLOCATED);
    expect(bench.asked).toEqual(['udp']);
    expect(bench.found).toEqual([relay]);
    expect(bench.search).toMatchObject({ relay, isSettled: true });
    expect(bench.search.nextTimeoutAt()).toBeUndefined();
  });

  test('asks the next beside one that is silent, and lets go of who comes second', () => {
    const bench = new SearchBench();
    const first = bench.open(0);
    bench.search.handleTimeout(NEXT_SERVER_AFTER_MS);
    expect(bench.asked).toEqual(['udp', 'tcp']);
    const second = bench.open(NEXT_SERVER_AFTER_MS);
    bench.search.handleEvent(300, second, ALLOCATED);
    expect(bench.search.relay).toBe(second);
    expect(first.client.state).toBe('closing');
    bench.search.handleEvent(400, first, { type: 'closed' });
    expect(bench.gone).toEqual([first]);
    expect(bench.search.relay).toBe(second);
  });

  test('asks nobody beside one that has begun to answer', () => {
    const bench = new SearchBench();
    bench.open(0).isAnswering = true;
    bench.search.handleTimeout(NEXT_SERVER_AFTER_MS);
    expect(bench.asked).toEqual(['udp']);
    expect(bench.search.isAnswering).toBe(true);
  });

  test('asks the next at once where one fails or cannot be reached, and all again later and later', () => {
    const bench = new SearchBench();
    bench.search.handleEvent(10, bench.open(0), FAILED);
    expect(bench.asked).toEqual(['udp', 'tcp']);
    bench.search.handleUnreachable(20);
    expect(bench.search.isSettled).toBe(true);
    let [now, waitMs] = [20, FIRST_RETRY_MS];
    for (let round = 0; round < 10; round += 1) {
      expect(bench.search.nextTimeoutAt()).toBe(now + waitMs);
      now += waitMs;
      bench.search.handleTimeout(now);
      bench.search.handleUnreachable(now);
      bench.search.handleUnreachable(now);
      waitMs = Math.min(2 * waitMs, LONGEST_RETRY_MS);
    }
    expect(bench.asked).toHaveLength(22);
  });

  test('looks for another where the relay is lost', () => {
    const bench = new SearchBench();
    const relay = bench.open(0);
    bench.search.handleEvent(20, relay, ALLOCATED);
    bench.search.handleEvent(30, relay, LOST);
    expect(bench.search.relay).toBeUndefined();
    expect(bench.gone).toEqual([relay]);
    bench.search.handleTimeout(30 + FIRST_RETRY_MS);
    expect(bench.asked).toEqual(['udp', 'udp']);
  });

  test('follows to another server once (RFC 8489 §10)', () => {
    const bench = new SearchBench();
    const alternateServer = { address: '192.0.2.2', port: 3478 };
    const redirected: TurnClientEvent = { type: 'failed', failure: 'redirected', alternateServer };
    bench.search.handleEvent(10, bench.open(0), redirected);
    expect(bench.asked).toEqual(['udp', '192.0.2.2']);
    bench.search.handleEvent(20, bench.open(10), redirected);
    expect(bench.asked).toEqual(['udp', '192.0.2.2', 'tcp']);
  });

  test('follows nobody to the inside', () => {
    const bench = new SearchBench();
    const alternateServer = { address: '127.0.0.1', port: 3478 };
    bench.search.handleEvent(10, bench.open(0), { type: 'failed', failure: 'redirected', alternateServer });
    expect(bench.asked).toEqual(['udp', 'tcp']);
  });

  test('stop() gives all back, and what is still opened too', () => {
    const bench = new SearchBench();
    const asked = bench.open(0);
    bench.search.handleTimeout(NEXT_SERVER_AFTER_MS);
    bench.search.stop(300);
    expect(asked.client.state).toBe('closing');
    expect(bench.open(400).client.state).toBe('closed');
    expect(bench.found).toEqual([]);
    expect(bench.search.nextTimeoutAt()).toBeUndefined();
  });

  test('may be started anew after stop()', () => {
    const bench = new SearchBench();
    const relay = bench.open(0);
    bench.search.handleEvent(20, relay, ALLOCATED);
    bench.search.stop(30);
    bench.search.handleEvent(40, relay, { type: 'closed' });
    bench.search.start(50);
    expect(bench.asked).toEqual(['udp', 'udp']);
  });
});
