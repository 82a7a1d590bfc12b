// Phones that go through relays alone: they hear what the server itself plays, and reach nothing else of its machine.
import { describe, expect } from 'vitest';
import { createIceCredentials, openIcePath } from '../../../nat/index.ts';
import { createSoftphone, type SoftphoneOptions } from '../../../softphone/index.ts';
import { scenario, type World } from '../../support/index.ts';
import { type PhonePlace, type PhoneSystem, startPhoneSystem } from '../../support/phone-system.ts';
import { candidateOf } from '../../unit/nat/ice/samples.ts';
import { speaking } from '../softphone/phones.ts';

const INSIDE = '10.0.0.5';
const OUTSIDE = '203.0.113.7';
const MEDIA_PORTS = { first: 10_000, last: 10_099 };
const RELAY_PORTS = { first: 49_152, last: 49_251 };
const USERS = { alice: {}, bob: {} };

const relayed = (number: number): SoftphoneOptions => ({
  codecs: ['pcmu'],
  makeSource: speaking(number),
  ice: 'relay',
});

/** A server behind a NAT that turns nothing back (RFC 4787 §6). */
async function openOffice(world: World) {
  const nat = world.nat('office', { externalAddress: OUTSIDE, hairpinning: false });
  for (const port of [5060, 3478]) nat.forward(port, { address: INSIDE, port });
  for (const range of [MEDIA_PORTS, RELAY_PORTS]) nat.forwardRange(range, INSIDE);
  const system = await startPhoneSystem(world, {
    users: USERS,
    place: { addresses: [`${INSIDE}/24`], behind: nat },
    advertisedAddress: OUTSIDE,
    ports: MEDIA_PORTS,
    turn: { relayPorts: `${RELAY_PORTS.first}-${RELAY_PORTS.last}` },
  });
  const home = world.nat('home', { externalAddress: '198.51.100.9' });
  const inside: PhonePlace = { addresses: ['10.0.0.20'], behind: nat, server: INSIDE };
  const outside: PhonePlace = { addresses: ['192.168.7.2'], behind: home, server: OUTSIDE };
  return { system, inside, outside };
}

/** Calls, and tells what was heard in two seconds. */
async function heardFrom(world: World, system: PhoneSystem, target: string, place?: PhonePlace) {
  const alice = await system.softphone('alice', relayed(1), place);
  const call = await world.complete(alice.call(target));
  await world.runUntil(() => call.state === 'answered', { what: 'the answer' });
  await world.run(2500);
  const { packets } = call.report().inbound;
  await world.complete(alice.close());
  return packets;
}

describe('a phone that wants relays alone', () => {
  for (const target of ['*43', '3000']) {
    scenario(`hears ${target}`, { link: { delayMs: 5 } }, async (world) => {
      const system = await startPhoneSystem(world, { users: USERS });
      const packets = await heardFrom(world, system, target);
      expect(packets).toBeGreaterThan(60);
      expect(await world.complete(system.server.turnCounters())).toMatchObject({ faults: 0 });
      await system.expectQuiet();
    });

    for (const where of ['inside', 'outside'] as const) {
      scenario(`hears ${target} ${where} of the server's NAT`, { link: { delayMs: 5 } }, async (world) => {
        const { system, ...places } = await openOffice(world);
        const packets = await heardFrom(world, system, target, places[where]);
        expect(packets).toBeGreaterThan(60);
        await system.expectQuiet();
      });
    }
  }

  scenario('hears *43 of a server on its own machine', {}, async (world) => {
    const system = await startPhoneSystem(world, { users: USERS, place: { addresses: ['192.0.2.1'] } });
    const [machine] = world.hosts;
    if (!machine) throw new Error('the server has no host');
    const account = { user: 'alice', password: 'secret of alice', server: '127.0.0.1' };
    const alice = await world.hold(createSoftphone({ runtime: machine, account, ...relayed(1) }));
    const call = await world.complete(alice.call('*43'));
    await world.run(2500);
    expect(call.report().inbound.packets).toBeGreaterThan(60);
    await world.complete(alice.close());
    await system.expectQuiet();
  });

  scenario('reaches neither SIP nor anything else of the machine', {}, async (world) => {
    const system = await startPhoneSystem(world, { users: USERS });
    const [bob] = await system.phones('bob');
    const alice = await system.softphone('alice', relayed(1));
    const call = await world.complete(alice.call('*43'));
    await world.run(500);
    const before = await world.complete(system.server.turnCounters());
    const path = await world.complete(
      openIcePath(bob.host, {
        role: 'controlling',
        components: 1,
        isRelayOnly: true,
        turnServers: bob.turnServers,
      }),
    );
    await world.complete(path.gathered);
    const endpoints = [53, 80, 3478, 5060, 10_900].map((port) => ({ address: '192.0.2.1', port }));
    path.setRemote({
      credentials: createIceCredentials(bob.host.random),
      candidates: endpoints.map((endpoint) => candidateOf('host', 1, { endpoint })),
    });
    await world.run(3000);
    const after = await world.complete(system.server.turnCounters());
    const refused = (after?.dropped.peerRefused ?? 0) - (before?.dropped.peerRefused ?? 0);
    expect(refused).toBeGreaterThanOrEqual(endpoints.length);
    expect(path.selected(1)).toBeUndefined();
    expect(call.report().inbound.packets).toBeGreaterThan(100);
    path.close();
    await world.complete(alice.close());
    await system.expectQuiet();
  });
});
