import { describe, expect } from 'vitest';
import { sleep } from '../../../core/index.ts';
import { sipUri } from '../../../signaling/index.ts';
import { scenario, totalLoss, type World } from '../../support/index.ts';
import { type PhoneSystem, startPhoneSystem } from '../../support/phone-system.ts';
import { watchSession } from '../../support/test-phone.ts';

/** Media workers that take their time for one kind of order, as those of a busy machine do. */
function slowDown(
  world: World,
  { media }: PhoneSystem,
  order: 'openLeg' | 'echo' | 'connect',
  delayMs: number,
): void {
  const [host] = world.hosts;
  if (!host) throw new Error('no server');
  // Their arguments are only passed on.
  const carryOut = media[order] as (...values: never[]) => Promise<unknown>;
  Object.assign(media, {
    [order]: async (...values: never[]) => {
      await sleep(host, delayMs);
      return carryOut.apply(media, values);
    },
  });
}

describe('a caller who hangs up', () => {
  scenario('while legs are being opened: nobody rings', { seed: 201 }, async (world) => {
    const system = await startPhoneSystem(world, { users: { alice: {}, bob: {} } });
    const [alice, bob] = await system.phones('alice', 'bob');
    slowDown(world, system, 'openLeg', 300);
    const call = alice.call('bob');
    await world.run(450);
    call.end();
    expect(await system.recordOf('alice')).toMatchObject({ disposition: 'NO ANSWER', status: 487 });
    await system.expectQuiet();
    expect(bob.incoming).toHaveLength(0);
  });

  scenario('before the echo test has begun ends it', { seed: 202 }, async (world) => {
    const system = await startPhoneSystem(world, { users: { alice: {} } });
    const [alice] = await system.phones('alice');
    slowDown(world, system, 'echo', 1000);
    const call = alice.call('*43');
    const log = watchSession(call);
    await world.runUntil(() => log.accepted.length > 0, { what: 'the answer' });
    call.end();
    await world.run(2000);
    expect(system.server.counts.calls).toBe(0);
    await system.expectQuiet();
  });
});

describe('early media', () => {
  scenario(
    'of a caller who says nothing yet goes on until the ringing ends',
    { seed: 203 },
    async (world) => {
      const system = await startPhoneSystem(world, { users: { alice: {}, bob: {} }, ringSeconds: 150 });
      const [alice, bob] = await system.phones('alice', 'bob');
      bob.onCall = (session) => session.progress(183, { sdp: bob.sdp() });
      const log = watchSession(alice.call('bob'));
      await world.run(140_000);
      expect(log.ended).toHaveLength(0);
      bob.incoming[0]?.accept({ sdp: bob.sdp() });
      await world.runUntil(() => log.accepted.length > 0, { what: 'the answer' });
      await world.runUntil(() => log.ended.length > 0, { what: 'the end by silence', limitMs: 90_000 });
      await system.expectQuiet();
    },
  );
});

describe('phones that fail differently', () => {
  scenario(
    'busy counts, where the other one is silent until the ringing ends',
    { seed: 204 },
    async (world) => {
      const system = await startPhoneSystem(world, {
        users: { alice: {}, bob: { forward: { busy: 'carol' } }, carol: {} },
        ringSeconds: 15,
      });
      const [alice, desk, carol] = await system.phones('alice', 'bob', 'carol');
      const [gone] = await system.phones('bob');
      world.link('server', gone.host.name, { loss: totalLoss });
      desk.onCall = (session) => session.reject(486);
      const call = alice.call('bob');
      await world.runUntil(() => carol.incoming.length > 0, { what: 'carol rings', limitMs: 30_000 });
      expect(carol.incoming[0]?.invite.header('Diversion')).toContain('user-busy');
      call.end();
      await system.expectQuiet();
    },
  );

  scenario('an answer without sound is 488, and no fault of ours', { seed: 205 }, async (world) => {
    const system = await startPhoneSystem(world, { users: { alice: {}, bob: {} } });
    const [alice, bob] = await system.phones('alice', 'bob');
    bob.onCall = (session) => session.accept({ sdp: bob.sdp().replace(/m=audio \d+/, 'm=audio 0') });
    const log = watchSession(alice.call('bob'));
    await world.runUntil(() => log.ended.length > 0, { what: 'the refusal' });
    expect(log.ended[0]?.status).toBe(488);
    expect(await system.recordOf('alice')).toMatchObject({ disposition: 'FAILED', status: 488 });
    await system.expectQuiet();
  });
});

describe('a call that cannot be made', () => {
  scenario(
    'whose offer names a host instead of an address is 488 before anybody rings',
    { seed: 206 },
    async (world) => {
      const system = await startPhoneSystem(world, { users: { alice: {}, bob: {} } });
      const [alice, bob] = await system.phones('alice', 'bob');
      const sdp = alice.sdp().replace(/^c=.*$/m, 'c=IN IP4 phone.example');
      const log = watchSession(alice.call('bob', { sdp }));
      await world.runUntil(() => log.ended.length > 0, { what: 'the refusal' });
      expect(log.ended[0]?.status).toBe(488);
      await system.expectQuiet();
      expect(bob.incoming).toHaveLength(0);
    },
  );

  scenario(
    'to a name that cannot be looked up fails by itself, and no fault of ours',
    { seed: 207 },
    async (world) => {
      const system = await startPhoneSystem(world, { users: { alice: {} } });
      const [alice] = await system.phones('alice');
      world.names.failures.set('elsewhere.example', 'EAI_AGAIN');
      const target = { ...alice.uri('zoe'), host: 'elsewhere.example' };
      const call = alice.userAgent.invite({
        target,
        from: alice.aor,
        sdp: alice.sdp(),
        routeSet: [
          {
            displayName: undefined,
            uri: sipUri({ host: '192.0.2.1', parameters: [['lr', undefined]] }),
            parameters: new Map(),
          },
        ],
      });
      const log = watchSession(call);
      await world.runUntil(() => log.ended.length > 0, { what: 'the refusal' });
      expect(log.ended[0]?.status).toBe(480);
      await system.expectQuiet();
    },
  );
});

describe('a callee who changes the sound as soon as the call is answered', () => {
  scenario('is heard once the caller is answered, too (RFC 3261 §14.1)', { seed: 209 }, async (world) => {
    const system = await startPhoneSystem(world, { users: { alice: {}, bob: {} } });
    const [alice, bob] = await system.phones('alice', 'bob');
    slowDown(world, system, 'connect', 500);
    bob.onCall = (session) => session.accept({ sdp: bob.sdp() });
    const call = alice.call('bob');
    const heard: (string | undefined)[] = [];
    call.on('offer', (offer) => {
      heard.push(offer.sdp);
      offer.answer(alice.sdp('recvonly', 2));
    });
    await world.runUntil(() => bob.incoming[0]?.state === 'confirmed', { what: 'the answer' });
    await world.run(100);
    const result = await world.complete(bob.incoming[0]?.offer(bob.sdp('sendonly', 2)) ?? Promise.reject());
    expect([result.status, heard.length]).toEqual([200, 1]);
    call.end();
    await system.expectQuiet();
  });
});

describe('a conversation that the server ends', () => {
  scenario('tells both parties why (RFC 3326)', { seed: 208 }, async (world) => {
    const system = await startPhoneSystem(world, { users: { alice: {}, bob: {} } });
    const [alice, bob] = await system.phones('alice', 'bob');
    const { log } = await system.connect(alice, bob);
    const [incoming] = bob.incoming;
    if (!incoming) throw new Error('no call');
    const atBob = watchSession(incoming);
    await world.runUntil(() => log.ended.length > 0 && atBob.ended.length > 0, { limitMs: 120_000 });
    for (const { ended } of [log, atBob]) expect(ended[0]?.message?.header('Reason')).toContain('cause=408');
    await system.expectQuiet();
  });
});
