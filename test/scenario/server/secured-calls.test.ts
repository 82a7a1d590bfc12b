import { expect } from 'vitest';
import { diagnose, type FindingCode } from '../../../server/doctor/index.ts';
import { scenario, totalLoss, type World } from '../../support/index.ts';
import { type PhoneSystemOptions, startPhoneSystem } from '../../support/phone-system.ts';
import { type TestPhone, watchSession } from '../../support/test-phone.ts';

const USERS = { alice: {}, bob: {}, carol: {} };

/** A description as node-datachannel makes it: sound and data over one association. */
function secured(
  name: string,
  options: { readonly version?: number; readonly hasSound?: boolean } = {},
): string {
  const { version = 0, hasSound = true } = options;
  const ice = [`a=ice-ufrag:${name}`, `a=ice-pwd:${name.repeat(6).padEnd(22, 'x')}`];
  const candidate = 'a=candidate:1 1 UDP 2114977791 198.51.100.7 52650 typ host';
  return [
    'v=0',
    `o=rtc ${name.length} ${version} IN IP4 127.0.0.1`,
    's=-',
    't=0 0',
    `a=group:BUNDLE${hasSound ? ' audio' : ''} 0`,
    'a=fingerprint:sha-256 25:A6:78:64:73',
    ...(hasSound
      ? [
          'm=audio 52650 UDP/TLS/RTP/SAVPF 96 0',
          'c=IN IP4 198.51.100.7',
          'a=rtpmap:96 opus/48000/2',
          'a=rtpmap:0 PCMU/8000',
          'a=mid:audio',
          'a=rtcp-mux',
          ...ice,
          candidate,
        ]
      : []),
    'm=application 52650 UDP/DTLS/SCTP webrtc-datachannel',
    'c=IN IP4 198.51.100.7',
    'a=mid:0',
    'a=sctp-port:5000',
    ...ice,
    candidate,
    '',
  ].join('\r\n');
}

/** What the parties have to know of each other. */
function essence(sdp: string | undefined): readonly string[] {
  return (sdp ?? '')
    .split('\r\n')
    .filter((line) => /^m=|^a=(?:fingerprint|ice-|candidate|group|sctp-port|mid|rtpmap)/.test(line))
    .toSorted();
}

scenario(
  'a call that is secured end to end is passed on: descriptions whole but for their origin, no legs',
  {
    seed: 71,
  },
  async (world) => {
    const system = await startPhoneSystem(world, { users: USERS });
    const [alice, bob] = await system.phones('alice', 'bob');
    bob.onCall = (session) => session.accept({ sdp: secured('bob') });
    const call = alice.call('bob', { sdp: secured('alice') });
    const log = watchSession(call);
    await world.runUntil(() => log.accepted.length > 0, { what: 'the answer' });
    const [incoming] = bob.incoming;
    expect(essence(incoming?.offerSdp)).toEqual(essence(secured('alice')));
    expect(essence(log.accepted[0]?.sdp)).toEqual(essence(secured('bob')));
    expect(incoming?.offerSdp).toMatch(/^o=- \d+ 1 IN IP4 192\.0\.2\.1$/m);
    expect(system.media.legCount).toBe(0);
    await world.run(60_000);
    expect(call.state).toBe('confirmed');
    incoming?.end();
    await world.runUntil(() => log.ended.length > 0, { what: 'the end' });
    const record = await system.recordOf('alice');
    expect(record).toMatchObject({ disposition: 'ANSWERED', reason: 'the callee hung up' });
    await system.expectQuiet();
  },
);

scenario(
  'within such a call, offers and MESSAGE are passed on, and what is not secured is refused',
  {
    seed: 72,
  },
  async (world) => {
    const system = await startPhoneSystem(world, { users: USERS });
    const [alice, bob] = await system.phones('alice', 'bob');
    const { call, incoming } = await connect(world, alice, bob);
    const texts: string[] = [];
    incoming.on('offer', (offer) => offer.answer(secured('bob', { version: 1 })));
    incoming.on('request', ({ request, respond }) => {
      texts.push(Buffer.from(request.body).toString());
      respond(200);
    });
    const changed = secured('alice', { version: 1 }).replace('a=mid:audio', 'a=mid:audio\r\na=sendonly');
    const held = await world.complete(call.offer(changed));
    expect([held.status, essence(held.sdp)]).toEqual([200, essence(secured('bob'))]);
    expect((await world.complete(call.offer(alice.sdp()))).status).toBe(488);
    const said = await world.complete(call.request('MESSAGE', { body: 'hi', contentType: 'text/plain' }));
    expect([said.status, texts]).toEqual([200, ['hi']]);
    call.end();
    await system.expectQuiet();
  },
);

/** Alice looks for another path, as one that the first attempt does not end; Bob is cut off for a while. */
async function renewedWhileAway(world: World, renewed: string) {
  const system = await startPhoneSystem(world, { users: USERS });
  const [alice, bob] = await system.phones('alice', 'bob');
  const { call, incoming } = await connect(world, alice, bob);
  incoming.on('offer', (offer) => offer.answer(secured('bobanew', { version: 1 })));
  const link = (settings: Parameters<World['link']>[2]) => {
    world.link('server', bob.host.name, settings);
    world.link(bob.host.name, 'server', settings);
  };
  link({ loss: totalLoss });
  const offered = call.offer(renewed, { survivesTimeout: true });
  await world.run(40_000);
  link({});
  return { system, call, result: await world.complete(offered) };
}

scenario(
  'a secured call whose path is looked for anew outlives 40 s in which the other phone is not reached',
  { seed: 74 },
  async (world) => {
    const renewed = secured('alice', { version: 1 }).replaceAll('a=ice-ufrag:alice', 'a=ice-ufrag:anew');
    const { system, call, result } = await renewedWhileAway(world, renewed);
    // On 408 a phone hangs up.
    expect([result.status, call.state]).toEqual([504, 'confirmed']);
    const again = await world.complete(call.offer(renewed.replace('rtc 5 1', 'rtc 5 2')));
    expect([again.status, essence(again.sdp)]).toEqual([200, essence(secured('bobanew'))]);
    call.end();
    await system.expectQuiet();
  },
);

scenario(
  'a secured call of which something else is changed ends where the other phone does not answer',
  { seed: 75 },
  async (world) => {
    const held = secured('alice', { version: 1 }).replace('a=mid:audio', 'a=mid:audio\r\na=sendonly');
    const { system, call } = await renewedWhileAway(world, held);
    expect(call.state).toBe('terminated');
    await system.expectQuiet();
  },
);

const REFUSALS: readonly {
  readonly name: string;
  readonly called: string;
  readonly options?: Partial<PhoneSystemOptions>;
  readonly sdp?: string;
  /** Of the phone; it accepts where not given. */
  readonly answer?: number;
  readonly status: number;
  /** What the doctor says of it. */
  readonly finding?: FindingCode;
}[] = [
  { name: 'to a service', called: '*43', status: 488, finding: 'encrypted-offer' },
  {
    name: 'of data alone, to a service',
    called: '*43',
    sdp: secured('alice', { hasSound: false }),
    status: 488,
    finding: 'secured-not-passed',
  },
  { name: 'to a room', called: '3000', status: 488 },
  {
    name: 'where all calls are recorded',
    called: 'bob',
    options: { recording: { calls: 'always' } },
    status: 488,
    finding: 'secured-not-passed',
  },
  {
    name: 'of data alone, where all calls are recorded',
    called: 'bob',
    options: { recording: { calls: 'always' } },
    sdp: secured('alice', { hasSound: false }),
    status: 200,
  },
  {
    name: 'that is forwarded to somebody elsewhere',
    called: 'carol',
    options: { users: { ...USERS, carol: { forward: { always: 'sip:dave@198.51.100.9' } } } },
    status: 488,
  },
  {
    name: 'that is forwarded to another user',
    called: 'carol',
    options: { users: { ...USERS, carol: { forward: { always: 'bob' } } } },
    status: 200,
  },
  {
    name: 'past a server that lets nobody past',
    called: 'bob',
    options: { media: { direct: 'off' } },
    status: 488,
    finding: 'secured-not-passed',
  },
  { name: 'to nobody', called: 'nobody', status: 404, finding: 'unknown-number' },
  { name: 'to a phone without DTLS', called: 'bob', answer: 488, status: 488, finding: 'secured-refused' },
  {
    name: 'of data alone, to a phone that takes no files',
    called: 'bob',
    sdp: secured('alice', { hasSound: false }),
    answer: 488,
    status: 488,
    finding: 'files-refused',
  },
];

for (const [index, refusal] of REFUSALS.entries()) {
  const { name, called, options, sdp = secured('alice'), answer, status, finding } = refusal;
  scenario(`a secured call ${name} ends with ${status}`, { seed: 80 + index }, async (world) => {
    const system = await startPhoneSystem(world, { users: USERS, ...options });
    const [alice, bob] = await system.phones('alice', 'bob');
    bob.onCall = (session) =>
      answer === undefined ? session.accept({ sdp: session.offerSdp ?? '' }) : session.reject(answer);
    const log = watchSession(alice.call(called, { sdp }));
    await world.runUntil(() => log.accepted.length + log.ended.length > 0, { what: 'an answer' });
    expect(log.ended[0]?.status ?? 200).toBe(status);
    bob.incoming[0]?.end();
    await system.expectQuiet();
    if (finding) expect(diagnose(await system.recordOf('alice')).findings[0]?.code).toBe(finding);
  });
}

scenario(
  'a phone that answers a secured offer without security is hung up, and the caller told to try without',
  {
    seed: 73,
  },
  async (world) => {
    const system = await startPhoneSystem(world, { users: USERS });
    const [alice, bob] = await system.phones('alice', 'bob');
    bob.onCall = (session) => session.accept({ sdp: bob.sdp() });
    const log = watchSession(alice.call('bob', { sdp: secured('alice') }));
    await world.runUntil(() => log.ended.length > 0, { what: 'the refusal' });
    expect(log.ended[0]?.status).toBe(488);
    await system.expectQuiet();
  },
);

async function connect(world: World, from: TestPhone, to: TestPhone) {
  to.onCall = (session) => session.accept({ sdp: secured(to.name) });
  const call = from.call(to.name, { sdp: secured(from.name) });
  const log = watchSession(call);
  await world.runUntil(() => log.accepted.length > 0, { what: 'the answer' });
  const [incoming] = to.incoming;
  if (!incoming) throw new Error('nobody was called');
  await world.run(200);
  return { call, incoming };
}
