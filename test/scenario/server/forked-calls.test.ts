// Somebody with two phones is called: one has early sound, or both only ring, and one answers. Each has its own ICE.
import { describe, expect } from 'vitest';
import type { IceCredentials } from '../../../nat/index.ts';
import { MemorySink } from '../../../softphone/index.ts';
import { scenario, type World } from '../../support/index.ts';
import { type PhoneSystemOptions, startPhoneSystem } from '../../support/phone-system.ts';
import { mediaAddress, watchSession } from '../../support/test-phone.ts';
import { isRtp, speaking } from '../softphone/phones.ts';

const ALICE: IceCredentials = { ufrag: 'alice234', password: 'alicepasswordalicepassword' };
const DESK: IceCredentials = { ufrag: 'desk2345', password: 'deskpassworddeskpassword12' };
const MOBILE: IceCredentials = { ufrag: 'mobile23', password: 'mobilepasswordmobilepasswo' };

const ufragIn = (sdp: string | undefined) => /^a=ice-ufrag:(\S+)/m.exec(sdp ?? '')?.[1];

/** Alice calls Bob, whose desk phone has early sound at once; nobody has answered yet. */
async function early(world: World, options: Partial<PhoneSystemOptions> = {}) {
  const system = await startPhoneSystem(world, { users: { alice: {}, bob: {} }, ...options });
  const [alice, desk, mobile] = await system.phones('alice', 'bob', 'bob');
  for (const [phone, ice] of [[alice, ALICE] as const, [desk, DESK] as const, [mobile, MOBILE] as const]) {
    phone.ice = ice;
    await world.complete(phone.register());
  }
  desk.onCall = (session) => session.progress(183, { sdp: desk.sdp() });
  const call = alice.call('bob');
  const log = watchSession(call);
  const isEarly = () => log.progress.some(({ sdp }) => sdp !== undefined);
  await world.runUntil(isEarly, { what: 'early sound' });
  await world.run(300);
  const told = log.progress.find(({ sdp }) => sdp !== undefined);
  const hangUp = async () => {
    call.end();
    await world.run(100);
    await system.expectQuiet();
  };
  return { system, alice, desk, mobile, call, log, told, hangUp };
}

describe('of two phones that ring, the first has early sound', () => {
  scenario('and the other one answers, in a dialog of its own with its own ICE', {}, async (world) => {
    const { alice, desk, mobile, log, told, hangUp } = await early(world);
    expect(ufragIn(told?.sdp)).toBe(DESK.ufrag);
    alice.check(mediaAddress(told?.sdp), DESK);
    await world.run(50);
    expect([desk.stun.length, mobile.stun.length]).toEqual([1, 0]);
    mobile.incoming[0]?.accept({ sdp: mobile.sdp() });
    await world.runUntil(() => log.accepted.length > 0, { what: 'the answer' });
    await world.run(200);
    const [answer] = log.accepted;
    expect(ufragIn(answer?.sdp)).toBe(MOBILE.ufrag);
    expect(answer?.response?.toTag).not.toBe(told?.remoteTag);
    // The way through the server leads to who answered, and to nobody else.
    const leg = mediaAddress(answer?.sdp);
    alice.check(leg, MOBILE);
    alice.check(leg, DESK);
    alice.speak(leg, 1, 5);
    mobile.speak(mediaAddress(mobile.incoming[0]?.offerSdp), 2, 5);
    desk.speak(mediaAddress(desk.incoming[0]?.offerSdp), 3, 5);
    await world.run(100);
    expect([desk.stun.length, mobile.stun.length]).toEqual([1, 1]);
    expect([alice.heard.length, mobile.heard.length, desk.heard.length]).toEqual([5, 5, 0]);
    expect(alice.heard.every((packet) => packet.at(-1) === 2)).toBe(true);
    await hangUp();
  });

  scenario('and answers itself, in the dialog that there is', {}, async (world) => {
    const { desk, log, told, hangUp } = await early(world);
    desk.incoming[0]?.accept({ sdp: desk.sdp() });
    await world.runUntil(() => log.accepted.length > 0, { what: 'the answer' });
    const [answer] = log.accepted;
    expect(answer?.response?.toTag).toBe(told?.remoteTag);
    expect(answer?.sdp).toBe(told?.sdp);
    await hangUp();
  });
});

scenario(
  'a softphone with early sound of one phone goes directly to the one that answers',
  { link: { delayMs: 20 } },
  async (world) => {
    const system = await startPhoneSystem(world, { users: { alice: {}, bob: {} } });
    const sound = (number: number) => ({
      codecs: ['pcmu' as const],
      makeSource: speaking(number),
      makeSink: async (sampleRateHz: number) => new MemorySink(sampleRateHz),
    });
    const nat = (name: string, externalAddress: string) =>
      world.nat(name, { externalAddress, mapping: 'endpoint-independent' });
    const alice = await system.softphone('alice', sound(1), {
      addresses: ['192.168.1.2'],
      behind: nat('home', '198.51.100.10'),
    });
    const mobile = await system.softphone('bob', sound(2), {
      addresses: ['10.0.0.2'],
      behind: nat('cell', '203.0.113.10'),
    });
    const [desk] = await system.phones('bob');
    desk.ice = DESK;
    desk.onCall = (session) => session.progress(183, { sdp: desk.sdp() });
    const ringing: { accept(): Promise<void> }[] = [];
    mobile.on('call', (call) => ringing.push(call));
    const call = await world.complete(alice.call('bob'));
    await world.run(1500);
    expect(call.report().path).toMatchObject({
      kind: 'direct',
      remote: `${desk.soundAt.address}:${desk.soundAt.port}`,
    });
    desk.speak(mediaAddress(desk.incoming[0]?.offerSdp), 3, 5);
    await world.run(100);
    expect(call.report().inbound.packets).toBe(5);
    await world.complete(ringing[0]?.accept() ?? Promise.resolve());
    await world.runUntil(() => call.state === 'answered', { what: 'the answer' });
    let stale = 0;
    world.trace.tap((packet, { from }) => {
      const { address, port } = packet.destination;
      const isStale = address === desk.soundAt.address && port === desk.soundAt.port;
      if (isRtp(packet) && from.startsWith('alice') && isStale) stale += 1;
    });
    await world.run(3000);
    expect(stale).toBe(0);
    expect(call.report().path).toMatchObject({
      kind: 'direct',
      remote: expect.stringMatching(/^203\.0\.113\.10:/),
    });
    call.hangUp();
    const report = await world.complete(call.finished);
    expect(report.inbound.packets).toBeGreaterThan(140);
    await world.complete(Promise.all([alice.close(), mobile.close()]));
    await system.expectQuiet();
  },
);
