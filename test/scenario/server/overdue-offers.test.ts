// One party changes the session, and the other one does not answer (RFC 3261 §12.2.1.2, §14.1).
import { describe, expect } from 'vitest';
import { scenario, totalLoss, type World } from '../../support/index.ts';
import { startPhoneSystem } from '../../support/phone-system.ts';
import { watchSession } from '../../support/test-phone.ts';

/** Alice and Bob in conversation; Bob is then cut off. */
async function cutOff(world: World) {
  const system = await startPhoneSystem(world, { users: { alice: {}, bob: {} } });
  const [alice, bob] = await system.phones('alice', 'bob');
  const { call } = await system.connect(alice, bob);
  const [incoming] = bob.incoming;
  if (!incoming) throw new Error('bob was not called');
  const directions: (string | undefined)[] = [];
  incoming.on('offer', (offer) => {
    const direction = /^a=(sendrecv|sendonly|recvonly)/m.exec(offer.sdp ?? '')?.[1];
    directions.push(direction);
    offer.answer(bob.sdp(direction === 'sendonly' ? 'recvonly' : 'sendrecv', 5 + directions.length));
  });
  const link = (settings: Parameters<World['link']>[2]) => {
    world.link('server', bob.host.name, settings);
    world.link(bob.host.name, 'server', settings);
  };
  link({ loss: totalLoss });
  const atAlice = watchSession(call);
  const held = call.offer(alice.sdp('sendonly', 2));
  return { system, alice, call, incoming, directions, link, atAlice, held, startedAt: world.clock.now() };
}

describe('a change of the session that the other phone does not answer', () => {
  scenario('is refused in time; the call ends when that phone is given up', {}, async (world) => {
    const { system, call, incoming, atAlice, held, startedAt } = await cutOff(world);
    const { status } = await world.complete(held, { limitMs: 30_000, what: 'an answer to Alice' });
    expect(status).toBe(504);
    expect(world.clock.now() - startedAt).toBeLessThan(21_000);
    expect(call.state).toBe('confirmed');
    await world.run(10_000);
    expect(atAlice.ended).toEqual([]);
    await world.run(5000);
    expect(atAlice.ended).toMatchObject([{ by: 'remote' }]);
    expect((await system.recordOf('alice'))?.reason).toBe('the callee hung up');
    incoming.end();
    await system.expectQuiet();
  });

  scenario('and answers late, is taken back: both are as they were', {}, async (world) => {
    const { system, alice, call, directions, link, held } = await cutOff(world);
    expect((await world.complete(held, { limitMs: 30_000 })).status).toBe(504);
    link({});
    // Meanwhile there is nothing else to be offered to Bob.
    const again = call.offer(alice.sdp('sendonly', 3));
    await world.run(14_000);
    expect(directions.slice(0, 2)).toEqual(['sendonly', 'sendrecv']);
    const { status } = await world.complete(again, { limitMs: 60_000 });
    expect([status, directions.at(-1)]).toEqual([200, 'sendonly']);
    call.end();
    await world.run(100);
    await system.expectQuiet();
  });
});
