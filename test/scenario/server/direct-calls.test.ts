// Calls between phones with ICE: who is told what, who answers checks, and what becomes of a call whose sound goes past us.
import { describe, expect } from 'vitest';
import { DecodeError, type Endpoint } from '../../../core/index.ts';
import type { IceCredentials, IceDescription } from '../../../nat/index.ts';
import { diagnose } from '../../../server/index.ts';
import { audioOf, type IncomingSession, iceOf, parseSdp } from '../../../signaling/index.ts';
import { scenario, type World } from '../../support/index.ts';
import { type PhoneSystemOptions, startPhoneSystem } from '../../support/phone-system.ts';
import { mediaAddress, type TestPhone, watchSession } from '../../support/test-phone.ts';

const ALICE: IceCredentials = { ufrag: 'alice234', password: 'alicepasswordalicepassword' };
const BOB: IceCredentials = { ufrag: 'bobbob23', password: 'bobpasswordbobpasswordbobp' };

interface Setting {
  readonly alice?: IceCredentials | undefined;
  readonly bob?: IceCredentials | undefined;
  readonly system?: Partial<PhoneSystemOptions>;
  readonly formats?: { readonly alice?: readonly string[]; readonly bob?: readonly string[] };
}

/** Alice calls Bob, who answers. */
async function connected(world: World, setting: Setting = { alice: ALICE, bob: BOB }) {
  const system = await startPhoneSystem(world, { users: { alice: {}, bob: {} }, ...setting.system });
  const [alice, bob] = await system.phones('alice', 'bob');
  alice.ice = setting.alice;
  bob.ice = setting.bob;
  alice.formats = setting.formats?.alice ?? alice.formats;
  bob.formats = setting.formats?.bob ?? bob.formats;
  await world.complete(bob.register());
  bob.onCall = (session) => session.accept({ sdp: bob.sdp() });
  const call = alice.call('bob');
  const log = watchSession(call);
  await world.runUntil(() => log.accepted.length > 0, { what: 'the answer' });
  const [incoming] = bob.incoming;
  if (!incoming) throw new Error('bob was not called');
  const offers = answering(incoming, bob);
  await world.run(200);
  const told = { alice: log.accepted[0]?.sdp, bob: incoming.offerSdp };
  const hangUp = async () => {
    call.end();
    await world.run(100);
    await system.expectQuiet();
  };
  return { system, alice, bob, call, incoming, log, offers, told, hangUp };
}

/** Answers every offer, and notes it. */
function answering(session: IncomingSession, phone: TestPhone): (string | undefined)[] {
  const offers: (string | undefined)[] = [];
  session.on('offer', (offer) => {
    offers.push(offer.sdp);
    offer.answer(phone.sdp('sendrecv', 10 + offers.length));
  });
  return offers;
}

function iceIn(sdp: string | undefined): IceDescription | undefined {
  const description = parseSdp(sdp ?? '');
  const line = description instanceof DecodeError ? undefined : audioOf(description)?.line;
  return description instanceof DecodeError || !line ? undefined : iceOf(description, line);
}

function credentialsIn(sdp: string | undefined): IceCredentials {
  const credentials = iceIn(sdp)?.credentials;
  if (!credentials) throw new Error(`no ICE in ${sdp}`);
  return credentials;
}

/** Where the server's leg is, as this description tells. */
function legIn(sdp: string | undefined): Endpoint {
  return mediaAddress(sdp);
}

describe('a call between two phones with ICE', () => {
  scenario(
    'tells each the credentials and candidates of the other, and ours as the last',
    {},
    async (world) => {
      const { alice, told, hangUp } = await connected(world);
      const offered = iceIn(told.bob);
      expect(offered).toMatchObject({ credentials: ALICE, isLite: false });
      expect(offered?.candidates).toEqual([
        expect.objectContaining({ type: 'host', endpoint: alice.soundAt }),
        expect.objectContaining({
          type: 'serverReflexive',
          endpoint: { address: '198.51.100.77', port: 4242 },
          // What it is in Alice's own network is nobody's concern.
          related: { address: '0.0.0.0', port: 9 },
        }),
        expect.objectContaining({ type: 'relayed', priority: 255, endpoint: legIn(told.bob) }),
      ]);
      expect(iceIn(told.alice)).toMatchObject({ credentials: BOB, isLite: false });
      expect(iceIn(told.alice)?.candidates.at(-1)?.endpoint).toEqual(legIn(told.alice));
      await hangUp();
    },
  );

  scenario('is answered through the server by the other phone itself', {}, async (world) => {
    const { alice, bob, told, hangUp } = await connected(world);
    alice.check(legIn(told.alice), BOB);
    await world.run(100);
    expect(bob.stun).toHaveLength(1);
    expect(alice.stun).toMatchObject([{ source: legIn(told.alice) }]);
    // Sound that goes that way is still relayed.
    alice.speak(legIn(told.alice), 1, 5);
    bob.speak(legIn(told.bob), 2, 5);
    await world.run(100);
    expect([alice.heard.length, bob.heard.length]).toEqual([5, 5]);
    await hangUp();
  });

  scenario('lasts though the server hears nothing, and ends when a phone is gone', {}, async (world) => {
    const { system, bob, incoming, log, hangUp } = await connected(world);
    await world.run(600_000);
    expect(log.ended).toEqual([]);
    expect(system.server.counts.calls).toBe(1);
    // Without a word: its host is off.
    bob.userAgent.endpoint.close();
    await world.runUntil(() => log.ended.length > 0, { what: 'the end', limitMs: 130_000 });
    expect((await system.recordOf('alice'))?.reason).toBe('a phone does not answer any more');
    incoming.end();
    await hangUp();
  });

  scenario('is no call without sound, for the doctor', {}, async (world) => {
    const { system, alice, told, hangUp } = await connected(world);
    // The first word comes through us; then the two speak past us.
    alice.speak(legIn(told.alice), 1, 50);
    await world.run(20_000);
    await hangUp();
    const diagnosis = diagnose(await system.recordOf('alice'));
    expect(diagnosis.verdict).toBe('well');
    expect(diagnosis.findings.map(({ code }) => code)).toEqual(['direct-path', 'direct-path']);
  });

  scenario('keeps its credentials over hold and resume, and takes a restart along', {}, async (world) => {
    const { alice, call, offers, hangUp } = await connected(world);
    const held = await world.complete(call.offer(alice.sdp('sendonly', 2)));
    expect(credentialsIn(offers.at(-1))).toEqual(ALICE);
    expect(credentialsIn(held.sdp)).toEqual(BOB);
    const restarted = { ufrag: 'anew2345', password: 'anewanewanewanewanewanewan' };
    alice.ice = restarted;
    await world.complete(call.offer(alice.sdp('sendrecv', 3)));
    expect(credentialsIn(offers.at(-1))).toEqual(restarted);
    expect(offers).toHaveLength(2);
    await hangUp();
  });
});

describe('the server answers checks itself', () => {
  const cases: readonly (Setting & { readonly name: string })[] = [
    { name: 'where the called phone has no ICE', alice: ALICE },
    { name: 'where direct calls are off', alice: ALICE, bob: BOB, system: { media: { direct: 'off' } } },
    {
      name: 'where calls are recorded on demand',
      alice: ALICE,
      bob: BOB,
      system: { recording: { calls: 'onDemand' } },
    },
    {
      name: 'where hold music is configured',
      alice: ALICE,
      bob: BOB,
      system: { media: { holdMusic: 'server/room/prompts/en/0.opus' } },
    },
  ];
  for (const { name, ...setting } of cases) {
    scenario(name, {}, async (world) => {
      const { alice, bob, told, hangUp } = await connected(world, setting);
      const ours = iceIn(told.alice);
      expect(ours).toMatchObject({
        isLite: true,
        candidates: [{ type: 'host', endpoint: legIn(told.alice) }],
      });
      expect([ALICE.ufrag, BOB.ufrag]).not.toContain(ours?.credentials.ufrag);
      expect(iceIn(told.bob)?.isLite).toBe(setting.bob !== undefined);
      alice.check(legIn(told.alice), credentialsIn(told.alice), true);
      await world.run(50);
      expect([alice.stun.length, bob.stun.length]).toEqual([1, 0]);
      alice.speak(legIn(told.alice), 1, 5);
      await world.run(50);
      expect(bob.heard).toHaveLength(5);
      await hangUp();
    });
  }

  scenario('to a caller without ICE whose callee registered with +sip.ice', {}, async (world) => {
    const { bob, told, hangUp } = await connected(world, { bob: BOB });
    expect(iceIn(told.alice)).toBeUndefined();
    expect(iceIn(told.bob)).toMatchObject({ isLite: true });
    bob.check(legIn(told.bob), credentialsIn(told.bob), true);
    await world.run(50);
    expect(bob.stun).toHaveLength(1);
    await hangUp();
  });

  scenario('and takes a phone back whose format the other one lacks', {}, async (world) => {
    const formats = { alice: ['0'], bob: ['8'] };
    const { alice, bob, told, offers, hangUp } = await connected(world, { alice: ALICE, bob: BOB, formats });
    // Bob was told of Alice, answered with another codec, and is offered our ICE then.
    expect(iceIn(told.bob)?.credentials).toEqual(ALICE);
    expect(iceIn(told.alice)).toMatchObject({ isLite: true });
    expect(offers).toHaveLength(1);
    expect(iceIn(offers[0])).toMatchObject({ isLite: true });
    bob.check(legIn(offers[0]), credentialsIn(offers[0]), true);
    alice.check(legIn(told.alice), credentialsIn(told.alice), true);
    await world.run(50);
    expect([alice.stun.length, bob.stun.length]).toEqual([1, 1]);
    await hangUp();
  });

  scenario('for the echo test', {}, async (world) => {
    const system = await startPhoneSystem(world, { users: { alice: {} } });
    const [alice] = await system.phones('alice');
    alice.ice = ALICE;
    const call = alice.call('*43');
    const log = watchSession(call);
    await world.runUntil(() => log.accepted.length > 0, { what: 'the answer' });
    const sdp = log.accepted[0]?.sdp;
    alice.check(legIn(sdp), credentialsIn(sdp), true);
    await world.run(50);
    alice.speak(legIn(sdp), 1, 5);
    await world.run(50);
    expect(alice.heard).toHaveLength(5);
    // A restart wants other credentials of us, too; without one they stay.
    const again = await world.complete(call.offer(alice.sdp('sendrecv', 2)));
    expect(credentialsIn(again.sdp)).toEqual(credentialsIn(sdp));
    alice.ice = { ufrag: 'anew2345', password: 'anewanewanewanewanewanewan' };
    const restarted = await world.complete(call.offer(alice.sdp('sendrecv', 3)));
    expect(credentialsIn(restarted.sdp)).not.toEqual(credentialsIn(sdp));
    call.end();
    await world.run(100);
    await system.expectQuiet();
  });
});

describe('what a description says of ICE is not believed', () => {
  scenario('where somebody has changed its addresses on the way', {}, async (world) => {
    const system = await startPhoneSystem(world, { users: { alice: {} } });
    const [alice] = await system.phones('alice');
    alice.ice = ALICE;
    const sdp = alice.sdp().replace(/^c=.*$/m, 'c=IN IP4 203.0.113.9');
    const call = alice.call('*43', { sdp });
    const log = watchSession(call);
    await world.runUntil(() => log.accepted.length > 0, { what: 'the answer' });
    expect(log.accepted[0]?.sdp).toContain('a=ice-mismatch');
    expect(iceIn(log.accepted[0]?.sdp)).toBeUndefined();
    call.end();
    await world.run(100);
    await system.expectQuiet();
  });
});
