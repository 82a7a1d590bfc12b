// Phones behind NATs that forget: the flow over which they registered is kept alive, and made anew where it is gone.
import { describe, expect } from 'vitest';
import { MemorySink, type Softphone } from '../../../softphone/index.ts';
import { expectEmpty, type NatOptions, scenario, type World } from '../../support/index.ts';
import { startPhoneSystem } from '../../support/phone-system.ts';
import { speaking } from './phones.ts';

const SOUND = {
  codecs: ['pcmu' as const],
  makeSource: speaking(1),
  makeSink: async (sampleRateHz: number) => new MemorySink(sampleRateHz),
};

/** Bob is behind a NAT; Alice is not. */
async function setUp(world: World, options: Partial<NatOptions>, transport: 'udp' | 'tcp' = 'udp') {
  const system = await startPhoneSystem(world, { users: { alice: {}, bob: {} } });
  const nat = world.nat('home', { externalAddress: '203.0.113.10', ...options });
  const alice = await system.softphone('alice', SOUND);
  const bob = await system.softphone(
    'bob',
    { ...SOUND, transport },
    { addresses: ['192.168.1.2'], behind: nat },
  );
  bob.on('call', (call) => void call.accept());
  const keptAt: number[] = [];
  // What leaves the NAT for the SIP port: of the mapping that is kept, not of those whose age is measured.
  world.trace.tap(({ bytes, source, destination }, _route, now) => {
    const isRequest = bytes[0] === 0 && bytes[1] === 1 && bytes.length >= 20;
    const isFlow = destination.port === 5060 && nat.udp.peek(source.port)?.port === bob.local.port;
    if (isRequest && isFlow) keptAt.push(now);
  });
  const end = async () => {
    await world.complete(Promise.all([alice.close(), bob.close()]));
    await system.expectQuiet();
  };
  return { system, nat, alice, bob, keptAt, end };
}

async function callsThrough(world: World, alice: Softphone): Promise<boolean> {
  const call = await world.complete(alice.call('bob'));
  await world.runUntil(() => call.state === 'answered' || call.state === 'ended', { what: 'an answer' });
  const isAnswered = call.state === 'answered';
  call.hangUp();
  await world.complete(call.finished);
  return isAnswered;
}

/** OPTIONS by which the server asks a phone that does not keep its flow alive. */
const askedBySip = (world: World) =>
  world.trace.messages.filter(({ text }) => text.startsWith('OPTIONS')).length;

describe('a phone behind a NAT that forgets after 40 s', () => {
  scenario('is called after ten minutes, and the server has nothing to do for it', {}, async (world) => {
    const setting = await setUp(world, { mappingLifetimeMs: 40_000 });
    await world.run(600_000);
    expect(setting.keptAt.length).toBeGreaterThan(20);
    expect(askedBySip(world)).toBe(0);
    expect(await callsThrough(world, setting.alice)).toBe(true);
    await setting.end();
  });

  scenario('registers again as soon as its mapping is another', {}, async (world) => {
    const { nat, alice, keptAt, end } = await setUp(world, { mappingLifetimeMs: 40_000 });
    await world.run(100_000);
    const registers = () => world.trace.messages.filter(({ text }) => text.startsWith('REGISTER')).length;
    const before = registers();
    nat.udp.clear();
    const since = keptAt.length;
    await world.runUntil(() => registers() > before, { limitMs: 29_500, what: 'a REGISTER' });
    expect(keptAt.length).toBe(since + 1);
    await world.run(1000);
    expect(await callsThrough(world, alice)).toBe(true);
    await end();
  });
});

describe('what a phone learns of its NAT', () => {
  scenario('keep-alives are as far apart as its mappings allow', {}, async (world) => {
    const { keptAt, alice, end } = await setUp(world, { mappingLifetimeMs: 100_000 });
    await world.run(900_000);
    const [last = 0, before = 0] = keptAt.toReversed();
    // Three quarters of the age that was seen alive, and 24 of 29 parts of that at the least.
    expect(last - before).toBeGreaterThan(0.9 * 100_000 * 0.75 * (24 / 29));
    expect(last - before).toBeLessThan(75_000);
    expect(await callsThrough(world, alice)).toBe(true);
    await end();
  });
});

describe('a phone that registered over TCP', () => {
  scenario('notices that its connection leads nowhere, and makes another', {}, async (world) => {
    const { system, nat, alice, bob } = await setUp(world, {}, 'tcp');
    await world.run(150_000);
    nat.restart();
    await world.run(140_000);
    expect(await callsThrough(world, alice)).toBe(true);
    await world.complete(Promise.all([alice.close(), bob.close()]));
    // The connection that leads nowhere is open at the server until that closes it.
    await world.complete(system.server.close());
    await world.run(2000);
    expectEmpty(world.tables());
  });
});
