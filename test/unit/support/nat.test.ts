import { describe, expect, test } from 'vitest';
import { type Endpoint, formatEndpoint, SeededRandom, type UdpSocket } from '../../../core/index.ts';
import {
  createWorld,
  NAT_BEHAVIOURS,
  type NatBehaviour,
  NatTable,
  type NatTableOptions,
  type World,
} from '../../support/index.ts';

const INSIDE = { address: '10.0.0.2', port: 5060 };
const SAME = { address: '198.51.100.1', port: 5060 };
const OTHER_PORT = { address: '198.51.100.1', port: 5061 };
const OTHER_ADDRESS = { address: '198.51.100.2', port: 5060 };
const EXTERNAL = '203.0.113.1';

function tableOf(options: Partial<NatTableOptions> = {}): NatTable {
  return new NatTable(new SeededRandom(1), { externalAddress: EXTERNAL, ...options });
}

/** Sends out, and insists on a port. */
function map(table: NatTable, now: number, ends: { inside?: Endpoint; remote?: Endpoint } = {}): Endpoint {
  const external = table.outbound(now, ends.inside ?? INSIDE, ends.remote ?? SAME);
  if (!external) throw new Error('the NAT has no port left');
  return external;
}

const COMBINATIONS = NAT_BEHAVIOURS.flatMap((mapping) =>
  NAT_BEHAVIOURS.map((filtering) => ({ mapping, filtering })),
);

/** Whether a behaviour tells the remote apart from {@link SAME}. */
const tellsApart: Record<NatBehaviour, { otherPort: boolean; otherAddress: boolean }> = {
  'endpoint-independent': { otherPort: false, otherAddress: false },
  'address-dependent': { otherPort: false, otherAddress: true },
  'address-and-port-dependent': { otherPort: true, otherAddress: true },
};

describe('NAT table', () => {
  test.each(COMBINATIONS)('mapping $mapping, filtering $filtering (RFC 4787 §4.1, §5)', (behaviours) => {
    const table = tableOf(behaviours);
    const external = map(table, 0);
    const { mapping, filtering } = behaviours;
    expect(table.inbound(1, external.port, SAME)).toEqual(INSIDE);
    expect(table.inbound(1, external.port, OTHER_PORT) === undefined).toBe(tellsApart[filtering].otherPort);
    expect(table.inbound(1, external.port, OTHER_ADDRESS) === undefined).toBe(
      tellsApart[filtering].otherAddress,
    );
    const toOtherPort = map(table, 2, { remote: OTHER_PORT });
    const toOtherAddress = map(table, 2, { remote: OTHER_ADDRESS });
    expect(toOtherPort.port !== external.port).toBe(tellsApart[mapping].otherPort);
    expect(toOtherAddress.port !== external.port).toBe(tellsApart[mapping].otherAddress);
    // Having sent to them, it hears them, on the port that it sent from.
    expect(table.inbound(3, toOtherPort.port, OTHER_PORT)).toEqual(INSIDE);
    expect(table.inbound(3, toOtherAddress.port, OTHER_ADDRESS)).toEqual(INSIDE);
  });

  test('another inside port gets another external port', () => {
    const table = tableOf();
    const first = map(table, 0);
    const second = map(table, 0, { inside: { ...INSIDE, port: 5062 } });
    expect(second.port).not.toBe(first.port);
    expect(first.address).toBe(EXTERNAL);
  });

  test('a mapping dies after its lifetime; outbound packets prolong it (RFC 4787 REQ-6a)', () => {
    const table = tableOf({ mappingLifetimeMs: 30_000 });
    const { port } = map(table, 0);
    expect(map(table, 20_000).port).toBe(port);
    expect(table.inbound(49_999, port, SAME)).toEqual(INSIDE);
    expect(table.inbound(50_000, port, SAME)).toBeUndefined();
    expect(table.sizeAt(50_000)).toBe(0);
    expect(map(table, 50_000).port).not.toBe(port);
  });

  test.each([
    { inboundRefresh: false, lives: false },
    { inboundRefresh: true, lives: true },
  ])('inbound packets prolong a mapping where inboundRefresh is $inboundRefresh', (row) => {
    const table = tableOf({ mappingLifetimeMs: 30_000, inboundRefresh: row.inboundRefresh });
    const { port } = map(table, 0);
    table.inbound(20_000, port, SAME);
    expect(table.inbound(40_000, port, SAME) !== undefined).toBe(row.lives);
  });

  test('a filter forgets a remote that was not sent to for a lifetime, though the mapping lives', () => {
    const table = tableOf({ mappingLifetimeMs: 30_000, filtering: 'address-dependent' });
    const { port } = map(table, 0);
    map(table, 20_000, { remote: OTHER_ADDRESS });
    expect(table.inbound(40_000, port, OTHER_ADDRESS)).toEqual(INSIDE);
    expect(table.inbound(40_000, port, SAME)).toBeUndefined();
  });

  test('ports are preserved where asked for and free (RFC 4787 §4.2.1)', () => {
    const table = tableOf({ portPreservation: true });
    expect(map(table, 0).port).toBe(5060);
    expect(map(table, 0, { inside: { address: '10.0.0.3', port: 5060 } }).port).not.toBe(5060);
    expect(map(tableOf(), 0).port).not.toBe(5060);
  });

  test('a full table maps nobody more until somebody expires', () => {
    const table = tableOf({ maxMappings: 2, mappingLifetimeMs: 1_000 });
    map(table, 0);
    map(table, 500, { inside: { ...INSIDE, port: 1 } });
    expect(table.outbound(500, { ...INSIDE, port: 2 }, SAME)).toBeUndefined();
    expect(table.outbound(1_000, { ...INSIDE, port: 2 }, SAME)).toBeDefined();
  });

  test('a forwarded port is open to everybody and used for what goes out', () => {
    const table = tableOf();
    table.forward(5060, INSIDE);
    expect(table.inbound(0, 5060, OTHER_ADDRESS)).toEqual(INSIDE);
    expect(map(table, 0).port).toBe(5060);
  });
});

/** Answers every datagram with the endpoint that it came from. */
async function mirror(world: World, name: string, endpoint: Endpoint): Promise<UdpSocket> {
  const host = world.host(name, { addresses: [endpoint.address] });
  const socket = await host.network.bindUdp({ address: '0.0.0.0', port: endpoint.port });
  socket.onDatagram = (_bytes, address, port) => {
    socket.send(new TextEncoder().encode(formatEndpoint({ address, port })), address, port);
  };
  return socket;
}

function inbox(socket: UdpSocket): string[] {
  const got: string[] = [];
  socket.onDatagram = (bytes, address, port) => {
    got.push(`${formatEndpoint({ address, port })} says ${new TextDecoder().decode(bytes)}`);
  };
  return got;
}

const ANY = { address: '0.0.0.0', port: 5060 };
const PING = new TextEncoder().encode('ping');

describe('hosts behind NATs', () => {
  test('a host is seen by its external endpoint and hears the answer', async () => {
    const world = createWorld();
    const nat = world.nat('nat', { externalAddress: EXTERNAL, portPreservation: true });
    const phone = world.host('phone', { addresses: ['10.0.0.2'], behind: nat });
    await mirror(world, 'server', SAME);
    const socket = await phone.network.bindUdp(ANY);
    const got = inbox(socket);
    socket.send(PING, SAME.address, SAME.port);
    await world.run(100);
    expect(got).toEqual([`198.51.100.1:5060 says ${EXTERNAL}:5060`]);
  });

  test('NATs nest: the server sees the outermost one, every table holds one mapping', async () => {
    const world = createWorld();
    const carrier = world.nat('carrier', { externalAddress: EXTERNAL });
    const home = world.nat('home', { externalAddress: '100.64.0.7', behind: carrier });
    const phone = world.host('phone', { addresses: ['192.168.1.2'], behind: home });
    await mirror(world, 'server', SAME);
    const socket = await phone.network.bindUdp(ANY);
    const got = inbox(socket);
    socket.send(PING, SAME.address, SAME.port);
    await world.run(100);
    expect(got[0]).toContain(`says ${EXTERNAL}:`);
    expect([home.udp.sizeAt(world.now()), carrier.udp.sizeAt(world.now())]).toEqual([1, 1]);
  });

  test('private addresses may repeat behind different NATs, and are out of reach from outside', async () => {
    const world = createWorld();
    const nats = ['203.0.113.1', '203.0.113.2'].map((externalAddress, i) =>
      world.nat(`nat ${i}`, { externalAddress }),
    );
    for (const [i, behind] of nats.entries()) world.host(`phone ${i}`, { addresses: ['10.0.0.2'], behind });
    const server = await mirror(world, 'server', SAME);
    server.send(PING, '10.0.0.2', 5060);
    expect(world.trace.drops.get('no route')).toBe(1);
  });

  test('what nobody asked for is filtered, and counted', async () => {
    const world = createWorld();
    const nat = world.nat('nat', { externalAddress: EXTERNAL, portPreservation: true });
    const phone = world.host('phone', { addresses: ['10.0.0.2'], behind: nat });
    const stranger = await mirror(world, 'stranger', OTHER_ADDRESS);
    const socket = await phone.network.bindUdp(ANY);
    const got = inbox(socket);
    stranger.send(PING, EXTERNAL, 5060);
    socket.send(PING, SAME.address, SAME.port);
    stranger.send(PING, EXTERNAL, 5060);
    await world.run(100);
    expect(got).toEqual([]);
    expect(world.trace.drops.get('filtered by a NAT')).toBe(2);
  });

  test.each([
    { hairpinning: true, heard: [`${EXTERNAL}:5060 says ping`] },
    { hairpinning: false, heard: [] },
  ])(
    'two phones behind one NAT by its external address, hairpinning $hairpinning (RFC 4787 §6)',
    async (row) => {
      const world = createWorld();
      const nat = world.nat('nat', {
        externalAddress: EXTERNAL,
        portPreservation: true,
        filtering: 'endpoint-independent',
        hairpinning: row.hairpinning,
      });
      const alice = world.host('alice', { addresses: ['10.0.0.2'], behind: nat });
      const bob = world.host('bob', { addresses: ['10.0.0.3'], behind: nat });
      await mirror(world, 'server', SAME);
      const aliceSocket = await alice.network.bindUdp(ANY);
      const bobSocket = await bob.network.bindUdp({ address: '0.0.0.0', port: 5070 });
      bobSocket.send(PING, SAME.address, SAME.port);
      await world.run(100);
      const heard = inbox(bobSocket);
      aliceSocket.send(PING, EXTERNAL, 5070);
      await world.run(100);
      expect(heard).toEqual(row.heard);
    },
  );

  test('hosts behind the same NAT reach each other directly', async () => {
    const world = createWorld();
    const nat = world.nat('nat', { externalAddress: EXTERNAL });
    const alice = world.host('alice', { addresses: ['10.0.0.2'], behind: nat });
    const bob = world.host('bob', { addresses: ['10.0.0.3'], behind: nat });
    const heard = inbox(await bob.network.bindUdp(ANY));
    const socket = await alice.network.bindUdp(ANY);
    socket.send(PING, '10.0.0.3', 5060);
    await world.run(100);
    expect(heard).toEqual(['10.0.0.2:5060 says ping']);
  });

  test('TCP passes outbound by the external address, inbound is met with silence', async () => {
    const world = createWorld();
    const nat = world.nat('nat', { externalAddress: EXTERNAL });
    const phone = world.host('phone', { addresses: ['10.0.0.2'], behind: nat });
    const server = world.host('server', { addresses: [SAME.address] });
    const listener = await server.network.listenTcp(SAME);
    const seen: string[] = [];
    let heard = '';
    listener.onConnection = (connection) => {
      seen.push(connection.remote.address);
      connection.write(PING);
    };
    const client = await world.complete(phone.network.connectTcp(SAME));
    client.onData = (bytes) => {
      heard += new TextDecoder().decode(bytes);
    };
    await world.run(100);
    expect([seen, heard]).toEqual([[EXTERNAL], 'ping']);
    const inbound = server.network.connectTcp({ address: EXTERNAL, port: 5060 });
    await expect(world.complete(inbound, { limitMs: 200_000 })).rejects.toMatchObject({ code: 'ETIMEDOUT' });
  });

  test('a NAT that restarts forgets: UDP gets another port, TCP hears nothing more', async () => {
    const world = createWorld();
    const nat = world.nat('nat', { externalAddress: EXTERNAL });
    const phone = world.host('phone', { addresses: ['10.0.0.2'], behind: nat });
    const server = await mirror(world, 'server', SAME);
    const socket = await phone.network.bindUdp(ANY);
    const got = inbox(socket);
    socket.send(PING, SAME.address, SAME.port);
    await world.run(100);
    const serverHost = world.hosts.find(({ name }) => name === 'server');
    const listener = await serverHost?.network.listenTcp(SAME);
    const client = await world.complete(phone.network.connectTcp(SAME));
    nat.restart();
    socket.send(PING, SAME.address, SAME.port);
    client.write(PING);
    await world.run(5_000);
    expect(new Set(got).size).toBe(2);
    expect(client.bufferedBytes).toBe(PING.length);
    server.close();
    listener?.close();
  });

  test('a link between two hosts counts also where NATs are between them', async () => {
    const world = createWorld();
    const nat = world.nat('nat', { externalAddress: EXTERNAL });
    const phone = world.host('phone', { addresses: ['10.0.0.2'], behind: nat });
    await mirror(world, 'server', SAME);
    const socket = await phone.network.bindUdp(ANY);
    const got = inbox(socket);
    world.link('phone', 'server', { delayMs: 70 });
    world.link('nat', 'server', { delayMs: 10 });
    socket.send(PING, SAME.address, SAME.port);
    await world.run(139);
    expect(got).toEqual([]);
    await world.run(1);
    expect(got).toHaveLength(1);
  });
});
