// The TURN server with its sockets, in the virtual world: what nobody needs any more is gone, and floods leave nothing.
import { expect } from 'vitest';
import type { TcpConnection } from '../../../core/index.ts';
import { ATTRIBUTE, encodeChannelData, METHOD, StunWriter, startTurnServer } from '../../../nat/index.ts';
import type { InlineTurnServer } from '../../../nat/turn/server/start-turn-server.ts';
import { encodeTransport } from '../../../nat/turn/values.ts';
import type { Host } from '../../support/host.ts';
import { scenario } from '../../support/scenario.ts';
import type { World } from '../../support/world.ts';
import {
  allocationsOf,
  connect as connectPaths,
  exchangeSound,
  openEnd,
  startTurn,
  TURN_HOST,
  turnService,
} from './path-stage.ts';

const PLACE = { address: TURN_HOST, port: 3478 };
/** Its listeners over UDP and TCP, and the one connection timer of none. */
const AT_REST = {
  'turn: UDP sockets': 1,
  'turn: TCP listeners': 1,
  'turn: TCP connections': 0,
  'turn: timers': 0,
};

async function openServer(world: World): Promise<{ host: Host; server: InlineTurnServer }> {
  const host = world.host('turn', { addresses: [TURN_HOST] });
  const listen = { udp: [PLACE], tcp: [PLACE] };
  const credentials = { users: { alice: 'secret' } };
  return { host, server: await world.complete(startTurnServer(host, { listen, credentials })) };
}

async function connect(
  world: World,
  host: Host,
): Promise<{ connection: TcpConnection; isClosed: () => boolean }> {
  const connection = await world.complete(host.network.connectTcp(PLACE));
  let isClosed = false;
  connection.onClose = () => {
    isClosed = true;
  };
  return { connection, isClosed: () => isClosed };
}

function allocateOf(index: number): Uint8Array {
  const transactionId = new Uint8Array(12);
  new DataView(transactionId.buffer).setUint32(0, index);
  const head = { method: METHOD.allocate, class: 'request', transactionId } as const;
  return new StunWriter(head).add(ATTRIBUTE.requestedTransport, encodeTransport(17)).finish();
}

scenario(
  'two phones that only know relays hear each other, and unplugged they leave nothing',
  { seed: 3 },
  async (world) => {
    const host = world.host('turn', { addresses: [TURN_HOST] });
    const server = await startTurn(world, host);
    const options = { isRelayOnly: true, turnServers: [turnService()] };
    const [a, b] = [
      await openEnd(world, world.host('a', { addresses: ['192.0.2.1'] }), {
        role: 'controlling',
        ...options,
      }),
      await openEnd(world, world.host('b', { addresses: ['192.0.2.2'] }), { role: 'controlled', ...options }),
    ];
    await connectPaths(world, a, b);
    await exchangeSound(world, a, b);
    expect(await allocationsOf(world, { host, server })).toBe(2);
    a.host.unplug();
    b.host.unplug();
    await world.run(3_700_000);
    expect(await allocationsOf(world, { host, server })).toBe(0);
    expect(host.tables()).toMatchObject(AT_REST);
    a.path.close();
    b.path.close();
    await world.complete(server.close());
  },
);

scenario('floods of strangers are answered sparingly and leave nothing', { seed: 4 }, async (world) => {
  const { host, server } = await openServer(world);
  const attacker = world.host('attacker', { addresses: ['192.0.2.66'] });
  const sockets = await Promise.all(
    Array.from({ length: 20 }, () => attacker.network.bindUdp({ address: '192.0.2.66', port: 0 })),
  );
  let answeredBytes = 0;
  for (const socket of sockets) {
    socket.onDatagram = (bytes) => {
      answeredBytes += bytes.length;
    };
  }
  let sentBytes = 0;
  for (let i = 0; i < 2000; i += 1) {
    for (const bytes of [allocateOf(i), encodeChannelData(0x4001, new Uint8Array(100))]) {
      sockets[i % 20]?.send(bytes, PLACE.address, PLACE.port);
      sentBytes += bytes.length;
    }
  }
  await world.run(1000);
  expect(server.counters.dropped).toMatchObject({ noAllocation: 2000 });
  expect(server.counters.dropped.reflectionLimit).toBeGreaterThan(1800);
  expect(answeredBytes).toBeLessThan(sentBytes / 10);
  expect(new Set(Object.values(server.tables))).toEqual(new Set([0]));
  expect(host.tables()).toMatchObject(AT_REST);
  for (const socket of sockets) socket.close();
  await world.complete(server.close());
});

scenario('a frame over TCP that is too large, or none, ends its connection', { seed: 5 }, async (world) => {
  const { host, server } = await openServer(world);
  const attacker = world.host('attacker', { addresses: ['192.0.2.66'] });
  const frames = [
    Uint8Array.of(0x40, 1, 0xff, 0xff),
    Uint8Array.of(0, 3, 0xff, 0xfc, 0x21, 0x12, 0xa4, 0x42),
    new TextEncoder().encode('GET / HTTP/1.1\r\n'),
  ];
  for (const frame of frames) {
    const { connection, isClosed } = await connect(world, attacker);
    connection.write(frame);
    await world.runUntil(isClosed, { limitMs: 2_000, what: 'the connection is closed' });
  }
  expect(server.counters.dropped.malformed).toBe(3);
  expect(host.tables()).toMatchObject(AT_REST);
  await world.complete(server.close());
});

scenario(
  'a connection without an allocation is let go after 30 s, whatever it says',
  { seed: 6 },
  async (world) => {
    const { host, server } = await openServer(world);
    const idler = world.host('idler', { addresses: ['192.0.2.66'] });
    const silent = await connect(world, idler);
    const slow = await connect(world, idler);
    for (const [index, byte] of allocateOf(1).entries()) {
      await world.run(1_000);
      if (index < 27) slow.connection.write(Uint8Array.of(byte));
    }
    expect([silent.isClosed(), slow.isClosed()]).toEqual([false, false]);
    await world.run(3_000);
    expect([silent.isClosed(), slow.isClosed()]).toEqual([true, true]);
    expect(server.tables.connections).toBe(0);
    expect(host.tables()).toMatchObject(AT_REST);
    await world.complete(server.close());
  },
);

scenario('a phone over TCP that is gone takes its allocation with it', { seed: 7 }, async (world) => {
  const host = world.host('turn', { addresses: [TURN_HOST] });
  const server = await startTurn(world, host);
  const phone = world.host('phone', { addresses: ['192.0.2.1'] });
  const end = await openEnd(world, phone, {
    role: 'controlling',
    isRelayOnly: true,
    turnServers: [turnService('tcp')],
  });
  await world.complete(end.path.gathered);
  expect(await allocationsOf(world, { host, server })).toBe(1);
  end.path.close();
  await world.run(5_000);
  expect(await allocationsOf(world, { host, server })).toBe(0);
  expect(host.tables()).toMatchObject(AT_REST);
  await world.complete(server.close());
});
