// Two agents find each other, and keep what they found whatever happens to it.
import { describe, expect } from 'vitest';
import { type Nat, type NatOptions, randomLoss, scenario, type World } from '../../support/index.ts';
import { addStunServer, IceHost, longestGapMs } from './ice-stage.ts';

interface Pair {
  readonly alice: IceHost;
  readonly bob: IceHost;
  readonly nats: readonly [Nat, Nat];
}

async function openPair(world: World, options: Partial<NatOptions> = {}): Promise<Pair> {
  await addStunServer(world);
  world.link('*', '*', { delayMs: 20 });
  const nats = [
    world.nat('home', { externalAddress: '203.0.113.1', ...options }),
    world.nat('office', { externalAddress: '192.0.2.2', ...options }),
  ] as const;
  const alice = await world.complete(
    IceHost.open(world.host('alice', { addresses: ['10.0.0.2'], behind: nats[0] }), 'controlling'),
  );
  const bob = await world.complete(
    IceHost.open(world.host('bob', { addresses: ['10.1.0.2'], behind: nats[1] }), 'controlled'),
  );
  alice.gather();
  bob.gather();
  await world.runUntil(() => alice.isGathered && bob.isGathered);
  return { alice, bob, nats };
}

async function connect(world: World, { alice, bob }: Pair): Promise<void> {
  alice.describeTo(bob);
  bob.describeTo(alice);
  await world.runUntil(() => [alice, bob].every(({ agent }) => agent.state === 'connected'), {
    what: 'a path',
  });
}

function close({ alice, bob }: Pair): void {
  alice.close();
  bob.close();
}

describe('two agents behind NATs', () => {
  scenario('punch holes and hear each other', {}, async (world) => {
    const pair = await openPair(world);
    await connect(world, pair);
    pair.alice.say('hello');
    pair.bob.say('hi');
    await world.run(100);
    expect(pair.bob.heard).toMatchObject([{ text: 'hello', isProven: true }]);
    expect(pair.alice.heard).toMatchObject([{ text: 'hi', isProven: true }]);
    close(pair);
  });

  scenario('take candidates that come one by one, each side late', {}, async (world) => {
    const pair = await openPair(world);
    const { alice, bob } = pair;
    const [aliceLater, bobLater] = [alice, bob].map(({ candidates }) => candidates.splice(0));
    alice.describeTo(bob, { isTrickling: true });
    bob.describeTo(alice, { isTrickling: true });
    await world.run(50_000);
    expect([alice.agent.state, bob.agent.state]).toEqual(['checking', 'checking']);
    for (const candidate of aliceLater ?? []) bob.run((now) => bob.agent.addRemoteCandidate(now, candidate));
    await world.run(300);
    for (const candidate of bobLater ?? [])
      alice.run((now) => alice.agent.addRemoteCandidate(now, candidate));
    await world.runUntil(() => [alice, bob].every(({ agent }) => agent.state === 'connected'));
    close(pair);
  });

  scenario('give up when nothing answers, and not before a late check may save them', {}, async (world) => {
    const pair = await openPair(world);
    world.link('alice', 'bob', { loss: randomLoss(1) });
    pair.alice.describeTo(pair.bob);
    pair.bob.describeTo(pair.alice);
    for (const end of [pair.alice, pair.bob]) end.run((now) => end.agent.endOfLocalCandidates(now));
    await world.run(39_000);
    expect(pair.alice.agent.state).toBe('checking');
    await world.run(1_000);
    expect([pair.alice.agent.state, pair.bob.agent.state]).toEqual(['failed', 'failed']);
    expect(pair.alice.agent.counters.checksSent + pair.alice.agent.counters.checksResent).toBeLessThan(40);
    close(pair);
  });

  scenario('agree who controls where both believe to, and where both believe not to', {}, async (world) => {
    for (const role of ['controlling', 'controlled'] as const) {
      const hosts = [1, 2].map((number) =>
        world.host(`${role} ${number}`, { addresses: [`198.51.100.${role.length}${number}`] }),
      );
      const [alice, bob] = await world.complete(Promise.all(hosts.map((host) => IceHost.open(host, role))));
      if (!alice || !bob) throw new Error('there are two');
      alice.describeTo(bob);
      bob.describeTo(alice);
      await world.runUntil(() => [alice, bob].every(({ agent }) => agent.state === 'connected'));
      expect(new Set([alice.agent.role, bob.agent.role]).size).toBe(2);
      expect([...alice.events, ...bob.events].filter(({ event }) => event.type === 'role')).toHaveLength(1);
      alice.close();
      bob.close();
    }
  });
});

describe('mid-call', () => {
  // Alice controls: both sides of the role are tried. A phone that hears nothing asks; who does not waits for consent.
  const FORGETFUL = [
    { nat: 0, isAsking: true, gapMs: 1_200 },
    { nat: 1, isAsking: true, gapMs: 1_200 },
    { nat: 0, isAsking: false, gapMs: 7_500 },
    { nat: 1, isAsking: false, gapMs: 7_500 },
  ] as const;
  for (const { nat, isAsking, gapMs } of FORGETFUL) {
    const name = `a NAT that forgets all is survived: the ${nat === 0 ? 'controlling' : 'controlled'} side’s`;
    scenario(`${name}${isAsking ? ', who asks' : ''}`, {}, async (world) => {
      const pair = await openPair(world);
      await connect(world, pair);
      for (const end of [pair.alice, pair.bob]) end.talk({ isAsking });
      await world.run(7_000);
      pair.nats[nat].restart();
      await world.run(9_000);
      const gaps = [pair.alice, pair.bob].map(longestGapMs);
      expect(Math.max(...gaps)).toBeLessThan(gapMs);
      // That the mapping was really lost: somebody heard nothing for a while.
      expect(Math.max(...gaps)).toBeGreaterThan(100);
      expect([pair.alice, pair.bob].map((end) => end.heard.at(-1)?.at)).toEqual([
        expect.closeTo(world.now(), -2),
        expect.closeTo(world.now(), -2),
      ]);
      close(pair);
    });
  }

  scenario('a restart finds a new path while the old one goes on', {}, async (world) => {
    const pair = await openPair(world);
    const { alice, bob } = pair;
    await connect(world, pair);
    alice.talk();
    bob.talk();
    await world.run(2_000);
    const before = alice.agent.credentials;
    alice.run((now) => alice.agent.restart(now));
    bob.run((now) => bob.agent.restart(now));
    expect(alice.agent.credentials).not.toEqual(before);
    expect([alice.agent.state, alice.kind]).toEqual(['connected', 'serverReflexive-serverReflexive']);
    await world.run(500);
    alice.describeTo(bob);
    bob.describeTo(alice);
    await world.run(10_000);
    expect(alice.events.filter(({ event }) => event.type === 'selected')).toHaveLength(2);
    expect(alice.events.filter(({ event }) => event.type === 'state')).toHaveLength(2);
    expect([alice, bob].map(longestGapMs)).toEqual([20, 20]);
    close(pair);
  });

  scenario('consent that is not renewed ends the path after 30 s', {}, async (world) => {
    const pair = await openPair(world);
    await connect(world, pair);
    world.link('alice', 'bob', { loss: randomLoss(1) });
    const cutAt = world.now();
    await world.runUntil(() => pair.alice.agent.state === 'failed');
    expect(world.now() - cutAt).toBeGreaterThan(24_000);
    expect(world.now() - cutAt).toBeLessThan(30_500);
    const states = pair.alice.events.flatMap(({ event }) => (event.type === 'state' ? event.state : []));
    expect(states).toEqual(['checking', 'connected', 'disconnected', 'failed']);
    expect(pair.alice.events.at(-2)?.event.type).toBe('consentExpired');
    expect(pair.alice.selected).toBeUndefined();
    const before = world.trace.sentCount;
    await world.run(60_000);
    expect(world.trace.sentCount - before).toBeLessThan(20);
    close(pair);
  });

  scenario('who asks hears within a second that the path is dead', {}, async (world) => {
    const pair = await openPair(world);
    await connect(world, pair);
    await world.run(1_000);
    world.link('alice', 'bob', { loss: randomLoss(1) });
    pair.alice.run((now) => pair.alice.agent.probe(now));
    const askedAt = world.now();
    await world.runUntil(() => pair.alice.agent.state === 'disconnected');
    expect(world.now() - askedAt).toBeLessThan(1_000);
    world.link('alice', 'bob', { delayMs: 20 });
    await world.runUntil(() => pair.alice.agent.state === 'connected');
    close(pair);
  });
});
