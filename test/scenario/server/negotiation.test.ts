import { describe, expect } from 'vitest';
import type { IncomingSession } from '../../../signaling/index.ts';
import { scenario } from '../../support/index.ts';
import { type PhoneSystemOptions, startPhoneSystem } from '../../support/phone-system.ts';
import { mediaAddress, type TestPhone, watchSession } from '../../support/test-phone.ts';
import type { World } from '../../support/world.ts';

const PCMU = '0';
const PCMA = '8';
const OPUS = '111 opus/48000/2';
const G729 = '18';
const EVENTS = '101 telephone-event/8000';

/** The formats of the audio section, as `0 pcmu`, in their order. */
function formatsOf(sdp: string | undefined): readonly string[] {
  const list = /^m=audio \d+ \S+ (.*)\r$/m.exec(sdp ?? '')?.[1]?.split(' ') ?? [];
  return list.map((payloadType) => {
    const name = new RegExp(`^a=rtpmap:${payloadType} ([^/\r]+)`, 'm').exec(sdp ?? '')?.[1];
    return `${payloadType} ${name ?? '?'}`.toLowerCase();
  });
}

/** A server with two phones that have these formats; Bob answers with those of his that he is offered. */
async function phonesWith(
  world: World,
  formats: { readonly alice: readonly string[]; readonly bob: readonly string[] },
  options: Partial<PhoneSystemOptions> = {},
) {
  const system = await startPhoneSystem(world, { users: { alice: {}, bob: {} }, ...options });
  const [alice, bob] = await system.phones('alice', 'bob');
  alice.formats = formats.alice;
  bob.formats = formats.bob;
  bob.onCall = (session) => session.accept({ sdp: bob.sdp() });
  return { system, alice, bob };
}

/** Alice calls Bob. @returns the answer that Alice got, and Bob's side of the call */
async function call(world: World, alice: TestPhone, bob: TestPhone) {
  const outgoing = alice.call('bob');
  const log = watchSession(outgoing);
  await world.runUntil(() => log.accepted.length > 0, { what: 'the answer' });
  await world.run(200);
  const [incoming] = bob.incoming;
  if (!incoming) throw new Error('bob was not called');
  return { outgoing, incoming, answer: log.accepted[0]?.sdp };
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

describe('each leg is negotiated for itself:', () => {
  scenario('what the caller has comes first, then what we can transcode', { seed: 1 }, async (world) => {
    const { system, alice, bob } = await phonesWith(world, { alice: [PCMA, PCMU, EVENTS], bob: [PCMU] });
    const { outgoing, incoming, answer } = await call(world, alice, bob);
    const offered = formatsOf(incoming.offerSdp);
    expect(offered.slice(0, 2)).toEqual(['8 pcma', '0 pcmu']);
    expect(offered).toContain('111 opus');
    expect(offered.slice(-3)).toEqual(['101 telephone-event', '121 red', '122 red']);
    expect(formatsOf(answer)).toEqual(['0 pcmu', '8 pcma', '101 telephone-event']);
    outgoing.end();
    await system.expectQuiet();
  });

  scenario('phones without a common codec are connected, each with its own', { seed: 2 }, async (world) => {
    const { system, alice, bob } = await phonesWith(world, { alice: [PCMU], bob: [OPUS, EVENTS] });
    const { outgoing, incoming, answer } = await call(world, alice, bob);
    expect(formatsOf(incoming.offerSdp)).toContain('101 telephone-event');
    expect(formatsOf(answer)).toEqual(['0 pcmu']);
    outgoing.end();
    await system.expectQuiet();
  });

  scenario('a codec that we do not have passes where both have it', { seed: 3 }, async (world) => {
    const { system, alice, bob } = await phonesWith(world, { alice: [G729, PCMU], bob: [G729] });
    const { outgoing, incoming, answer } = await call(world, alice, bob);
    expect(formatsOf(incoming.offerSdp).slice(0, 2)).toEqual(['18 g729', '0 pcmu']);
    expect(formatsOf(answer)).toEqual(['18 g729', '0 pcmu']);
    await system.talk([alice, mediaAddress(answer)], [bob, mediaAddress(incoming.offerSdp)]);
    outgoing.end();
    await system.expectQuiet();
  });

  scenario('a phone that prefers another codec takes the one that is shared', { seed: 4 }, async (world) => {
    const { system, alice, bob } = await phonesWith(world, { alice: [PCMU, EVENTS], bob: [] });
    bob.onCall = (session) => {
      // RFC 3264 §6.1: the answer has the order of the offer.
      const known = [PCMU, OPUS, EVENTS];
      bob.formats = known.filter((format) =>
        formatsOf(session.offerSdp).some((one) => one.startsWith(`${format.split(' ')[0]} `)),
      );
      session.accept({ sdp: bob.sdp() });
    };
    const { outgoing, incoming, answer } = await call(world, alice, bob);
    expect(bob.formats).toEqual([PCMU, OPUS, EVENTS]);
    await system.talk([alice, mediaAddress(answer)], [bob, mediaAddress(incoming.offerSdp)]);
    outgoing.end();
    await system.expectQuiet();
  });

  for (const [name, formats] of Object.entries({
    'digits alone': [EVENTS],
    'a codec that nobody offered': [G729],
  })) {
    scenario(`an answer of ${name} is 488`, { seed: 14 }, async (world) => {
      const { system, alice } = await phonesWith(world, { alice: [PCMU, EVENTS], bob: formats });
      const log = watchSession(alice.call('bob'));
      await world.runUntil(() => log.ended.length > 0, { what: 'the refusal' });
      expect(log.ended[0]?.status).toBe(488);
      await system.expectQuiet();
    });
  }

  scenario(
    'a codec whose payload type the other phone uses otherwise gets another',
    { seed: 5 },
    async (world) => {
      const alices = ['111 iLBC/8000', PCMU, '101 speex/8000'];
      const { system, alice, bob } = await phonesWith(world, { alice: alices, bob: [PCMU] });
      const { outgoing, incoming } = await call(world, alice, bob);
      const offered = formatsOf(incoming.offerSdp);
      expect(offered.slice(0, 3)).toEqual(['111 ilbc', '0 pcmu', '101 speex']);
      expect(new Set(offered.map((format) => format.split(' ')[0])).size).toBe(offered.length);
      expect(offered.filter((format) => /opus|telephone-event/.test(format))).toHaveLength(2);
      outgoing.end();
      await system.expectQuiet();
    },
  );

  scenario(
    'a change of codec is offered to the other phone, with the numbers it knows',
    { seed: 6 },
    async (world) => {
      const { system, alice, bob } = await phonesWith(world, { alice: [PCMU, EVENTS], bob: [PCMU, EVENTS] });
      const { outgoing, incoming } = await call(world, alice, bob);
      const offers = answering(incoming, bob);
      alice.formats = ['96 opus/48000/2', '97 telephone-event/8000'];
      const changed = await world.complete(outgoing.offer(alice.sdp('sendrecv', 2)));
      expect(formatsOf(changed.sdp)).toEqual(['96 opus', '97 telephone-event']);
      // Opus was 111 in our first offer to Bob, and digits 101 (RFC 3264 §8.3.2).
      expect(formatsOf(offers[0])).toEqual(
        expect.arrayContaining(['111 opus', '101 telephone-event', '0 pcmu']),
      );
      expect(formatsOf(offers[0])[0]).toBe('111 opus');
      outgoing.end();
      await system.expectQuiet();
    },
  );

  scenario(
    'early sound and the answer of another phone keep what the caller was told',
    { seed: 7 },
    async (world) => {
      const { system, alice, bob: desk } = await phonesWith(world, { alice: [PCMU, OPUS], bob: [OPUS] });
      const [mobile] = await system.phones('bob');
      mobile.formats = [PCMU];
      desk.onCall = (session) => session.progress(183, { sdp: desk.sdp() });
      const outgoing = alice.call('bob');
      const log = watchSession(outgoing);
      await world.runUntil(() => log.progress.some(({ sdp }) => sdp !== undefined), { what: 'early sound' });
      expect(formatsOf(log.progress.find(({ sdp }) => sdp)?.sdp)).toEqual(['111 opus', '0 pcmu']);
      mobile.incoming[0]?.accept({ sdp: mobile.sdp() });
      await world.runUntil(() => log.accepted.length > 0, { what: 'the answer' });
      expect(formatsOf(log.accepted[0]?.sdp)).toEqual(['0 pcmu', '111 opus']);
      outgoing.end();
      await system.expectQuiet();
    },
  );

  scenario(
    'a call without an offer: the callee makes one, and each gets its own',
    { seed: 8 },
    async (world) => {
      const { system, alice, bob } = await phonesWith(world, { alice: [PCMA], bob: [OPUS, EVENTS] });
      const outgoing = alice.userAgent.invite({ target: alice.uri('bob'), from: alice.aor });
      const log = watchSession(outgoing);
      const acknowledged: (string | undefined)[] = [];
      bob.onCall = (session) => {
        session.on('acknowledged', ({ sdp }) => acknowledged.push(sdp));
        session.accept({ sdp: bob.sdp() });
      };
      outgoing.on('accepted', () => outgoing.acknowledge(alice.sdp()));
      await world.runUntil(() => acknowledged.length > 0, { what: 'the answer to Bob' });
      expect(formatsOf(log.accepted[0]?.sdp)[0]).toBe('111 opus');
      expect(formatsOf(log.accepted[0]?.sdp)).toContain('8 pcma');
      expect(formatsOf(acknowledged[0])).toEqual(['111 opus', '101 telephone-event']);
      outgoing.end();
      await system.expectQuiet();
    },
  );

  scenario('a phone that refuses a change keeps the call as it was', { seed: 9 }, async (world) => {
    const { system, alice, bob } = await phonesWith(world, { alice: [PCMU], bob: [PCMU] });
    const { outgoing, incoming, answer } = await call(world, alice, bob);
    incoming.on('offer', (offer) => offer.reject(488));
    const refused = await world.complete(outgoing.offer(alice.sdp('sendonly', 2)));
    expect(refused.status).toBe(488);
    await system.talk([alice, mediaAddress(answer)], [bob, mediaAddress(incoming.offerSdp)]);
    outgoing.end();
    await system.expectQuiet();
  });
});

describe('redundancy (RFC 2198)', () => {
  const alices = ['96 opus/48000/2', '97 red/48000/2;96/96', EVENTS];

  scenario(
    'is negotiated with each phone that knows it, whatever the other one does',
    { seed: 21 },
    async (world) => {
      const { system, alice, bob } = await phonesWith(world, { alice: alices, bob: [PCMU] });
      const { outgoing, incoming, answer } = await call(world, alice, bob);
      expect(incoming.offerSdp).toMatch(/^a=fmtp:121 96\/96\r$/m);
      expect(incoming.offerSdp).toMatch(/^a=fmtp:122 0\/0\r$/m);
      expect(formatsOf(answer)).toEqual(['96 opus', '97 red', '101 telephone-event']);
      expect(answer).toMatch(/^a=fmtp:97 96\/96\r$/m);
      outgoing.end();
      await system.expectQuiet();
    },
  );

  scenario('is offered to nobody and answered to nobody where it is off', { seed: 22 }, async (world) => {
    const { system, alice, bob } = await phonesWith(
      world,
      { alice: alices, bob: ['96 opus/48000/2'] },
      { media: { redundancy: 'off' } },
    );
    const { outgoing, incoming, answer } = await call(world, alice, bob);
    expect(incoming.offerSdp).not.toContain('red/');
    expect(answer).not.toContain('red/');
    outgoing.end();
    await system.expectQuiet();
  });
});

describe('without transcoding', () => {
  const media = { transcoding: false };

  scenario('the callee is offered what the caller has, and no more', { seed: 11 }, async (world) => {
    const { system, alice, bob } = await phonesWith(world, { alice: [PCMU, G729], bob: [PCMU] }, { media });
    const { outgoing, incoming, answer } = await call(world, alice, bob);
    expect(formatsOf(incoming.offerSdp)).toEqual(['0 pcmu', '18 g729']);
    expect(formatsOf(answer)).toEqual(['0 pcmu']);
    outgoing.end();
    await system.expectQuiet();
  });

  scenario('an answer without a common codec is 488', { seed: 12 }, async (world) => {
    const { system, alice } = await phonesWith(world, { alice: [PCMU], bob: [PCMA] }, { media });
    const log = watchSession(alice.call('bob'));
    await world.runUntil(() => log.ended.length > 0, { what: 'the refusal' });
    expect(log.ended[0]?.status).toBe(488);
    await system.expectQuiet();
  });
});

scenario('only configured codecs are offered and transcoded', { seed: 13 }, async (world) => {
  const { system, alice, bob } = await phonesWith(
    world,
    { alice: [PCMU], bob: [PCMU] },
    { media: { codecs: ['pcma', 'pcmu'] } },
  );
  const { outgoing, incoming } = await call(world, alice, bob);
  expect(formatsOf(incoming.offerSdp)).toEqual(['0 pcmu', '8 pcma', '101 telephone-event', '122 red']);
  outgoing.end();
  await system.expectQuiet();
});
