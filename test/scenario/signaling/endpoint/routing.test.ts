// Where requests go: RFC 3263, the change to TCP of RFC 3261 §18.1.1, and going on to the next address.
import { describe, expect } from 'vitest';
import type { SipEndpoint } from '../../../../signaling/endpoint/index.ts';
import type { Flow } from '../../../../signaling/transport/index.ts';
import { expectEmpty, type Host, scenario, type World } from '../../../support/index.ts';
import { answerAll, isOver, openOn, requestTo, sendAndWatch } from './endpoints.ts';

interface Pair {
  readonly alice: Host;
  readonly bob: Host;
  readonly client: SipEndpoint;
}

async function clientAndBob(world: World): Promise<Pair> {
  const alice = world.host('alice', { addresses: ['192.0.2.1'] });
  const bob = world.host('bob', { addresses: ['192.0.2.2'] });
  return { alice, bob, client: await world.complete(openOn(alice)) };
}

const LARGE = 'x'.repeat(1400);

describe('RFC 3263 §4: which transport, port and address', () => {
  const cases: readonly { name: string; uri: string; port: number; protocol: 'udp' | 'tcp' }[] = [
    { name: 'a numeric host: UDP, 5060', uri: 'sip:192.0.2.2', port: 5060, protocol: 'udp' },
    { name: 'a numeric host with port', uri: 'sip:192.0.2.2:5080', port: 5080, protocol: 'udp' },
    { name: 'transport=tcp', uri: 'sip:192.0.2.2;transport=TCP', port: 5060, protocol: 'tcp' },
    { name: 'a name without SRV: its address', uri: 'sip:plain.example.com', port: 5060, protocol: 'udp' },
    { name: 'a name with port: no SRV', uri: 'sip:service.example.com:5080', port: 5080, protocol: 'udp' },
    { name: 'a name with SRV for UDP', uri: 'sip:service.example.com', port: 5070, protocol: 'udp' },
    {
      name: 'SRV for TCP, asked for',
      uri: 'sip:service.example.com;transport=tcp',
      port: 5071,
      protocol: 'tcp',
    },
    {
      name: 'SRV for TCP, where there is none for UDP',
      uri: 'sip:tcp.example.com',
      port: 5071,
      protocol: 'tcp',
    },
    { name: 'maddr', uri: 'sip:elsewhere.example.com;maddr=192.0.2.2', port: 5060, protocol: 'udp' },
  ];
  for (const { name, uri, port, protocol } of cases) {
    scenario(name, {}, async (world) => {
      const { bob, client } = await clientAndBob(world);
      world.names.hosts.set('plain.example.com', ['192.0.2.2']);
      world.names.hosts.set('service.example.com', ['192.0.2.2']);
      world.names.hosts.set('bob.example.com', ['192.0.2.2']);
      const srv = (at: number) => [{ name: 'bob.example.com', port: at, priority: 1, weight: 1 }];
      world.names.services.set('_sip._udp.service.example.com', srv(5070));
      world.names.services.set('_sip._tcp.service.example.com', srv(5071));
      world.names.services.set('_sip._tcp.tcp.example.com', srv(5071));
      const listen = [{ protocol, address: '0.0.0.0', port }];
      const server = await world.complete(openOn(bob, { listen }));
      answerAll(server);
      const { outcome } = sendAndWatch(client, requestTo(uri));
      await world.runUntil(() => isOver(outcome));
      expect(outcome.statuses).toEqual([200]);
      expect(outcome.flow).toMatchObject({ protocol, remote: { address: '192.0.2.2', port } });
    });
  }
});

describe('what cannot be resolved', () => {
  for (const uri of [
    'sips:192.0.2.2',
    'sip:192.0.2.2;transport=tls',
    'sip:192.0.2.2;transport=sctp',
    'sip:nobody.example.com',
    'sip:broken.example.com',
    'sip:[2001:db8::2]',
    'sip:255.255.255.255',
    'sip:224.0.1.75',
    'sip:0.0.0.0',
    'sip:192.0.2.2:0',
    'tel:+15550123',
  ]) {
    scenario(`${uri} fails at once, but never within send()`, {}, async (world) => {
      const { client } = await clientAndBob(world);
      world.names.failures.set('broken.example.com', 'ETIMEDOUT');
      const { outcome } = sendAndWatch(client, requestTo(uri));
      expect(outcome.failures).toEqual([]);
      await world.settle();
      expect(outcome.failures).toEqual(['unresolvable']);
      expect(client.transactionCount).toBe(0);
      expect(world.trace.sentCount).toBe(0);
    });
  }
});

describe('the next hop (RFC 3261 §8.1.2)', () => {
  scenario('is the topmost Route where that is a loose router', {}, async (world) => {
    const { bob, client } = await clientAndBob(world);
    const requests = answerAll(await world.complete(openOn(bob)));
    const request = requestTo('sip:carol@203.0.113.9', 'OPTIONS', { route: '<sip:192.0.2.2;lr>' });
    const { outcome } = sendAndWatch(client, request);
    await world.runUntil(() => isOver(outcome));
    expect(requests[0]?.requestUriText).toBe('sip:carol@203.0.113.9');
  });

  scenario('is the Request-URI where the Route names a strict router', {}, async (world) => {
    const { bob, client } = await clientAndBob(world);
    answerAll(await world.complete(openOn(bob)));
    const request = requestTo('sip:192.0.2.2', 'OPTIONS', { route: '<sip:203.0.113.9>' });
    const { outcome } = sendAndWatch(client, request);
    await world.runUntil(() => isOver(outcome));
    expect(outcome.statuses).toEqual([200]);
  });
});

describe('going on to the next address (RFC 3263 §4.3)', () => {
  /** Three servers in order of priority; bob is the last. */
  function threeServers(world: World, protocol: 'udp' | 'tcp' = 'udp'): void {
    world.names.hosts.set('one', ['192.0.2.11']);
    world.names.hosts.set('two', ['192.0.2.12']);
    world.names.hosts.set('bob', ['192.0.2.2']);
    world.names.services.set(
      `_sip._${protocol}.example.com`,
      ['one', 'two', 'bob'].map((name, priority) => ({ name, port: 5060, priority, weight: 0 })),
    );
  }

  scenario('after a timeout, with a new branch', {}, async (world) => {
    const { bob, client } = await clientAndBob(world);
    threeServers(world);
    const requests = answerAll(await world.complete(openOn(bob)));
    const { outcome, transaction } = sendAndWatch(client, requestTo('sip:example.com'));
    await world.runUntil(() => isOver(outcome), { limitMs: 70_000 });
    expect(outcome).toMatchObject({ statuses: [200], failures: [] });
    const branches = world.trace.messages.map(({ text }) => /branch=([^;\r]+)/.exec(text)?.[1]);
    expect(new Set(branches).size).toBe(3);
    expect(transaction.request.branch).toBe(requests[0]?.branch);
  });

  scenario('at once where a connection is refused', {}, async (world) => {
    const { bob, client } = await clientAndBob(world);
    world.host('one', { addresses: ['192.0.2.11'] });
    world.host('two', { addresses: ['192.0.2.12'] });
    threeServers(world, 'tcp');
    answerAll(await world.complete(openOn(bob)));
    const { outcome } = sendAndWatch(client, requestTo('sip:example.com;transport=tcp'));
    await world.runUntil(() => isOver(outcome), { limitMs: 1000 });
    expect(outcome.statuses).toEqual([200]);
  });

  scenario('after a 503, and the last 503 is passed on', {}, async (world) => {
    const { bob, client } = await clientAndBob(world);
    threeServers(world);
    answerAll(await world.complete(openOn(world.host('one', { addresses: ['192.0.2.11'] }))), 503);
    answerAll(await world.complete(openOn(world.host('two', { addresses: ['192.0.2.12'] }))), 503);
    answerAll(await world.complete(openOn(bob)), 503);
    const { outcome } = sendAndWatch(client, requestTo('sip:example.com'));
    await world.run(1000);
    expect(outcome.statuses).toEqual([503]);
    expect(outcome.flow?.remote.address).toBe('192.0.2.2');
  });

  scenario('not after another failure', {}, async (world) => {
    const { client } = await clientAndBob(world);
    threeServers(world);
    answerAll(await world.complete(openOn(world.host('one', { addresses: ['192.0.2.11'] }))), 500);
    const { outcome } = sendAndWatch(client, requestTo('sip:example.com'));
    await world.run(1000);
    expect(outcome.statuses).toEqual([500]);
  });

  scenario('all addresses dead: one failure', {}, async (world) => {
    const { client } = await clientAndBob(world);
    threeServers(world);
    const { outcome } = sendAndWatch(client, requestTo('sip:example.com'));
    await world.run(200_000);
    expect(outcome.failures).toEqual(['timeout']);
    expect(client.transactionCount).toBe(0);
  });
});

describe('requests over 1300 bytes (RFC 3261 §18.1.1)', () => {
  scenario('go over TCP, and say so in Via', {}, async (world) => {
    const { bob, client } = await clientAndBob(world);
    const requests = answerAll(await world.complete(openOn(bob)));
    const { outcome } = sendAndWatch(client, requestTo('sip:192.0.2.2', 'MESSAGE', { body: LARGE }));
    await world.runUntil(() => isOver(outcome));
    expect(outcome.flow?.protocol).toBe('tcp');
    expect(requests[0]?.topVia.transport).toBe('TCP');
    expect(requests[0]?.bodyText).toBe(LARGE);
  });

  scenario('fall back to UDP where TCP is refused', {}, async (world) => {
    const { bob, client } = await clientAndBob(world);
    const listen = [{ protocol: 'udp' as const, address: '0.0.0.0', port: 5060 }];
    const requests = answerAll(await world.complete(openOn(bob, { listen })));
    const { outcome } = sendAndWatch(client, requestTo('sip:192.0.2.2', 'MESSAGE', { body: LARGE }));
    await world.runUntil(() => isOver(outcome));
    expect(outcome.flow?.protocol).toBe('udp');
    expect(requests[0]?.topVia.transport).toBe('UDP');
    expect(requests[0]?.bodyText).toBe(LARGE);
  });

  scenario('wait 1.5 s for TCP that nobody answers, and the next one not at all', {}, async (world) => {
    const alice = world.host('alice', { addresses: ['192.0.2.1'] });
    const nat = world.nat('nat', { externalAddress: '192.0.2.9', filtering: 'endpoint-independent' });
    const bob = world.host('bob', { addresses: ['10.0.0.2'], behind: nat });
    const client = await world.complete(openOn(alice));
    answerAll(client);
    let mapped: Flow | undefined;
    client.on('request', ({ flow }) => {
      mapped = flow;
    });
    const server = await world.complete(openOn(bob));
    const requests = answerAll(server);
    const opening = sendAndWatch(server, requestTo('sip:192.0.2.1'));
    await world.runUntil(() => isOver(opening.outcome));
    const waits: number[] = [];
    for (const callId of ['call-2', 'call-3']) {
      const sentAt = world.now();
      const uri = `sip:192.0.2.9:${mapped?.remote.port}`;
      const { outcome } = sendAndWatch(client, requestTo(uri, 'MESSAGE', { body: LARGE, callId }));
      await world.runUntil(() => isOver(outcome));
      expect(outcome).toMatchObject({ statuses: [200], flow: { protocol: 'udp' } });
      waits.push(world.now() - sentAt);
    }
    expect(requests).toHaveLength(2);
    expect(waits[0]).toBeGreaterThanOrEqual(1500);
    expect(waits[0]).toBeLessThan(1600);
    expect(waits[1]).toBeLessThan(100);
  });

  scenario('stay with UDP where the URI asks for it by name', {}, async (world) => {
    const { bob, client } = await clientAndBob(world);
    answerAll(await world.complete(openOn(bob)));
    const request = requestTo('sip:192.0.2.2;transport=udp', 'MESSAGE', { body: LARGE });
    const { outcome } = sendAndWatch(client, request);
    await world.runUntil(() => isOver(outcome));
    expect(outcome.flow?.protocol).toBe('udp');
  });

  scenario('stay on the flow that was given', {}, async (world) => {
    const { bob, client } = await clientAndBob(world);
    const server = await world.complete(openOn(bob));
    answerAll(server);
    answerAll(client);
    const first = sendAndWatch(client, requestTo('sip:192.0.2.2'));
    await world.runUntil(() => isOver(first.outcome));
    const flow = first.outcome.flow;
    expect(flow).toBeDefined();
    const request = requestTo('sip:203.0.113.7', 'MESSAGE', { body: LARGE, callId: 'call-2' });
    const second = sendAndWatch(client, request, { flow });
    await world.runUntil(() => isOver(second.outcome));
    expect(second.outcome).toMatchObject({ statuses: [200], flow: { protocol: 'udp' } });
  });

  scenario('one connection serves many requests', {}, async (world) => {
    const { bob, client } = await clientAndBob(world);
    answerAll(await world.complete(openOn(bob)));
    const outcomes = [1, 2, 3, 4].map((i) => {
      const request = requestTo('sip:192.0.2.2;transport=tcp', 'OPTIONS', { callId: `call-${i}` });
      return sendAndWatch(client, request).outcome;
    });
    await world.runUntil(() => outcomes.every(isOver));
    expect(new Set(outcomes.map(({ flow }) => flow?.connectionId)).size).toBe(1);
    expect(world.tables()['bob: TCP connections']).toBe(1);
  });
});

describe('a connection that died unnoticed, as when a NAT forgets it', () => {
  /** @returns the flow of a request over TCP that was answered, where the server has restarted since */
  async function flowToRestarted(world: World, { bob, client }: Pair): Promise<Flow | undefined> {
    const server = await world.complete(openOn(bob));
    answerAll(server);
    const { outcome } = sendAndWatch(client, requestTo('sip:192.0.2.2;transport=tcp'));
    await world.runUntil(() => isOver(outcome));
    server.close();
    return outcome.flow;
  }

  scenario('is told by the next request, which goes over a new one', {}, async (world) => {
    const pair = await clientAndBob(world);
    const flow = await flowToRestarted(world, pair);
    const requests = answerAll(await world.complete(openOn(pair.bob)));
    const request = requestTo('sip:192.0.2.2;transport=tcp', 'BYE', { callId: 'call-2' });
    const { outcome } = sendAndWatch(pair.client, request, { flow });
    await world.runUntil(() => isOver(outcome));
    expect(outcome).toMatchObject({ statuses: [200], failures: [] });
    expect(requests.map(({ method }) => method)).toEqual(['BYE']);
    expect(outcome.flow?.connectionId).not.toBe(flow?.connectionId);
  });

  scenario('is no reason to try for ever', {}, async (world) => {
    const pair = await clientAndBob(world);
    const flow = await flowToRestarted(world, pair);
    const request = requestTo('sip:192.0.2.2;transport=tcp', 'BYE', { callId: 'call-2' });
    const { outcome } = sendAndWatch(pair.client, request, { flow });
    await world.run(1000);
    expect(outcome).toMatchObject({ statuses: [], failures: ['transport'] });
    expect(pair.client.transactionCount).toBe(0);
  });
});

describe('who we say we are', () => {
  scenario('Via and Contact have our address toward the peer, or the advertised host', {}, async (world) => {
    const { bob, client } = await clientAndBob(world);
    const requests = answerAll(await world.complete(openOn(bob)));
    const host = world.host('carol', { addresses: ['192.0.2.3'] });
    const public_ = await world.complete(openOn(host, { advertisedHost: 'sip.example.com' }));
    for (const endpoint of [client, public_]) {
      const { outcome } = sendAndWatch(
        endpoint,
        requestTo('sip:192.0.2.2', 'OPTIONS', { callId: String(endpoint === client) }),
      );
      await world.runUntil(() => isOver(outcome));
      expect(outcome.statuses).toEqual([200]);
    }
    expect(requests.map(({ topVia }) => topVia.host)).toEqual(['192.0.2.1', 'sip.example.com']);
    const peer = { address: '192.0.2.2', port: 5060 };
    expect(client.contactFor(peer, 'alice').uri).toMatchObject({
      user: 'alice',
      host: '192.0.2.1',
      port: 5060,
    });
    expect(public_.contactFor(peer, undefined).uri).toMatchObject({ host: 'sip.example.com', port: 5060 });
  });

  scenario('each peer is told the host that is advertised for it, over TCP too', {}, async (world) => {
    const inside = '192.0.2.2';
    const advertisedHost = (peer: string) => (peer === inside ? undefined : '2001:DB8::7');
    const carol = await world.complete(
      openOn(world.host('carol', { addresses: ['192.0.2.3'] }), { advertisedHost }),
    );
    const bob = answerAll(await world.complete(openOn(world.host('bob', { addresses: [inside] }))));
    const dave = answerAll(await world.complete(openOn(world.host('dave', { addresses: ['198.51.100.9'] }))));
    const cases = [
      { address: inside, requests: bob, expected: '192.0.2.3' },
      { address: '198.51.100.9', requests: dave, expected: '[2001:db8::7]' },
    ];
    for (const { address, requests, expected } of cases) {
      for (const transport of ['udp', 'tcp']) {
        const uri = `sip:${address};transport=${transport}`;
        const { outcome } = sendAndWatch(carol, requestTo(uri, 'OPTIONS', { callId: uri }));
        await world.runUntil(() => isOver(outcome));
        expect(outcome.statuses).toEqual([200]);
        expect(requests.at(-1)?.topVia).toMatchObject({ host: expected, port: 5060 });
      }
      expect(carol.contactFor({ address, port: 5060 }, 'carol').uri).toMatchObject({ host: expected });
    }
  });

  scenario('a host with several addresses asks which one the peer sees', {}, async (world) => {
    const alice = world.host('alice', { addresses: ['192.0.2.1', '198.51.100.1'] });
    const bob = world.host('bob', { addresses: ['192.0.2.2'] });
    const client = await world.complete(openOn(alice));
    const requests = answerAll(await world.complete(openOn(bob)));
    const { outcome } = sendAndWatch(client, requestTo('sip:192.0.2.2'));
    await world.runUntil(() => isOver(outcome));
    expect(requests[0]?.topVia.host).toBe('192.0.2.1');
  });

  scenario('adds what a request must have, and keeps what it has', {}, async (world) => {
    const { bob, client } = await clientAndBob(world);
    const requests = answerAll(await world.complete(openOn(bob)));
    const own = requestTo('sip:192.0.2.2', 'OPTIONS', { callId: 'call-2' }).with({
      set: [
        ['Max-Forwards', '9'],
        ['User-Agent', 'mine'],
      ],
    });
    for (const request of [requestTo('sip:192.0.2.2'), own]) {
      const { outcome } = sendAndWatch(client, request);
      await world.runUntil(() => isOver(outcome));
      expect(outcome.responses[0]?.header('Server')).toBe('bob');
    }
    expect(requests.map((request) => [request.maxForwards, request.header('User-Agent')])).toEqual([
      [70, 'alice'],
      [9, 'mine'],
    ]);
  });
});

scenario('after all of it nothing is left', {}, async (world) => {
  const { bob, client } = await clientAndBob(world);
  const server = await world.complete(openOn(bob));
  answerAll(server);
  for (const uri of ['sip:192.0.2.2', 'sip:192.0.2.2;transport=tcp']) {
    const { outcome } = sendAndWatch(client, requestTo(uri, 'OPTIONS', { callId: uri }));
    await world.runUntil(() => isOver(outcome));
  }
  await world.run(40_000);
  expect([client.transactionCount, server.transactionCount]).toEqual([0, 0]);
  client.close();
  server.close();
  await world.runUntilIdle();
  expectEmpty(world.tables());
});
