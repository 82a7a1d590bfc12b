// Paths in the virtual world: sockets, gathering and agents together.
import { expect } from 'vitest';
import { scenario } from '../../support/scenario.ts';
import { addStunServer, STUN_SERVER } from './ice-stage.ts';
import { closeAll, connect, dataOf, kindOf, openEnd } from './path-stage.ts';

const LINK = { delayMs: 10 };
const STUN = { host: STUN_SERVER.address, port: STUN_SERVER.port };

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

scenario(
  'two hosts behind NATs find each other by what a STUN server sees',
  { link: LINK },
  async (world) => {
    await addStunServer(world);
    const homes = ['203.0.113.1', '203.0.113.2'].map((externalAddress, index) =>
      world.nat(`nat${index}`, { externalAddress, filtering: 'address-and-port-dependent' }),
    );
    const hosts = homes.map((behind, index) => world.host(`h${index}`, { addresses: ['10.0.0.2'], behind }));
    const [first, second] = hosts;
    if (!first || !second) throw new Error('there are two');
    const a = await openEnd(world, first, { role: 'controlling', stunServers: [STUN] });
    const b = await openEnd(world, second, { role: 'controlled', stunServers: [STUN] });
    await connect(world, a, b);
    expect(a.path.local.candidates.map(({ type }) => type)).toEqual(['host', 'serverReflexive']);
    expect(a.path.defaultCandidate(1).address).toBe('203.0.113.1');
    a.path.send(1, dataOf('hello'), undefined);
    await world.run(20);
    expect(b.heard).toMatchObject([{ text: 'hello', isProven: true, source: { address: '203.0.113.1' } }]);
    await closeAll(world, [a, b]);
  },
);
