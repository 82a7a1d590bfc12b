import { describe, expect, test } from 'vitest';
import { ATTRIBUTE, longTermKey, METHOD, type StunMessage, StunWriter } from '../../../../../nat/index.ts';
import { encodeAddressFamily, encodeTransport } from '../../../../../nat/turn/values.ts';
import {
  ALICE,
  PEER,
  REALM,
  RELAY_ADDRESS,
  RELAY_ADDRESS_6,
  type StageClient,
  TurnStage,
} from '../../../../support/turn-stage.ts';

const PEER_6 = { address: '2001:db8:5::1', port: 4000 };
const UNKNOWN_ATTRIBUTE = 0x7777;
const evenPort = (first: number) => (writer: StunWriter) =>
  writer.add(ATTRIBUTE.evenPort, Uint8Array.of(first));
const family = (type: number, value: 4 | 6) => (writer: StunWriter) =>
  writer.add(type, encodeAddressFamily(value));
const requested = (value: 4 | 6) => family(ATTRIBUTE.requestedAddressFamily, value);
const additional = (value: 4 | 6) => family(ATTRIBUTE.additionalAddressFamily, value);

interface Row {
  readonly name: string;
  readonly code: number;
  readonly ask: (client: StageClient) => StunMessage;
}

describe('Allocate is refused (RFC 8656 §7.2)', () => {
  test.each<Row>([
    { name: 'without REQUESTED-TRANSPORT', code: 400, ask: (client) => client.request(METHOD.allocate) },
    {
      name: 'for TCP',
      code: 442,
      ask: (client) =>
        client.request(METHOD.allocate, (writer) =>
          writer.add(ATTRIBUTE.requestedTransport, encodeTransport(6)),
        ),
    },
    {
      name: 'with DONT-FRAGMENT, which we cannot do (step 4)',
      code: 420,
      ask: (client) => client.allocate((writer) => writer.flag(ATTRIBUTE.dontFragment)),
    },
    {
      name: 'with an attribute that nobody knows',
      code: 420,
      ask: (client) => client.allocate((writer) => writer.uint32(UNKNOWN_ATTRIBUTE, 1)),
    },
    {
      name: 'with a token and EVEN-PORT (step 5)',
      code: 400,
      ask: (client) =>
        client.allocate((w) => evenPort(0)(w.add(ATTRIBUTE.reservationToken, new Uint8Array(8)))),
    },
    {
      name: 'with a token that is none (step 5)',
      code: 508,
      ask: (client) => client.allocate((w) => w.add(ATTRIBUTE.reservationToken, new Uint8Array(8))),
    },
    {
      name: 'with both address families (step 6)',
      code: 400,
      ask: (client) => client.allocate((writer) => additional(6)(requested(6)(writer))),
    },
    {
      name: 'for a family that there is not (step 7)',
      code: 440,
      ask: (client) =>
        client.allocate((w) => w.add(ATTRIBUTE.requestedAddressFamily, Uint8Array.of(3, 0, 0, 0))),
    },
    {
      name: 'for a pair of ports of both families (step 8)',
      code: 400,
      ask: (client) => client.allocate((writer) => evenPort(0x80)(additional(6)(writer))),
    },
    {
      name: 'with IPv4 as the additional family (step 9)',
      code: 400,
      ask: (client) => client.allocate(additional(4)),
    },
  ])('$name: $code', ({ code, ask }) => {
    const stage = new TurnStage();
    expect(ask(stage.client(5000)).error?.code).toBe(code);
    expect(stage.server.tables).toMatchObject({ allocations: 0, allocating: 0, relays: 0, users: 0 });
  });

  test('on a five-tuple that has one: 437 (step 2)', () => {
    expect(new TurnStage().allocated(5000).allocate().error?.code).toBe(437);
  });

  test('to whoever has as many as he may: 486, and others are served (step 10)', () => {
    const stage = new TurnStage({ quotas: { perUser: 2, total: 3 } });
    stage.allocated(5000);
    stage.allocated(5001);
    expect(stage.client(5002).allocate().error?.code).toBe(486);
    stage.allocated(5003, { username: 'bob', password: 'other' });
    expect(stage.client(5004, { username: 'bob', password: 'other' }).allocate().error?.code).toBe(486);
  });

  test('where every port is taken: 508', () => {
    const stage = new TurnStage({ relayPorts: { first: 50_000, last: 50_001 } });
    stage.allocated(5000);
    stage.allocated(5001);
    expect(stage.client(5002).allocate().error?.code).toBe(508);
  });
});

describe('Allocate', () => {
  test('that comes again gets the same answer (RFC 8656 §7.2)', () => {
    const stage = new TurnStage();
    const client = stage.client(5000);
    client.nonce = client.challengeFor(METHOD.allocate);
    const request = client.sealed(METHOD.allocate, (w) =>
      w.add(ATTRIBUTE.requestedTransport, encodeTransport(17)),
    );
    client.say(request);
    const first = client.last;
    client.say(request);
    expect(client.last).toEqual(first);
    expect(client.received).toHaveLength(3);
    expect(stage.server.counters.allocated).toBe(1);
  });

  test('that comes again while its relay is being bound makes no second one', () => {
    const stage = new TurnStage();
    stage.bindsAtOnce = false;
    const client = stage.client(5000);
    client.allocate();
    client.allocate();
    expect(stage.unbound).toHaveLength(1);
    for (const relay of stage.unbound) stage.bind(relay);
    expect(client.lastMessage.class).toBe('success');
    expect(stage.server.counters.dropped.retransmission).toBe(1);
  });

  test('tries other ports where somebody else has those that were drawn', () => {
    const stage = new TurnStage();
    let failures = 3;
    stage.isTaken = () => failures-- > 0;
    expect(stage.client(5000).allocate().class).toBe('success');
    expect(stage.server.tables.relays).toBe(1);
  });

  test('gives up where no port can be bound: 508', () => {
    const stage = new TurnStage();
    stage.isTaken = () => true;
    expect(stage.client(5000).allocate().error?.code).toBe(508);
    expect(stage.server.tables).toMatchObject({ allocating: 0, relays: 0, users: 0 });
  });

  test.each([
    { asked: undefined, given: 600 },
    { asked: 0, given: 600 },
    { asked: 60, given: 600 },
    { asked: 1800, given: 1800 },
    { asked: 3601, given: 3600 },
    { asked: 0xffff_ffff, given: 3600 },
  ])('of $asked s lasts $given s', ({ asked, given }) => {
    const stage = new TurnStage();
    const client = stage.client(5000);
    const answer = client.allocate((w) => (asked === undefined ? w : w.uint32(ATTRIBUTE.lifetime, asked)));
    expect(answer.uint32(ATTRIBUTE.lifetime)).toBe(given);
    stage.pass(given * 1000 - 1);
    expect(stage.server.tables.allocations).toBe(1);
    stage.pass(1);
    expect(stage.server.tables.allocations).toBe(0);
  });

  test('gives an even port, and the next to whoever of the same user has the token', () => {
    const stage = new TurnStage();
    const client = stage.client(5000);
    const token = client.allocate(evenPort(0x80)).value(ATTRIBUTE.reservationToken) ?? new Uint8Array(0);
    const port = client.relayed[0]?.port ?? 0;
    expect(port % 2).toBe(0);
    const claim = (writer: StunWriter) => writer.add(ATTRIBUTE.reservationToken, token);
    const bob = stage.client(5001, { username: 'bob', password: 'other' });
    expect(bob.allocate(claim).error?.code).toBe(508);
    const second = stage.client(5002);
    expect(second.allocate(claim).class).toBe('success');
    expect(second.relayed).toEqual([{ address: RELAY_ADDRESS, port: port + 1 }]);
  });

  test('holds a reserved port for 30 s', () => {
    const stage = new TurnStage();
    stage.client(5000).allocate(evenPort(0x80));
    expect(stage.server.tables).toMatchObject({ relays: 2, reservations: 1 });
    stage.pass(30_000);
    expect(stage.server.tables).toMatchObject({ relays: 1, reservations: 0 });
  });

  test('gives relays of IPv6, and of both families', () => {
    const stage = new TurnStage();
    const six = stage.client(5000);
    six.allocate(requested(6));
    expect(six.relayed.map(({ address }) => address)).toEqual([RELAY_ADDRESS_6]);
    const both = stage.client(5001);
    both.allocate(additional(6));
    expect(both.relayed.map(({ address }) => address)).toEqual([RELAY_ADDRESS, RELAY_ADDRESS_6]);
  });

  test.each([
    { name: 'no IPv6', without6: true, code: 440 },
    { name: 'no port of IPv6', without6: false, code: 508 },
  ])('of both families where there is $name says so, and gives IPv4 (step 9)', ({ without6, code }) => {
    const only4 = [{ local: RELAY_ADDRESS, advertised: RELAY_ADDRESS }];
    const stage = new TurnStage(without6 ? { relayAddresses: only4 } : {});
    stage.isTaken = (relay) => relay.family === 6;
    const client = stage.client(5000);
    const value = client.allocate(additional(6)).value(ATTRIBUTE.addressErrorCode);
    expect(client.relayed).toHaveLength(1);
    expect([value?.[0], (value?.[2] ?? 0) * 100 + (value?.[3] ?? 0)]).toEqual([2, code]);
  });
});

describe('Refresh (RFC 8656 §8.2)', () => {
  test('prolongs', () => {
    const stage = new TurnStage();
    const client = stage.allocated(5000);
    stage.pass(500_000);
    expect(client.refresh().uint32(ATTRIBUTE.lifetime)).toBe(600);
    stage.pass(599_999);
    expect(stage.server.tables.allocations).toBe(1);
  });

  test('of zero frees at once', () => {
    const stage = new TurnStage();
    const client = stage.allocated(5000);
    expect(client.refresh(0).uint32(ATTRIBUTE.lifetime)).toBe(0);
    expect(stage.server.tables).toMatchObject({ allocations: 0, relays: 0, users: 0 });
    expect(stage.bound.size).toBe(0);
    expect(client.refresh().error?.code).toBe(437);
  });

  test('of one family of two ends that one alone', () => {
    const stage = new TurnStage();
    const client = stage.client(5000);
    client.allocate(additional(6));
    client.bindChannel(0x4001, PEER_6);
    const answer = client.request(METHOD.refresh, (w) => requested(6)(w.uint32(ATTRIBUTE.lifetime, 0)));
    expect(answer.class).toBe('success');
    expect(stage.server.tables).toMatchObject({ allocations: 1, relays: 1 });
    expect(stage.server.counters.channels).toBe(0);
    expect(client.bindChannel(0x4001, PEER_6).error?.code).toBe(443);
  });

  test('of a family that it has not: 443', () => {
    const client = new TurnStage().allocated(5000);
    expect(client.request(METHOD.refresh, requested(6)).error?.code).toBe(443);
  });
});

describe('requests about an allocation', () => {
  test.each<Row>([
    { name: 'CreatePermission without a peer', code: 400, ask: (client) => client.permit() },
    { name: 'CreatePermission of the other family', code: 443, ask: (client) => client.permit(PEER_6) },
    {
      name: 'CreatePermission with one peer that is private',
      code: 403,
      ask: (client) => client.permit(PEER, { address: '192.168.1.1', port: 1 }),
    },
    { name: 'ChannelBind below the range', code: 400, ask: (client) => client.bindChannel(0x3fff, PEER) },
    { name: 'ChannelBind above the range', code: 400, ask: (client) => client.bindChannel(0x8000, PEER) },
    {
      name: 'ChannelBind of the other family',
      code: 443,
      ask: (client) => client.bindChannel(0x4000, PEER_6),
    },
    {
      name: 'ChannelBind to loopback',
      code: 403,
      ask: (client) => client.bindChannel(0x4000, { address: '127.0.0.1', port: 50_000 }),
    },
    {
      name: 'ChannelBind to what is no relay on our relay address',
      code: 403,
      ask: (client) => client.bindChannel(0x4000, { address: RELAY_ADDRESS, port: 22 }),
    },
    {
      name: 'ChannelBind of a channel that has another peer',
      code: 400,
      ask: (client) => {
        client.bindChannel(0x4000, PEER);
        return client.bindChannel(0x4000, { ...PEER, port: 4001 });
      },
    },
    {
      name: 'ChannelBind to a peer that has another channel',
      code: 400,
      ask: (client) => {
        client.bindChannel(0x4000, PEER);
        return client.bindChannel(0x4001, PEER);
      },
    },
    {
      name: 'more permissions than anybody needs',
      code: 508,
      ask: (client) => {
        for (let i = 0; i < 256; i += 1) client.permit({ address: `192.0.2.${i}`, port: 1 });
        return client.permit({ address: '198.51.100.7', port: 1 });
      },
    },
  ])('$name: $code', ({ code, ask }) => {
    expect(ask(new TurnStage().allocated(5000)).error?.code).toBe(code);
  });

  test.each([METHOD.refresh, METHOD.createPermission, METHOD.channelBind])(
    'of method %i without one: 437',
    (method) => {
      expect(new TurnStage().client(5000).request(method).error?.code).toBe(437);
    },
  );

  test('by another user: 441 (RFC 8656 §5)', () => {
    const stage = new TurnStage();
    stage.allocated(5000);
    const bob = stage.client(5000, { username: 'bob', password: 'other' });
    expect(bob.refresh().error?.code).toBe(441);
  });

  test('that were refused change nothing', () => {
    const stage = new TurnStage();
    const client = stage.allocated(5000);
    client.permit(PEER, { address: '10.1.1.1', port: 1 });
    expect(stage.server.counters.permissions).toBe(0);
  });

  test('are answered with the integrity of the same user', () => {
    const stage = new TurnStage();
    const client = stage.allocated(5000);
    const answer = client.refresh();
    const key = longTermKey({ ...ALICE, realm: REALM });
    const again = new StunWriter({ ...answer, transactionId: answer.transactionId, class: 'success' })
      .uint32(ATTRIBUTE.lifetime, 600)
      .integrity(key)
      .finish();
    expect(answer.bytes).toEqual(again);
  });
});
