import { describe, expect } from 'vitest';
import type { CallRecord } from '../../../server/index.ts';
import { dropText, randomLoss, scenario, totalLoss } from '../../support/index.ts';
import { startPhoneSystem } from '../../support/phone-system.ts';
import { mediaAddress, watchSession } from '../../support/test-phone.ts';

const LINKS = [
  { name: 'without loss', link: { delayMs: 10 } },
  { name: 'with 30 % loss of signaling', link: { delayMs: 10, loss: randomLoss(0.3) } },
];

describe.each(LINKS)('a call through the server $name', ({ link }) => {
  scenario(
    'is answered, carries sound both ways, and ends with a record',
    { seed: 31, link },
    async (world) => {
      const system = await startPhoneSystem(world, { users: { alice: {}, bob: {} } });
      const [alice, bob] = await system.phones('alice', 'bob');
      bob.onCall = (session) => session.accept({ sdp: bob.sdp() });
      const call = alice.call('bob');
      const log = watchSession(call);
      await world.runUntil(() => log.accepted.length > 0, { what: 'the answer' });
      const [incoming] = bob.incoming;
      await world.run(1000);
      await system.talk([alice, mediaAddress(log.accepted[0]?.sdp)], [bob, mediaAddress(incoming?.offerSdp)]);
      call.end();
      const record = await system.recordOf('alice');
      expect(record).toMatchObject({ src: 'alice', dst: 'bob', disposition: 'ANSWERED' });
      await system.expectQuiet();
      expect(system.records()).toHaveLength(1);
      expect(bob.incoming).toHaveLength(1);
    },
  );

  scenario('is hung up by the callee', { seed: 32, link }, async (world) => {
    const system = await startPhoneSystem(world, { users: { alice: {}, bob: {} } });
    const [alice, bob] = await system.phones('alice', 'bob');
    const { call, log } = await system.connect(alice, bob);
    bob.incoming[0]?.end();
    await world.runUntil(() => log.ended.length > 0, { what: 'the end' });
    expect(log.ended[0]?.by).toBe('remote');
    expect(call.state).toBe('terminated');
    expect(await system.recordOf('alice')).toMatchObject({ reason: 'the callee hung up' });
    await system.expectQuiet();
  });

  scenario('is held and resumed by either side', { seed: 33, link }, async (world) => {
    const system = await startPhoneSystem(world, { users: { alice: {}, bob: {} } });
    const [alice, bob] = await system.phones('alice', 'bob');
    const { call } = await system.connect(alice, bob);
    const [incoming] = bob.incoming;
    if (!incoming) throw new Error('no call');
    const seen: string[] = [];
    incoming.on('offer', (offer) => {
      seen.push(directionOf(offer.sdp));
      offer.answer(bob.sdp(directionOf(offer.sdp) === 'sendonly' ? 'recvonly' : 'sendrecv', 5 + seen.length));
    });
    const held = await world.complete(call.offer(alice.sdp('sendonly', 2)));
    expect([held.status, directionOf(held.sdp)]).toEqual([200, 'recvonly']);
    const resumed = await world.complete(call.offer(alice.sdp('sendrecv', 3)));
    expect([resumed.status, directionOf(resumed.sdp)]).toEqual([200, 'sendrecv']);
    expect(seen).toEqual(['sendonly', 'sendrecv']);
    call.on('offer', (offer) => offer.answer(alice.sdp('recvonly', 4)));
    const byBob = await world.complete(incoming.offer(bob.sdp('sendonly', 9)));
    expect([byBob.status, directionOf(byBob.sdp)]).toEqual([200, 'recvonly']);
    call.end();
    await system.expectQuiet();
  });

  scenario('is cancelled while it rings', { seed: 34, link }, async (world) => {
    const system = await startPhoneSystem(world, { users: { alice: {}, bob: {} } });
    const [alice, bob] = await system.phones('alice', 'bob');
    const call = alice.call('bob');
    const log = watchSession(call);
    await world.runUntil(() => bob.incoming.length > 0, { what: 'ringing' });
    call.end();
    await world.runUntil(() => log.ended.length > 0 && bob.incoming[0]?.state === 'terminated', {
      what: 'the end',
    });
    expect(await system.recordOf('alice')).toMatchObject({ disposition: 'NO ANSWER', status: 487 });
    await system.expectQuiet();
  });

  const refusals = [
    { status: 486, told: 486, disposition: 'BUSY' },
    { status: 603, told: 603, disposition: 'BUSY' },
    { status: 480, told: 480, disposition: 'NO ANSWER' },
    { status: 500, told: 500, disposition: 'FAILED' },
  ];
  for (const { status, told, disposition } of refusals) {
    scenario(`refused with ${status} is told as ${told}`, { seed: 35, link }, async (world) => {
      const system = await startPhoneSystem(world, { users: { alice: {}, bob: {} } });
      const [alice, bob] = await system.phones('alice', 'bob');
      bob.onCall = (session) => session.reject(status);
      const log = watchSession(alice.call('bob'));
      await world.runUntil(() => log.ended.length > 0, { what: 'the refusal' });
      expect(log.ended[0]?.status).toBe(told);
      expect(await system.recordOf('alice')).toMatchObject({ disposition, status: told });
      await system.expectQuiet();
    });
  }

  scenario(
    'rings all phones of a user; the first answer wins, the rest are cancelled',
    { seed: 36, link },
    async (world) => {
      const system = await startPhoneSystem(world, { users: { alice: {}, bob: {} } });
      const [alice, desk] = await system.phones('alice', 'bob');
      const [mobile] = await system.phones('bob');
      const log = watchSession(alice.call('bob'));
      await world.runUntil(() => desk.incoming.length > 0 && mobile.incoming.length > 0, {
        what: 'both ring',
      });
      mobile.incoming[0]?.accept({ sdp: mobile.sdp() });
      await world.runUntil(() => log.accepted.length > 0 && desk.incoming[0]?.state === 'terminated', {
        what: 'the answer, and the end of the other',
      });
      mobile.incoming[0]?.end();
      await system.expectQuiet();
    },
  );
});

describe('a call through the server', () => {
  scenario('to a user that does not exist is 404', { seed: 41 }, async (world) => {
    const system = await startPhoneSystem(world, { users: { alice: {} } });
    const [alice] = await system.phones('alice');
    const log = watchSession(alice.call('nobody'));
    await world.runUntil(() => log.ended.length > 0);
    expect(log.ended[0]?.status).toBe(404);
    await system.expectQuiet();
  });

  scenario('to a user without a phone is 480', { seed: 42 }, async (world) => {
    const system = await startPhoneSystem(world, { users: { alice: {}, bob: {} } });
    const [alice] = await system.phones('alice');
    const log = watchSession(alice.call('bob'));
    await world.runUntil(() => log.ended.length > 0);
    expect(log.ended[0]?.status).toBe(480);
    await system.expectQuiet();
  });

  scenario('without answer ends after the ringing time', { seed: 43 }, async (world) => {
    const system = await startPhoneSystem(world, { users: { alice: {}, bob: {} }, ringSeconds: 30 });
    const [alice, bob] = await system.phones('alice', 'bob');
    const log = watchSession(alice.call('bob'));
    await world.runUntil(() => log.ended.length > 0);
    expect(log.ended[0]?.status).toBe(480);
    expect(bob.incoming[0]?.state).toBe('terminated');
    await system.expectQuiet();
  });

  scenario('gets early media before the answer', { seed: 44 }, async (world) => {
    const system = await startPhoneSystem(world, { users: { alice: {}, bob: {} } });
    const [alice, bob] = await system.phones('alice', 'bob');
    bob.onCall = (session) => session.progress(183, { sdp: bob.sdp() });
    const call = alice.call('bob');
    const log = watchSession(call);
    await world.runUntil(() => log.progress.some(({ sdp }) => sdp !== undefined), { what: 'early media' });
    bob.speak(mediaAddress(bob.incoming[0]?.offerSdp), 7, 20);
    await world.run(500);
    expect(alice.heard.length).toBe(20);
    call.end();
    await system.expectQuiet();
  });

  scenario('shows the authenticated user, whatever From said', { seed: 45 }, async (world) => {
    const system = await startPhoneSystem(world, { users: { alice: { displayName: 'Alice A' }, bob: {} } });
    const [alice, bob] = await system.phones('alice', 'bob');
    alice.userAgent.invite({
      target: alice.uri('bob'),
      from: { displayName: 'The Boss', uri: alice.uri('boss'), parameters: new Map() },
      sdp: alice.sdp(),
    });
    await world.runUntil(() => bob.incoming.length > 0, { what: 'ringing' });
    const invite = bob.incoming[0]?.invite;
    expect(invite?.header('From')).toMatch(/^"?Alice A"? <sip:alice@/);
    expect(invite?.header('P-Asserted-Identity')).toContain('sip:alice@');
    bob.incoming[0]?.reject(486);
    await system.expectQuiet();
  });

  scenario('with Max-Forwards 0 is 483 (RFC 3261 §16.3)', { seed: 46 }, async (world) => {
    const system = await startPhoneSystem(world, { users: { alice: {}, bob: {} } });
    const [alice] = await system.phones('alice', 'bob');
    const call = alice.userAgent.invite({
      target: alice.uri('bob'),
      from: alice.aor,
      sdp: alice.sdp(),
      maxForwards: 0,
    });
    const log = watchSession(call);
    await world.runUntil(() => log.ended.length > 0);
    expect(log.ended[0]?.status).toBe(483);
    await system.expectQuiet();
  });

  scenario('without an offer gets the callee to make one (RFC 3264 §5)', { seed: 47 }, async (world) => {
    const system = await startPhoneSystem(world, { users: { alice: {}, bob: {} } });
    const [alice, bob] = await system.phones('alice', 'bob');
    bob.onCall = (session) => session.accept({ sdp: bob.sdp() });
    const call = alice.userAgent.invite({ target: alice.uri('bob'), from: alice.aor });
    const log = watchSession(call);
    call.on('accepted', () => call.acknowledge(alice.sdp()));
    await world.runUntil(() => log.accepted.length > 0);
    await world.run(1000);
    expect(bob.incoming[0]?.offerSdp).toBeUndefined();
    await system.talk([alice, mediaAddress(log.accepted[0]?.sdp)]);
    call.end();
    await system.expectQuiet();
  });

  scenario(
    'ends when both parties fall silent for a minute, and its record is closed',
    { seed: 48 },
    async (world) => {
      const system = await startPhoneSystem(world, { users: { alice: {}, bob: {} } });
      const [alice, bob] = await system.phones('alice', 'bob');
      const { log } = await system.connect(alice, bob);
      await world.runUntil(() => log.ended.length > 0, { limitMs: 120_000, what: 'the end' });
      expect(await system.recordOf('alice')).toMatchObject({ disposition: 'ANSWERED' });
      await system.expectQuiet();
    },
  );

  scenario('that finds no port for sound is 503 before the callee rings', { seed: 49 }, async (world) => {
    const system = await startPhoneSystem(world, {
      users: { alice: {}, bob: {} },
      ports: { first: 10_000, last: 10_003 },
    });
    const [alice, bob] = await system.phones('alice', 'bob');
    const { call } = await system.connect(alice, bob);
    const log = watchSession(alice.call('bob'));
    await world.runUntil(() => log.ended.length > 0);
    expect(log.ended[0]?.status).toBe(503);
    expect(bob.incoming).toHaveLength(1);
    call.end();
    await system.expectQuiet();
  });

  scenario('is ended when the callee vanished: the phone does not react', { seed: 50 }, async (world) => {
    const system = await startPhoneSystem(world, { users: { alice: {}, bob: {} }, ringSeconds: 20 });
    const [alice, bob] = await system.phones('alice', 'bob');
    world.link('server', bob.host.name, { loss: totalLoss });
    const log = watchSession(alice.call('bob'));
    await world.runUntil(() => log.ended.length > 0);
    expect(log.ended[0]?.status).toBe(480);
    await system.expectQuiet();
  });

  scenario('survives a lost ACK (replayed one-way world)', { seed: 51 }, async (world) => {
    const system = await startPhoneSystem(world, { users: { alice: {}, bob: {} } });
    const [alice, bob] = await system.phones('alice', 'bob');
    world.linkOneWay(alice.host.name, 'server', { loss: dropText(/^ACK /, 2) });
    const { call } = await system.connect(alice, bob);
    await world.run(5000);
    expect(call.state).toBe('confirmed');
    call.end();
    await system.expectQuiet();
  });
});

function directionOf(sdp: string | undefined): string {
  return /^a=(sendrecv|sendonly|recvonly|inactive)/m.exec(sdp ?? '')?.[1] ?? 'none';
}

describe('a server that drains', () => {
  scenario('hangs up at once when it is hurried, and closes the record', { seed: 61 }, async (world) => {
    const system = await startPhoneSystem(world, { users: { alice: {}, bob: {} } });
    const [alice, bob] = await system.phones('alice', 'bob');
    const { log } = await system.connect(alice, bob);
    const closed: CallRecord[] = [];
    system.server.on('record', (record) => closed.push(record));
    const drained = system.server.drain(30_000);
    await world.run(2000);
    expect(log.ended).toEqual([]);
    const hurried = system.server.drain(0);
    await world.run(500);
    expect(log.ended).toMatchObject([{ by: 'remote' }]);
    expect(bob.incoming[0]?.state).toBe('terminated');
    expect(closed).toMatchObject([{ disposition: 'ANSWERED', reason: 'the server stops' }]);
    await world.complete(Promise.all([drained, hurried]));
    await system.expectQuiet();
  });
});
