// A phone that only calls is given relays as well, where it proves who it is, and takes no calls away from others.
import { describe, expect } from 'vitest';
import type { SoftphoneOptions } from '../../../softphone/index.ts';
import { answeredCall } from '../../support/answered-call.ts';
import { scenario, type World } from '../../support/index.ts';
import { type PhoneSystem, startPhoneSystem } from '../../support/phone-system.ts';
import { speaking } from './phones.ts';

const SOUND: SoftphoneOptions = { codecs: ['pcmu'], makeSource: speaking(1) };

describe('a phone without a registration', () => {
  scenario('goes through a relay of its server where it wants no other way', {}, async (world) => {
    const system = await openSystem(world);
    const [registered] = await system.phones('alice');
    const bob = await system.softphone('bob', SOUND);
    const alice = await system.callingSoftphone('alice', { ...SOUND, ice: 'relay' }, behindNat(world));
    const { outgoing, incoming } = await answeredCall(world, alice, bob);
    await world.run(3000);
    expect(outgoing.report().path?.kind).toBe('relayed');
    expect(incoming.report().inbound.packets).toBeGreaterThan(100);
    // Her other phone is called as ever, and this one is not.
    bob.call('alice').catch(() => {});
    await world.runUntil(() => registered.incoming.length > 0, { what: 'a call to the registered phone' });
    expect(system.server.counts.bindings).toBe(2);
    await world.complete(Promise.all([alice.close(), bob.close()]));
    await system.expectQuiet();
  });

  scenario('is given none where it does not know the password', {}, async (world) => {
    const system = await openSystem(world);
    const account = { user: 'alice', password: 'guessed', server: '192.0.2.1' };
    const options: SoftphoneOptions = { ...SOUND, ice: 'relay', account };
    const alice = await system.callingSoftphone('alice', options, behindNat(world));
    await world.complete(expect(alice.call('bob')).rejects.toThrow(/no TURN server gave a relay/));
    await world.complete(alice.close());
    await system.expectQuiet();
  });
});

function openSystem(world: World): Promise<PhoneSystem> {
  return startPhoneSystem(world, { users: { alice: {}, bob: {} }, turn: {} });
}

function behindNat(world: World) {
  const nat = world.nat('home', { externalAddress: '198.51.100.10', mapping: 'address-and-port-dependent' });
  return { addresses: ['192.168.1.2'], behind: nat };
}
