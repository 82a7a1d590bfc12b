import { describe, expect, test } from 'vitest';
import { ATTRIBUTE, METHOD, type TurnClientState, type TurnFailure } from '../../../../../nat/index.ts';
import { Bench, ELSEWHERE, PEER, SOUND } from './client-bench.ts';
import { dataIndication, MAPPED, RELAYED, SERVER } from './scripted-server.ts';

describe('Allocate', () => {
  test('goes unsigned, is challenged, and gives an address (RFC 8656 §7)', () => {
    const { client, events, requests } = new Bench().allocate();
    expect(client.state).toBe('allocated');
    expect(events).toEqual([
      { type: 'allocated', allocated: { relayed: RELAYED, mapped: MAPPED, lifetimeSeconds: 600 } },
    ]);
    expect(requests.map((request) => request.has(ATTRIBUTE.username))).toEqual([false, true]);
    expect(requests[0]?.value(ATTRIBUTE.requestedTransport)).toEqual(Uint8Array.of(17, 0, 0, 0));
    expect(requests[0]?.has(ATTRIBUTE.requestedAddressFamily)).toBe(false);
  });

  test('asks for an IPv6 relay by its family, and takes no other (RFC 8656 §7.1)', () => {
    const bench = new Bench({ relayFamily: 6 });
    bench.server.script = { relayed: { address: '2001:db8::1', port: 50000 } };
    bench.allocate();
    expect(bench.requests[0]?.value(ATTRIBUTE.requestedAddressFamily)).toEqual(Uint8Array.of(2, 0, 0, 0));
    expect(bench.client.allocated?.relayed.address).toBe('2001:db8::1');
    const other = new Bench({ relayFamily: 6 }).allocate();
    expect(other.events).toEqual([{ type: 'failed', failure: 'refused' }]);
  });

  test.each<[number, TurnFailure]>([
    [300, 'redirected'],
    [400, 'refused'],
    [403, 'forbidden'],
    [437, 'mismatch'],
    [440, 'unsupported'],
    [441, 'unauthorized'],
    [442, 'unsupported'],
    [486, 'quota'],
    [500, 'refused'],
    [508, 'capacity'],
  ])('%i is told as %s, and nothing is left', (status, failure) => {
    const bench = new Bench();
    bench.server.script = { status };
    bench.allocate();
    expect(bench.events).toEqual([{ type: 'failed', failure, status, reason: 'no' }]);
    expect(bench.client.state).toBe('closed');
    expect(bench.client.tables).toEqual({ requests: 0, permissions: 0, channels: 0, timers: 0 });
  });

  test('300 names the other server', () => {
    const bench = new Bench();
    const alternateServer = { address: '192.0.2.2', port: 3479 };
    bench.server.script = { status: 300, alternateServer };
    bench.allocate();
    expect(bench.events).toMatchObject([{ failure: 'redirected', alternateServer }]);
  });

  test('a wrong password is asked for twice and no more', () => {
    const bench = new Bench({ credentials: { username: 'alice', password: 'wrong' } }).allocate();
    expect(bench.events).toMatchObject([{ type: 'failed', failure: 'unauthorized', status: 401 }]);
    expect(bench.requests).toHaveLength(2);
  });

  test('a server that does not answer is given up after 39.5 s', () => {
    const bench = new Bench();
    bench.client.allocate(0);
    bench.silence(39_499);
    expect(bench.events).toEqual([]);
    bench.silence(39_500);
    expect(bench.events).toEqual([{ type: 'failed', failure: 'timeout' }]);
  });

  test('an answer that is not signed, or comes from elsewhere, is as if never said', () => {
    const bench = new Bench();
    bench.client.allocate(0);
    const [first = new Uint8Array(0)] = bench.client.takeDatagrams();
    bench.client.handleDatagram(0, bench.server.respond(first), SERVER);
    const [second = new Uint8Array(0)] = bench.client.takeDatagrams();
    const answer = bench.server.respond(second);
    bench.client.handleDatagram(0, answer, ELSEWHERE);
    expect(bench.client.counters.fromElsewhere).toBe(1);
    // The last byte of the integrity.
    const forged = answer.slice();
    forged[forged.length - 1] = (forged[forged.length - 1] ?? 0) ^ 1;
    bench.client.handleDatagram(0, forged, SERVER);
    expect(bench.client.state).toBe('allocating');
    bench.client.handleDatagram(0, answer, SERVER);
    expect(bench.client.state).toBe('allocated');
  });
});

describe('Refresh', () => {
  test('goes one minute before the end, over and over (RFC 8656 §8)', () => {
    const bench = new Bench().allocate();
    bench.advance(539_999);
    expect(bench.count(METHOD.refresh)).toBe(0);
    bench.advance(540_000);
    expect(bench.count(METHOD.refresh)).toBe(1);
    bench.advance(540_000 * 3);
    expect(bench.count(METHOD.refresh)).toBe(3);
    expect(bench.client.state).toBe('allocated');
  });

  test('goes halfway where the allocation is short, and never more than once a second', () => {
    const bench = new Bench();
    bench.server.script = { lifetimeSeconds: 60 };
    bench.allocate();
    bench.advance(30_000);
    expect(bench.count(METHOD.refresh)).toBe(1);
    bench.server.script = { lifetimeSeconds: 1 };
    bench.advance(60_000);
    bench.advance(70_000);
    expect(bench.count(METHOD.refresh)).toBe(12);
  });

  test('a stale nonce is replaced, and nobody notices (RFC 8489 §9.2.5)', () => {
    const bench = new Bench().allocate();
    bench.server.nonce = 'nonce-2';
    bench.advance(540_000);
    expect(bench.count(METHOD.refresh)).toBe(2);
    expect(bench.client.state).toBe('allocated');
    expect(bench.events).toHaveLength(1);
  });

  test('437 means that the server forgot us: the allocation is lost', () => {
    const bench = new Bench().allocate();
    bench.server.script = { status: 437 };
    bench.advance(540_000);
    expect(bench.events.at(-1)).toEqual({ type: 'lost', failure: 'mismatch', status: 437 });
    expect(bench.client.tables).toEqual({ requests: 0, permissions: 0, channels: 0, timers: 0 });
  });

  test('a server that is gone is noticed by its silence', () => {
    const bench = new Bench().allocate();
    bench.silence(540_000 + 39_500);
    expect(bench.events.at(-1)).toEqual({ type: 'lost', failure: 'timeout' });
  });
});

describe('the mapping of a NAT on the way', () => {
  const indications = (bench: Bench) => bench.requests.filter((message) => message.class === 'indication');

  test('is kept by an indication each 15 s while no data goes', () => {
    const bench = new Bench().allocate();
    bench.advance(60_000);
    expect(indications(bench)).toHaveLength(4);
  });

  test('needs none while data goes', () => {
    const bench = new Bench().allocate();
    bench.client.write(10_000, PEER, SOUND);
    bench.advance(15_000);
    expect(indications(bench)).toHaveLength(0);
    bench.advance(30_000);
    expect(indications(bench)).toHaveLength(1);
  });

  test('needs none over TCP', () => {
    const bench = new Bench({ isReliable: true }).allocate();
    bench.advance(60_000);
    expect(indications(bench)).toHaveLength(0);
  });
});

describe('close()', () => {
  test('gives the allocation back by a lifetime of 0 (RFC 8656 §8)', () => {
    const bench = new Bench().allocate();
    bench.client.permit(0, PEER.address);
    bench.client.close(0);
    bench.exchange();
    expect(bench.requests.at(-1)?.uint32(ATTRIBUTE.lifetime)).toBe(0);
    expect(bench.events.at(-1)).toEqual({ type: 'closed' });
    expect(bench.client.tables).toEqual({ requests: 0, permissions: 0, channels: 0, timers: 0 });
  });

  test('also one that comes only then', () => {
    const bench = new Bench();
    bench.client.allocate(0);
    bench.client.close(0);
    expect(bench.client.state).toBe('closing');
    bench.exchange();
    expect(bench.count(METHOD.refresh)).toBe(1);
    expect(bench.events).toEqual([{ type: 'closed' }]);
  });

  test('waits for a silent server one second', () => {
    const bench = new Bench().allocate();
    bench.client.close(0);
    bench.silence(1_000);
    expect(bench.events.at(-1)).toEqual({ type: 'closed' });
    expect(bench.client.nextTimeoutAt()).toBeUndefined();
  });
});

// Every state × every input: nothing throws, and the state afterwards is the one of the diagram.
describe('every state takes every input', () => {
  const reach: Record<TurnClientState, () => Bench> = {
    idle: () => new Bench(),
    allocating: () => {
      const bench = new Bench();
      bench.client.allocate(0);
      return bench;
    },
    allocated: () => new Bench().allocate(),
    closing: () => {
      const bench = new Bench().allocate();
      bench.client.close(0);
      return bench;
    },
    closed: () => {
      const bench = new Bench().allocate();
      bench.client.close(0);
      bench.exchange();
      return bench;
    },
  };
  const inputs: Record<string, (bench: Bench) => void> = {
    allocate: ({ client }) => client.allocate(0),
    permit: ({ client }) => client.permit(0, PEER.address),
    bindChannel: ({ client }) => client.bindChannel(0, PEER),
    write: ({ client }) => client.write(0, PEER, SOUND),
    data: ({ client }) => client.handleDatagram(0, dataIndication(PEER, SOUND), SERVER),
    answers: (bench) => bench.exchange(),
    timeout: ({ client }) => client.handleTimeout(100_000),
    disconnect: ({ client }) => client.handleDisconnect(),
    close: ({ client }) => client.close(0),
  };
  const after: Record<TurnClientState, Partial<Record<string, TurnClientState>>> = {
    idle: { allocate: 'allocating', close: 'closed' },
    allocating: { answers: 'allocated', disconnect: 'closed', close: 'closing' },
    allocated: { disconnect: 'closed', close: 'closing' },
    closing: { answers: 'closed', disconnect: 'closed', timeout: 'closed' },
    closed: {},
  };
  // Casts: Object.keys() forgets the keys of a record.
  const states = Object.keys(reach) as TurnClientState[];
  const pairs = states.flatMap((state) => Object.keys(inputs).map((input) => ({ state, input })));
  test.each(pairs)('$state, $input', ({ state, input }) => {
    const bench = reach[state]();
    expect(bench.client.state).toBe(state);
    inputs[input]?.(bench);
    expect(bench.client.state).toBe(after[state][input] ?? state);
    if (bench.client.state === 'closed') expect(bench.client.nextTimeoutAt()).toBeUndefined();
    expect(bench.client.state === 'allocated').toBe(bench.client.allocated !== undefined);
  });
});
