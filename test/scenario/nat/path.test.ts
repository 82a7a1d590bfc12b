// Paths in the virtual world: sockets, gathering and agents together.
import { expect } from 'vitest';
import { randomLoss } from '../../../media/index.ts';
import { TURN_CLOSE_LIMIT_MS } from '../../../nat/index.ts';
import type { Host } from '../../support/host.ts';
import type { NatOptions } from '../../support/nat.ts';
import { scenario } from '../../support/scenario.ts';
import type { World } from '../../support/world.ts';
import { addStunServer, STUN_SERVER } from './ice-stage.ts';
import {
  addTurnServer,
  allocationsOf,
  closeAll,
  connect,
  dataOf,
  exchange,
  exchangeSound,
  kindOf,
  openEnd,
  type PathEnd,
  startTurn,
  TURN_HOST,
  turnService,
} from './path-stage.ts';

const LINK = { delayMs: 10 };
const STUN = { host: STUN_SERVER.address, port: STUN_SERVER.port };
/** Nobody gets through such a one on its own. */
const STRICT: Partial<NatOptions> = {
  mapping: 'address-and-port-dependent',
  filtering: 'address-and-port-dependent',
};

/** A host behind a NAT of its own. */
function homeHost(world: World, index: number, options: Partial<NatOptions> = {}): Host {
  const nat = world.nat(`nat${index}`, { externalAddress: `203.0.113.${index}`, ...options });
  return world.host(`home${index}`, { addresses: ['10.0.0.2'], behind: nat });
}

scenario('two hosts of one network talk from host to host', { link: LINK }, async (world) => {
  const a = await openEnd(world, world.host('a', { addresses: ['192.0.2.1', '2001:db8::1'] }), {
    role: 'controlling',
  });
  const b = await openEnd(world, world.host('b', { addresses: ['192.0.2.2'] }), { role: 'controlled' });
  await connect(world, a, b);
  expect([kindOf(a), kindOf(b)]).toEqual(['host-host', 'host-host']);
  a.path.send(1, dataOf('hello'), undefined);
  b.path.send(1, dataOf('welcome'), undefined);
  await world.run(20);
  expect(b.heard).toMatchObject([{ text: 'hello', isProven: true }]);
  expect(a.heard).toMatchObject([{ text: 'welcome', isProven: true }]);
  await closeAll(world, [a, b]);
});

scenario('two hosts of IPv6 alone talk to each other', { link: LINK }, async (world) => {
  const a = await openEnd(world, world.host('a', { addresses: ['2001:db8::1'] }), { role: 'controlling' });
  const b = await openEnd(world, world.host('b', { addresses: ['2001:db8::2'] }), { role: 'controlled' });
  await connect(world, a, b);
  await exchangeSound(world, a, b);
  await closeAll(world, [a, b]);
});

scenario(
  'two hosts behind NATs find each other by what a STUN server sees',
  { link: LINK },
  async (world) => {
    await addStunServer(world);
    const options = { filtering: 'address-and-port-dependent' } as const;
    const a = await openEnd(world, homeHost(world, 1, options), { role: 'controlling', stunServers: [STUN] });
    const b = await openEnd(world, homeHost(world, 2, options), { role: 'controlled', stunServers: [STUN] });
    await connect(world, a, b);
    expect(a.path.local.candidates.map(({ type }) => type)).toEqual(['host', 'serverReflexive']);
    expect(a.path.defaultCandidate(1).address).toBe('203.0.113.1');
    await exchangeSound(world, a, b);
    expect(b.heard[0]?.source.address).toBe('203.0.113.1');
    await closeAll(world, [a, b]);
  },
);

scenario('where no direct way leads, a relay does, within two seconds', { link: LINK }, async (world) => {
  const turn = await addTurnServer(world);
  const options = { turnServers: [turnService()] };
  const a = await openEnd(world, homeHost(world, 1, STRICT), { role: 'controlling', ...options });
  const b = await openEnd(world, homeHost(world, 2, STRICT), { role: 'controlled', ...options });
  await world.complete(Promise.all([a.path.gathered, b.path.gathered]), { limitMs: 500 });
  expect(a.path.local.candidates.map(({ type }) => type)).toEqual(['host', 'serverReflexive', 'relayed']);
  exchange(a, b);
  await world.runUntil(() => a.path.selected(1) !== undefined && b.path.selected(1) !== undefined, {
    limitMs: 2_000,
    what: 'a path through the relay',
  });
  await exchangeSound(world, a, b);
  expect(`${kindOf(a)} ${kindOf(b)}`).toContain('relayed');
  // The peer in use has a channel, and all else is gone when the path is.
  const report = await world.complete(turn.server.report());
  expect(report.channels).toBeGreaterThan(0);
  expect(report.allocations).toBe(2);
  await closeAll(world, [a, b]);
  expect(await allocationsOf(world, turn)).toBe(0);
});

scenario(
  'relays keep their mapping, permissions and channels past every lifetime',
  { link: LINK },
  async (world) => {
    const turn = await addTurnServer(world);
    const options = { turnServers: [turnService()], isRelayOnly: true };
    const a = await openEnd(world, homeHost(world, 1, { ...STRICT, mappingLifetimeMs: 30_000 }), {
      role: 'controlling',
      ...options,
    });
    const b = await openEnd(world, homeHost(world, 2, STRICT), { role: 'controlled', ...options });
    await connect(world, a, b);
    expect([kindOf(a), kindOf(b)]).toEqual(['relayed-relayed', 'relayed-relayed']);
    for (let minute = 0; minute < 24; minute += 12) {
      await world.run(12 * 60_000);
      await exchangeSound(world, a, b);
    }
    expect(await allocationsOf(world, turn)).toBe(2);
    await closeAll(world, [a, b]);
  },
);

scenario('who may only be relayed tells nobody where he is', { link: LINK }, async (world) => {
  await addTurnServer(world);
  const a = await openEnd(world, homeHost(world, 1), {
    role: 'controlling',
    turnServers: [turnService()],
    stunServers: [STUN],
    isRelayOnly: true,
  });
  expect(a.path.defaultCandidate(1)).toEqual({ address: '0.0.0.0', port: 9 });
  await world.complete(a.path.gathered);
  const [candidate] = a.path.local.candidates;
  expect(a.path.local.candidates).toHaveLength(1);
  expect(candidate).toMatchObject({ type: 'relayed', related: { address: '0.0.0.0', port: 9 } });
  expect(a.path.defaultCandidate(1)).toEqual(candidate?.endpoint);
  // Data to a fallback comes from the relay, and what is answered comes back through it.
  const peer = world.host('peer', { addresses: ['192.0.2.9'] });
  const socket = await world.complete(peer.network.bindUdp({ address: peer.address, port: 4000 }));
  socket.onDatagram = (bytes, address, port) => socket.send(bytes, address, port);
  a.path.send(1, dataOf('echo'), { address: peer.address, port: 4000 });
  await world.run(100);
  expect(a.heard).toMatchObject([{ text: 'echo', isProven: false, source: { address: '192.0.2.9' } }]);
  socket.close();
  await closeAll(world, [a]);
});

scenario('a server over TCP serves where UDP is blocked', { link: LINK }, async (world) => {
  const turn = await addTurnServer(world);
  const silent = world.host('silent', { addresses: ['198.51.100.4'] });
  const turnServers = [turnService('udp', silent.address), turnService('tcp')];
  const a = await openEnd(world, homeHost(world, 1, STRICT), {
    role: 'controlling',
    turnServers,
    isRelayOnly: true,
  });
  const b = await openEnd(world, homeHost(world, 2, STRICT), { role: 'controlled', turnServers });
  await connect(world, a, b);
  expect(kindOf(a)).toMatch(/^relayed/);
  await exchangeSound(world, a, b);
  expect(await allocationsOf(world, turn)).toBe(2);
  await closeAll(world, [a, b]);
  expect(await allocationsOf(world, turn)).toBe(0);
});

scenario('servers that say nothing hold up nobody', { link: LINK }, async (world) => {
  world.host('silent', { addresses: [STUN_SERVER.address] });
  const turnServers = [turnService('udp', STUN_SERVER.address), turnService('udp', 'nobody.example')];
  const options = { stunServers: [STUN, { host: 'nobody.example', port: 3478 }], turnServers };
  const a = await openEnd(world, world.host('a', { addresses: ['192.0.2.1'] }), {
    role: 'controlling',
    ...options,
  });
  const b = await openEnd(world, world.host('b', { addresses: ['192.0.2.2'] }), {
    role: 'controlled',
    ...options,
  });
  const startedAt = world.now();
  await world.complete(Promise.all([a.path.gathered, b.path.gathered]));
  expect(world.now() - startedAt).toBeLessThanOrEqual(500);
  await connect(world, a, b);
  await exchangeSound(world, a, b);
  await closeAll(world, [a, b]);
});

scenario('a candidate that comes late is told, and used', { link: { delayMs: 150 } }, async (world) => {
  await addStunServer(world);
  const options = { stunServers: [STUN], gatherLimitMs: 200 };
  const a = await openEnd(world, homeHost(world, 1), { role: 'controlling', ...options });
  const b = await openEnd(world, homeHost(world, 2), { role: 'controlled', ...options });
  const late: string[] = [];
  a.path.onCandidate = ({ type }) => {
    late.push(type);
    b.path.setRemote(a.path.local);
  };
  b.path.onCandidate = () => a.path.setRemote(b.path.local);
  await world.complete(Promise.all([a.path.gathered, b.path.gathered]));
  expect(a.path.local.candidates).toHaveLength(1);
  exchange(a, b);
  await world.runUntil(() => a.path.state === 'connected', { what: 'a path by late candidates' });
  expect(late).toEqual(['serverReflexive']);
  await closeAll(world, [a, b]);
});

scenario('a mapping that the NAT forgets is found again', { link: LINK }, async (world) => {
  await addStunServer(world);
  const nat = world.nat('nat', { externalAddress: '203.0.113.1' });
  const options = { stunServers: [STUN] };
  const a = await openEnd(world, world.host('a', { addresses: ['10.0.0.2'], behind: nat }), {
    role: 'controlling',
    ...options,
  });
  const b = await openEnd(world, world.host('b', { addresses: ['192.0.2.2'] }), {
    role: 'controlled',
    ...options,
  });
  await connect(world, a, b);
  nat.restart();
  a.path.probe();
  b.path.probe();
  await world.run(2_000);
  expect([a.path.state, b.path.state]).toEqual(['connected', 'connected']);
  await exchangeSound(world, a, b);
  await closeAll(world, [a, b]);
});

scenario('one of two interfaces dies, and the other takes over', { link: LINK }, async (world) => {
  const nat = world.nat('nat', { externalAddress: '203.0.113.1' });
  const a = await openEnd(world, world.host('a', { addresses: ['10.0.0.2', '2001:db8::1'], behind: nat }), {
    role: 'controlling',
  });
  const b = await openEnd(world, world.host('b', { addresses: ['192.0.2.2', '2001:db8::2'] }), {
    role: 'controlled',
  });
  await connect(world, a, b);
  await world.run(1_000);
  expect(a.path.selected(1)?.remote.address).toBe('192.0.2.2');
  world.link('nat', '*', { loss: randomLoss(1) });
  a.path.probe();
  b.path.probe();
  await world.runUntil(() => a.path.selected(1)?.remote.address === '2001:db8::2', {
    limitMs: 2_000,
    what: 'IPv6',
  });
  await world.run(1_000);
  await exchangeSound(world, a, b);
  await closeAll(world, [a, b]);
});

scenario('a restart with other addresses moves the path to them', { link: LINK }, async (world) => {
  await addTurnServer(world);
  const options = { turnServers: [turnService()] };
  const host = world.host('a', { addresses: ['192.0.2.1', '192.0.2.11'] });
  const a = await openEnd(world, host, { role: 'controlling', addresses: ['192.0.2.1'], ...options });
  const b = await openEnd(world, world.host('b', { addresses: ['192.0.2.2'] }), {
    role: 'controlled',
    ...options,
  });
  await connect(world, a, b);
  await exchangeSound(world, a, b);
  // As long as the old address is there, its path carries sound.
  a.path.restart(['192.0.2.11', '192.0.2.1']);
  await exchangeSound(world, a, b);
  a.path.restart(['192.0.2.11']);
  b.path.restart();
  await world.complete(Promise.all([a.path.gathered, b.path.gathered]));
  expect(new Set(a.path.local.candidates.map(({ endpoint }) => endpoint.address))).toEqual(
    new Set(['192.0.2.11', TURN_HOST]),
  );
  exchange(a, b);
  const movedTo = () => b.path.selected(1)?.remote.address;
  await world.runUntil(() => movedTo() === '192.0.2.11', { limitMs: 2_000, what: 'the other address' });
  await world.run(1_000);
  await exchangeSound(world, a, b);
  // Of the old address no socket is left: one for the path, one for the relay.
  expect(host.tables()['a: UDP sockets']).toBe(2);
  await closeAll(world, [a, b]);
});

scenario('an address that is gone before its socket is bound leaves none', { link: LINK }, async (world) => {
  const host = world.host('a', { addresses: ['192.0.2.1', '192.0.2.11'] });
  const a = await openEnd(world, host, { role: 'controlling', addresses: ['192.0.2.1'] });
  a.path.restart(['192.0.2.1', '192.0.2.11']);
  a.path.restart(['192.0.2.1']);
  await world.run(1_000);
  expect(host.tables()['a: UDP sockets']).toBe(1);
  expect(a.path.local.candidates.map(({ endpoint }) => endpoint.address)).toEqual(['192.0.2.1']);
  await closeAll(world, [a]);
});

scenario('a TURN server that restarts mid-call gives another relay', { link: LINK }, async (world) => {
  const turn = await addTurnServer(world);
  const options = { turnServers: [turnService()], isRelayOnly: true };
  const a = await openEnd(world, homeHost(world, 1, STRICT), { role: 'controlling', ...options });
  const b = await openEnd(world, homeHost(world, 2, STRICT), { role: 'controlled', ...options });
  await connect(world, a, b);
  await world.complete(turn.server.close());
  const server = await startTurn(world, turn.host, 60_000);
  a.path.probe();
  b.path.probe();
  const isNew = ({ path }: PathEnd) => path.local.candidates.some(({ endpoint }) => endpoint.port >= 60_000);
  await world.runUntil(() => isNew(a) && isNew(b), { limitMs: 5_000, what: 'a new relay for both' });
  // Both old relays are gone, so it takes signaling to tell of the new ones.
  a.path.restart();
  b.path.restart();
  exchange(a, b);
  await world.runUntil(() => (a.path.selected(1)?.remote.port ?? 0) >= 60_000, {
    what: 'the new relay in use',
  });
  await world.run(1_000);
  await exchangeSound(world, a, b);
  await closeAll(world, [a, b]);
  expect(await allocationsOf(world, { ...turn, server })).toBe(0);
});

scenario('a TURN server that is gone ends nothing but the relay', { link: LINK }, async (world) => {
  const turn = await addTurnServer(world);
  const options = { turnServers: [turnService()] };
  const a = await openEnd(world, world.host('a', { addresses: ['192.0.2.1'] }), {
    role: 'controlling',
    ...options,
  });
  const b = await openEnd(world, world.host('b', { addresses: ['192.0.2.2'] }), {
    role: 'controlled',
    ...options,
  });
  await connect(world, a, b);
  turn.host.unplug();
  await world.run(11 * 60_000);
  await exchangeSound(world, a, b);
  expect(a.path.local.candidates.map(({ type }) => type)).toEqual(['host']);
  a.path.close();
  b.path.close();
  await world.run(TURN_CLOSE_LIMIT_MS);
  await closeAll(world, [a, b]);
});

scenario('a relay that nobody needs is given back', { link: LINK }, async (world) => {
  const turn = await addTurnServer(world);
  const options = { turnServers: [turnService()] };
  const a = await openEnd(world, world.host('a', { addresses: ['192.0.2.1'] }), {
    role: 'controlling',
    keepsSpareRelay: false,
    ...options,
  });
  const b = await openEnd(world, world.host('b', { addresses: ['192.0.2.2'] }), {
    role: 'controlled',
    ...options,
  });
  await connect(world, a, b);
  expect(await allocationsOf(world, turn)).toBe(2);
  await world.run(40_000);
  expect(await allocationsOf(world, turn)).toBe(1);
  await exchangeSound(world, a, b);
  await closeAll(world, [a, b]);
});

scenario('a path that was closed at once leaves nothing', { link: LINK }, async (world) => {
  const turn = await addTurnServer(world);
  const a = await openEnd(world, homeHost(world, 1), {
    role: 'controlling',
    stunServers: [STUN],
    turnServers: [turnService(), turnService('tcp')],
  });
  await closeAll(world, [a]);
  await world.run(100);
  a.path.send(1, dataOf('late'), { address: '192.0.2.9', port: 1 });
  a.path.setRemote(a.path.local);
  a.path.restart();
  a.path.probe();
  await world.run(1_000);
  expect(a.host.tables()).toEqual(Object.fromEntries(Object.keys(a.host.tables()).map((name) => [name, 0])));
  expect(await allocationsOf(world, turn)).toBe(0);
});

scenario(
  'servers that say nothing are named, and those that answer are not',
  { link: LINK },
  async (world) => {
    await addStunServer(world);
    await addTurnServer(world);
    const gone = { ...turnService(), host: '198.51.100.99' };
    const a = await openEnd(world, world.host('a', { addresses: ['10.0.0.2'] }), {
      role: 'controlling',
      stunServers: [STUN, { host: 'nowhere.example', port: 3478 }],
      turnServers: [gone, turnService()],
    });
    await world.complete(a.path.gathered);
    expect(a.path.silentServers).toEqual([
      'stun:nowhere.example:3478',
      'stun:198.51.100.99:3478',
      'turn:198.51.100.99:3478?transport=udp',
    ]);
    await closeAll(world, [a]);
  },
);
