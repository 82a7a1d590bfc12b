import { describe, expect, test } from 'vitest';
import { type Endpoint, SeededRandom } from '../../../../../core/index.ts';
import {
  ATTRIBUTE,
  encodeChannelData,
  METHOD,
  type StunMessage,
  TurnClient,
  type TurnClientEvent,
  type TurnClientOptions,
  type TurnClientState,
  type TurnFailure,
} from '../../../../../nat/index.ts';
import {
  CREDENTIALS,
  dataIndication,
  decodeRequest,
  MAPPED,
  RELAYED,
  ScriptedServer,
  SERVER,
} from './scripted-server.ts';

const PEER: Endpoint = { address: '198.51.100.7', port: 5000 };
const SOUND = Uint8Array.of(0x80, 0, 1, 2, 3);
const ELSEWHERE: Endpoint = { address: '192.0.2.66', port: 3478 };

/** A client and a server that answers at once, with everything that either said. */
class Bench {
  now = 0;
  readonly server = new ScriptedServer();
  readonly client: TurnClient;
  readonly requests: StunMessage[] = [];
  readonly events: TurnClientEvent[] = [];

  constructor(options: Partial<TurnClientOptions> = {}) {
    const random = new SeededRandom(1);
    this.client = new TurnClient({ random, server: SERVER, credentials: CREDENTIALS, ...options });
  }

  /** Delivers what waits, both ways, until nobody says anything more. */
  exchange(): void {
    for (let out = this.client.takeDatagrams(); out.length > 0; out = this.client.takeDatagrams()) {
      for (const bytes of out) {
        const message = decodeRequest(bytes);
        this.requests.push(message);
        if (message.class === 'request')
          this.client.handleDatagram(this.now, this.server.respond(bytes), SERVER);
      }
    }
    this.events.push(...this.client.takeEvents());
  }

  /** Lets everything that goes out get lost, and time pass. */
  silence(untilAt: number): void {
    for (let at = this.client.nextTimeoutAt(); at !== undefined && at <= untilAt; ) {
      this.client.handleTimeout(at);
      this.client.takeDatagrams();
      at = this.client.nextTimeoutAt();
    }
    this.now = untilAt;
    this.events.push(...this.client.takeEvents());
  }

  advance(toAt: number): void {
    for (let at = this.client.nextTimeoutAt(); at !== undefined && at <= toAt; ) {
      this.now = at;
      this.client.handleTimeout(at);
      this.exchange();
      at = this.client.nextTimeoutAt();
    }
    this.now = toAt;
  }

  allocate(): this {
    this.client.allocate(this.now);
    this.exchange();
    return this;
  }

  /** How many requests of a method came so far. */
  count(method: number): number {
    return this.requests.filter((request) => request.method === method).length;
  }
}

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

describe('permissions', () => {
  test('wait for the allocation, and are renewed after four minutes (RFC 8656 §9)', () => {
    const bench = new Bench();
    bench.client.permit(0, PEER.address);
    expect(bench.client.takeDatagrams()).toHaveLength(0);
    bench.allocate();
    expect(bench.count(METHOD.createPermission)).toBe(1);
    bench.client.permit(0, PEER.address);
    bench.advance(239_999);
    expect(bench.count(METHOD.createPermission)).toBe(1);
    bench.advance(240_000);
    expect(bench.count(METHOD.createPermission)).toBe(2);
  });

  test('are asked for by the first data to a peer, which goes along', () => {
    const bench = new Bench().allocate();
    const frame = bench.client.write(0, PEER, SOUND);
    const sent = frame ? decodeRequest(frame) : undefined;
    expect(sent).toMatchObject({ method: METHOD.send, class: 'indication' });
    expect(sent?.xorAddress(ATTRIBUTE.xorPeerAddress)).toEqual(PEER);
    expect(sent?.value(ATTRIBUTE.data)).toEqual(SOUND);
    bench.exchange();
    expect(bench.count(METHOD.createPermission)).toBe(1);
  });

  test('403 is told, and no data goes there any more', () => {
    const bench = new Bench().allocate();
    bench.server.script = { status: 403 };
    bench.client.permit(0, '10.0.0.1');
    bench.exchange();
    expect(bench.events.at(-1)).toEqual({ type: 'peerRefused', address: '10.0.0.1', status: 403 });
    expect(bench.client.write(0, { address: '10.0.0.1', port: 1 }, SOUND)).toBeUndefined();
    expect(bench.client.counters.unsent).toBe(1);
    expect(bench.client.state).toBe('allocated');
  });

  test('are not asked for an address of the other family', () => {
    const bench = new Bench().allocate();
    bench.client.permit(0, '2001:db8::7');
    expect(bench.client.write(0, { address: '2001:db8::7', port: 1 }, SOUND)).toBeUndefined();
    expect(bench.client.tables.permissions).toBe(0);
  });

  test('are bounded: the oldest makes room', () => {
    const bench = new Bench().allocate();
    for (let i = 0; i < 300; i += 1) bench.client.permit(0, `203.0.${i >> 8}.${i & 255}`);
    expect(bench.client.tables.permissions).toBe(64);
  });

  test('what comes from others is dropped and counted (RFC 8656 §11.4)', () => {
    const bench = new Bench().allocate();
    bench.client.permit(0, PEER.address);
    expect(bench.client.handleDatagram(0, dataIndication(PEER, SOUND), SERVER)).toEqual({
      peer: PEER,
      data: SOUND,
    });
    const stranger = { address: '198.51.100.8', port: 5000 };
    expect(bench.client.handleDatagram(0, dataIndication(stranger, SOUND), SERVER)).toBeUndefined();
    expect(bench.client.handleDatagram(0, dataIndication(PEER, SOUND), ELSEWHERE)).toBeUndefined();
    expect(bench.client.counters).toMatchObject({ unpermitted: 1, fromElsewhere: 1 });
  });
});

describe('channels', () => {
  test('carry data once the server confirmed them, both ways (RFC 8656 §12)', () => {
    const bench = new Bench().allocate();
    bench.client.bindChannel(0, PEER);
    expect(bench.client.write(0, PEER, SOUND)?.[0]).toBe(0);
    bench.exchange();
    expect(bench.events.at(-1)).toEqual({ type: 'channelBound', peer: PEER });
    expect(bench.client.write(0, PEER, SOUND)).toEqual(encodeChannelData(0x4000, SOUND));
    expect(bench.client.handleDatagram(0, encodeChannelData(0x4000, SOUND), SERVER)).toEqual({
      peer: PEER,
      data: SOUND,
    });
  });

  test('are renewed after nine minutes, and never given to another peer', () => {
    const bench = new Bench().allocate();
    bench.client.bindChannel(0, PEER);
    bench.exchange();
    bench.advance(540_000);
    expect(bench.count(METHOD.channelBind)).toBe(2);
    const other = { ...PEER, port: 5001 };
    bench.client.bindChannel(bench.now, other);
    bench.exchange();
    expect(bench.client.write(bench.now, other, SOUND)).toEqual(encodeChannelData(0x4001, SOUND));
    expect(bench.client.write(bench.now, PEER, SOUND)).toEqual(encodeChannelData(0x4000, SOUND));
  });

  test('are padded to four bytes over TCP (RFC 8656 §12.5)', () => {
    const bench = new Bench({ isReliable: true }).allocate();
    bench.client.bindChannel(0, PEER);
    bench.exchange();
    expect(bench.client.write(0, PEER, SOUND)).toEqual(
      Uint8Array.of(0x40, 0, 0, 5, 0x80, 0, 1, 2, 3, 0, 0, 0),
    );
  });

  test('that are refused leave data to indications', () => {
    const bench = new Bench().allocate();
    bench.client.permit(0, PEER.address);
    bench.exchange();
    bench.server.script = { status: 508 };
    bench.client.bindChannel(0, PEER);
    bench.exchange();
    expect(bench.client.write(0, PEER, SOUND)?.[0]).toBe(0);
    expect(bench.client.tables.channels).toBe(0);
  });

  test('that were never bound, and broken frames, are dropped and counted', () => {
    const bench = new Bench().allocate();
    for (const bytes of [
      encodeChannelData(0x4abc, SOUND),
      Uint8Array.of(0x40, 0, 0, 9, 1),
      Uint8Array.of(0x40),
      Uint8Array.of(1, 2, 3),
      Uint8Array.of(0x80, 0),
      new Uint8Array(0),
    ]) {
      expect(bench.client.handleDatagram(0, bytes, SERVER)).toBeUndefined();
    }
    expect(bench.client.counters).toMatchObject({ unboundChannel: 1, malformed: 5 });
  });

  test('are bounded', () => {
    const bench = new Bench().allocate();
    for (let port = 1; port <= 5_000; port += 1) bench.client.bindChannel(0, { ...PEER, port });
    expect(bench.client.tables.channels).toBeLessThanOrEqual(16);
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
