// Two agents find each other, and keep what they found.
import { describe, expect } from 'vitest';
import { scenario, type World } from '../../support/index.ts';
import { addStunServer, IceHost } from './ice-stage.ts';

interface Pair {
  readonly alice: IceHost;
  readonly bob: IceHost;
}

async function openPair(world: World): Promise<Pair> {
  await addStunServer(world);
  world.link('*', '*', { delayMs: 20 });
  const nat = (name: string, externalAddress: string) => world.nat(name, { externalAddress });
  const hosts = [
    world.host('alice', { addresses: ['10.0.0.2'], behind: nat('home', '203.0.113.1') }),
    world.host('bob', { addresses: ['10.1.0.2'], behind: nat('office', '203.0.113.2') }),
  ] as const;
  const alice = await world.complete(IceHost.open(hosts[0], 'controlling'));
  const bob = await world.complete(IceHost.open(hosts[1], 'controlled'));
  alice.gather();
  bob.gather();
  await world.runUntil(() => alice.isGathered && bob.isGathered);
  return { alice, bob };
}

describe('two agents behind NATs', () => {
  scenario('punch holes and hear each other', {}, async (world) => {
    const { alice, bob } = await openPair(world);
    alice.describeTo(bob);
    bob.describeTo(alice);
    await world.runUntil(() => alice.agent.state === 'connected' && bob.agent.state === 'connected');
    alice.say('hello');
    bob.say('hi');
    await world.run(100);
    expect(bob.heard).toMatchObject([{ text: 'hello', isProven: true }]);
    expect(alice.heard).toMatchObject([{ text: 'hi', isProven: true }]);
    alice.close();
    bob.close();
  });
});
