import { describe, expect } from 'vitest';
import { scenario, totalLoss, type World } from '../../support/index.ts';
import { type PhoneSystem, startPhoneSystem } from '../../support/phone-system.ts';
import { mediaAddress, type TestPhone, watchSession } from '../../support/test-phone.ts';
import { RawPeer } from '../signaling/session/raw-peer.ts';

type Forward = NonNullable<Parameters<typeof startPhoneSystem>[1]['users'][string]['forward']>;

/** alice calls bob, who forwards to carol. */
async function trio(world: World, forward: Forward) {
  const system = await startPhoneSystem(world, { users: { alice: {}, bob: { forward }, carol: {} } });
  const [alice, bob, carol] = await system.phones('alice', 'bob', 'carol');
  carol.onCall = (session) => session.accept({ sdp: carol.sdp() });
  return { system, alice, bob, carol };
}

async function expectReaches(
  world: World,
  { system, alice, carol }: { system: PhoneSystem; alice: TestPhone; carol: TestPhone },
  expected: { readonly diversion: string; readonly cause: number },
): Promise<void> {
  const call = alice.call('bob');
  const log = watchSession(call);
  await world.runUntil(() => log.accepted.length > 0 || log.ended.length > 0, {
    what: 'the answer of carol',
  });
  expect(log.ended).toEqual([]);
  const invite = carol.incoming[0]?.invite;
  expect(invite?.header('Diversion')).toContain(`reason=${expected.diversion}`);
  expect(invite?.header('History-Info')).toContain(`cause%3D${expected.cause}`);
  expect(log.progress.map(({ status }) => status)).toContain(181);
  call.end();
  expect(await system.recordOf('alice')).toMatchObject({
    dst: 'bob',
    lastDst: 'carol',
    disposition: 'ANSWERED',
  });
  await system.expectQuiet();
}

describe('forwarding', () => {
  scenario('always: bob does not ring', { seed: 61 }, async (world) => {
    const trio_ = await trio(world, { always: 'carol' });
    await expectReaches(world, trio_, { diversion: 'unconditional', cause: 302 });
    expect(trio_.bob.incoming).toHaveLength(0);
  });

  scenario('on busy', { seed: 62 }, async (world) => {
    const trio_ = await trio(world, { busy: 'carol' });
    trio_.bob.onCall = (session) => session.reject(486);
    await expectReaches(world, trio_, { diversion: 'user-busy', cause: 486 });
  });

  scenario('on no answer, after its time', { seed: 63 }, async (world) => {
    const trio_ = await trio(world, { noAnswer: { target: 'carol', afterSeconds: 12 } });
    const startedAt = world.now();
    await expectReaches(world, trio_, { diversion: 'no-answer', cause: 408 });
    expect(trio_.bob.incoming[0]?.state).toBe('terminated');
    expect(world.now() - startedAt).toBeGreaterThan(12_000);
  });

  scenario('when unreachable: nobody is registered', { seed: 64 }, async (world) => {
    const system = await startPhoneSystem(world, {
      users: { alice: {}, bob: { forward: { unreachable: 'carol' } }, carol: {} },
    });
    const [alice, carol] = await system.phones('alice', 'carol');
    carol.onCall = (session) => session.accept({ sdp: carol.sdp() });
    await expectReaches(world, { system, alice, carol }, { diversion: 'unavailable', cause: 480 });
  });

  scenario('when unreachable: the phone does not react', { seed: 65 }, async (world) => {
    const trio_ = await trio(world, { unreachable: 'carol' });
    world.link('server', trio_.bob.host.name, { loss: totalLoss });
    await expectReaches(world, trio_, { diversion: 'unavailable', cause: 480 });
  });

  scenario('a declined call is not forwarded', { seed: 66 }, async (world) => {
    const { system, alice, bob } = await trio(world, { busy: 'carol', unreachable: 'carol' });
    bob.onCall = (session) => session.reject(603);
    const log = watchSession(alice.call('bob'));
    await world.runUntil(() => log.ended.length > 0);
    expect(log.ended[0]?.status).toBe(603);
    await system.expectQuiet();
  });

  scenario('302 of a phone is followed', { seed: 67 }, async (world) => {
    const trio_ = await trio(world, {});
    trio_.bob.onCall = (session) =>
      session.reject(302, { headers: [['Contact', '<sip:carol@pbx.example>']] });
    await expectReaches(world, trio_, { diversion: 'deflection', cause: 302 });
  });

  scenario(
    '302 leads to its address alone, without headers and method (RFC 3261 §19.1.1)',
    { seed: 74 },
    async (world) => {
      const { system, alice, bob } = await trio(world, {});
      const peer = await RawPeer.open(world);
      const contact = '<sip:zoe@192.0.2.2;method=REGISTER;user=phone?Subject=x&Privacy=id>';
      bob.onCall = (session) => session.reject(302, { headers: [['Contact', contact]] });
      const call = alice.call('bob');
      await world.runUntil(() => peer.got('INVITE').length > 0, { what: 'the call elsewhere' });
      expect(peer.got('INVITE')[0]?.requestUriText).toBe('sip:zoe@192.0.2.2;user=phone');
      expect(peer.got('INVITE')[0]?.header('To')).toBe('<sip:zoe@192.0.2.2;user=phone>');
      call.end();
      await world.complete(system.server.close());
    },
  );

  scenario('a loop ends with 482', { seed: 68 }, async (world) => {
    const system = await startPhoneSystem(world, {
      users: { alice: {}, bob: { forward: { always: 'carol' } }, carol: { forward: { always: 'bob' } } },
    });
    const [alice] = await system.phones('alice');
    const log = watchSession(alice.call('bob'));
    await world.runUntil(() => log.ended.length > 0);
    expect(log.ended[0]?.status).toBe(482);
    await system.expectQuiet();
  });

  scenario('more than five hops end with 486', { seed: 69 }, async (world) => {
    const chain = ['u1', 'u2', 'u3', 'u4', 'u5', 'u6', 'u7'];
    const users = Object.fromEntries(
      chain.map((name, i) => [name, { forward: { always: chain[i + 1] ?? 'end' } }]),
    );
    const system = await startPhoneSystem(world, { users: { alice: {}, end: {}, ...users } });
    const [alice] = await system.phones('alice', 'end');
    const log = watchSession(alice.call('u1'));
    await world.runUntil(() => log.ended.length > 0);
    expect(log.ended[0]?.status).toBe(486);
    await system.expectQuiet();
  });

  scenario('goes on while the caller hangs up', { seed: 70 }, async (world) => {
    const { system, alice, bob, carol } = await trio(world, {
      noAnswer: { target: 'carol', afterSeconds: 5 },
    });
    carol.onCall = (session) => session.progress(180);
    const call = alice.call('bob');
    await world.runUntil(() => carol.incoming.length > 0, { what: 'carol rings' });
    call.end();
    await world.runUntil(() => carol.incoming[0]?.state === 'terminated', { what: 'carol stops ringing' });
    expect(bob.incoming[0]?.state).toBe('terminated');
    await system.expectQuiet();
  });
});

describe('star codes', () => {
  /** Dials a code and waits until the server hangs up; the tone must have been heard. */
  async function dial(world: World, phone: TestPhone, code: string): Promise<void> {
    const heardBefore = phone.heard.length;
    const log = watchSession(phone.call(code));
    await world.runUntil(() => log.ended.length > 0, { what: `the end of ${code}` });
    expect(log.accepted).toHaveLength(1);
    expect(phone.heard.length - heardBefore).toBeGreaterThan(10);
  }

  const codes = [
    { set: '*72carol', cancel: '*73', bobDoes: 480, diversion: 'unconditional' },
    { set: '*90carol', cancel: '*91', bobDoes: 486, diversion: 'user-busy' },
    { set: '*52carol', cancel: '*53', bobDoes: undefined, diversion: 'no-answer' },
  ];
  for (const { set, cancel, bobDoes, diversion } of codes) {
    scenario(`${set} forwards, ${cancel} ends it`, { seed: 71 }, async (world) => {
      const { system, alice, bob, carol } = await trio(world, {});
      bob.onCall = (session) => (bobDoes === undefined ? session.progress(180) : session.reject(bobDoes));
      await dial(world, bob, set);
      const first = alice.call('bob');
      const firstLog = watchSession(first);
      await world.runUntil(() => firstLog.accepted.length > 0, { what: 'carol answers' });
      expect(carol.incoming[0]?.invite.header('Diversion')).toContain(diversion);
      first.end();
      await world.run(1000);
      await dial(world, bob, cancel);
      const second = watchSession(alice.call('bob'));
      await world.runUntil(() => second.ended.length > 0, { what: 'the refusal', limitMs: 90_000 });
      expect(carol.incoming).toHaveLength(1);
      await system.expectQuiet();
    });
  }

  scenario(
    'a target that nobody is keeps the forwarding off, and sounds like it',
    { seed: 72 },
    async (world) => {
      const { system, alice, bob, carol } = await trio(world, {});
      bob.onCall = (session) => session.accept({ sdp: bob.sdp() });
      await dial(world, bob, '*72nobody');
      await dial(world, bob, '*72bob');
      const { call } = await system.connect(alice, bob);
      call.end();
      expect(carol.incoming).toHaveLength(0);
      await system.expectQuiet();
    },
  );

  scenario('*43 sends the caller back to themselves', { seed: 73 }, async (world) => {
    const { system, alice } = await trio(world, {});
    const call = alice.call('*43');
    const log = watchSession(call);
    await world.runUntil(() => log.accepted.length > 0, { what: 'the answer' });
    const to = mediaAddress(log.accepted[0]?.sdp);
    for (let i = 0; i < 50; i += 1) {
      alice.speak(to, 9);
      await world.run(20);
    }
    expect(alice.heard.filter((packet) => packet.at(-1) === 9).length).toBe(50);
    call.end();
    expect(await system.recordOf('alice')).toMatchObject({ dst: '*43', disposition: 'ANSWERED' });
    await system.expectQuiet();
  });
});
