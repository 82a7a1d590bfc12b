// How much of us the peers on connections may take.
import { expect } from 'vitest';
import type { TcpConnection } from '../../../../core/index.ts';
import { createResponse, type SipRequest, serializeMessage } from '../../../../signaling/message/index.ts';
import { type ConnectionLimits, type Flow, Transports } from '../../../../signaling/transport/index.ts';
import { type Host, scenario, type World } from '../../../support/index.ts';

interface Stage {
  readonly transports: Transports;
  readonly lost: Flow[];
  readonly requests: { readonly request: SipRequest; readonly flow: Flow }[];
}

async function openWith(world: World, limits: Partial<ConnectionLimits>): Promise<Stage> {
  const lost: Flow[] = [];
  const requests: Stage['requests'] = [];
  const transports = await world.complete(
    Transports.open(world.host('server', { addresses: ['192.0.2.2'] }), {
      listen: [{ protocol: 'tcp', address: '0.0.0.0', port: 5060 }],
      product: 'patchcord',
      limits,
      isOurSentBy: () => true,
      onRequest: (request, flow) => requests.push({ request, flow }),
      onResponse: () => {},
      onFlowLost: (flow) => lost.push(flow),
    }),
  );
  return { transports, lost, requests };
}

async function connectFrom(world: World, host: Host, count: number): Promise<TcpConnection[]> {
  const connections = Array.from({ length: count }, () =>
    host.network.connectTcp({ address: '192.0.2.2', port: 5060 }),
  );
  const all = await world.complete(Promise.all(connections));
  await world.run(100);
  return all;
}

scenario('connections are bounded, in all and for one address, and come free again', {}, async (world) => {
  const { transports, lost } = await openWith(world, { maxConnections: 5, maxConnectionsPerAddress: 3 });
  const one = world.host('one', { addresses: ['192.0.2.11'] });
  const two = world.host('two', { addresses: ['192.0.2.12'] });
  for (let round = 1; round <= 3; round += 1) {
    const ofOne = await connectFrom(world, one, 4);
    expect(transports.connectionCount).toBe(3);
    const ofTwo = await connectFrom(world, two, 4);
    expect(transports.connectionCount).toBe(5);
    expect(transports.counters.connectionsRefused).toBe(3 * round);
    for (const tcp of [...ofOne, ...ofTwo]) tcp.destroy();
    await world.run(100);
    expect(transports.connectionCount).toBe(0);
    expect(lost).toHaveLength(5 * round);
  }
});

scenario('a peer that takes nothing is dropped before it makes us grow', {}, async (world) => {
  const { transports, requests, lost } = await openWith(world, { maxBufferedBytes: 10_000 });
  const peer = world.host('peer', { addresses: ['192.0.2.11'] });
  const [tcp] = await connectFrom(world, peer, 1);
  tcp?.write(
    Buffer.from(
      'OPTIONS sip:x SIP/2.0\r\nVia: SIP/2.0/TCP h;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:x>\r\n' +
        'Call-ID: 1\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n',
    ),
  );
  await world.run(100);
  const [received] = requests;
  expect(received).toBeDefined();
  if (!received) return;
  const bytes = serializeMessage(createResponse(received.request, 200, { body: 'x'.repeat(4000) }));
  // Nothing is acknowledged while time stands still.
  const sends = [1, 2, 3, 4].map(() => transports.send(bytes, received.flow));
  expect(sends).toEqual([true, true, false, false]);
  await world.run(100);
  expect(transports.connectionCount).toBe(0);
  expect(lost).toHaveLength(1);
  expect(transports.counters.unsendable).toBe(2);
});

scenario('a connection that nobody accepts is given up, and one too late is not kept', {}, async (world) => {
  const { transports } = await openWith(world, { connectMs: 500 });
  const silent = world.host('silent', { addresses: ['192.0.2.13'] });
  silent.unplug();
  const outcomes: (Flow | undefined)[] = [];
  for (const _ of [1, 2]) {
    transports.connect({ address: '192.0.2.13', port: 5060 }, (flow) => outcomes.push(flow));
  }
  await world.run(499);
  expect(outcomes).toEqual([]);
  await world.run(2);
  expect(outcomes).toEqual([undefined, undefined]);
  await world.complete(silent.network.listenTcp({ address: '0.0.0.0', port: 5060 }));
  silent.replug();
  await world.run(100_000);
  expect(transports.connectionCount).toBe(0);
  expect(world.tables()['server: TCP connections']).toBe(0);
});
