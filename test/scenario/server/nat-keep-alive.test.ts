// Phones on UDP behind NATs that forget: they are reached for as long as they are registered.
import { describe, expect } from 'vitest';
import { decodeStun, METHOD, StunMessage, StunWriter } from '../../../nat/index.ts';
import { type Flow, sipUri } from '../../../signaling/index.ts';
import { scenario, type World } from '../../support/index.ts';
import { type PhoneSystem, startPhoneSystem } from '../../support/phone-system.ts';
import type { TestPhone } from '../../support/test-phone.ts';

const SERVER = { address: '192.0.2.1', port: 5060 };

/** Bob is behind a NAT that forgets after half a minute without a packet from inside. */
async function behindNat(world: World, { inboundRefresh = false, isMute = false } = {}) {
  const system = await startPhoneSystem(world, { users: { alice: {}, bob: {} } });
  const [alice] = await system.phones('alice');
  const nat = world.nat('home', {
    externalAddress: '203.0.113.1',
    filtering: 'address-and-port-dependent',
    mappingLifetimeMs: 30_000,
    inboundRefresh,
  });
  const bob = await system.phoneAt('bob', { addresses: ['192.168.1.2'], behind: nat });
  const asked: number[] = [];
  bob.userAgent.on('request', ({ request, respond }) => {
    if (request.method === 'OPTIONS') asked.push(world.clock.now());
    if (!isMute) respond(200);
  });
  return { system, alice, bob, asked };
}

async function expectReached(
  world: World,
  { alice, bob, system }: { alice: TestPhone; bob: TestPhone; system: PhoneSystem },
) {
  const call = alice.call('bob');
  await world.runUntil(() => bob.incoming.length > 0, { what: 'the call', limitMs: 5000 });
  call.end();
  await world.run(100);
  await leave(world, bob);
  await system.expectQuiet();
}

/** Who is registered is asked again and again. */
async function leave(world: World, bob: TestPhone): Promise<void> {
  await world.complete(bob.register(0));
  await world.run(40_000);
}

describe('a phone behind a NAT', () => {
  scenario('is asked often enough to be called after an hour', {}, async (world) => {
    const { asked, ...parties } = await behindNat(world);
    await world.run(1_800_000);
    const gaps = asked.slice(1).map((at, index) => at - (asked[index] ?? 0));
    expect(Math.max(...gaps)).toBeLessThan(30_000);
    expect(asked.length).toBeLessThan(100);
    await expectReached(world, parties);
  });

  scenario('loses nothing where it does not answer OPTIONS', {}, async (world) => {
    const { system, alice, bob } = await behindNat(world, { inboundRefresh: true, isMute: true });
    // It takes requests and says nothing.
    await world.run(1_200_000);
    expect(system.server.counts.bindings).toBe(2);
    await expectReached(world, { system, alice, bob });
  });

  scenario('that keeps its mapping alive itself is not asked', {}, async (world) => {
    const { asked, bob, ...others } = await behindNat(world);
    const { endpoint } = bob.userAgent;
    const [listening] = endpoint.listening;
    if (!listening) throw new Error('bob listens nowhere');
    const flow: Flow = { protocol: 'udp', local: listening.local, remote: SERVER, connectionId: undefined };
    for (let i = 0; i < 60; i += 1) {
      // By turns as RFC 5626 wants it over UDP, and as many phones do it.
      endpoint.sendNonSip(i % 2 === 0 ? bindingRequest(i) : new Uint8Array([13, 10]), flow);
      await world.run(18_000);
    }
    expect(asked).toEqual([]);
    await expectReached(world, { bob, ...others });
  });

  scenario('is not asked any more when its binding is gone', {}, async (world) => {
    const { asked, bob, system } = await behindNat(world);
    await world.run(60_000);
    await world.complete(bob.register(0));
    const before = asked.length;
    expect(before).toBeGreaterThan(1);
    await world.run(120_000);
    expect(asked).toHaveLength(before);
    await system.expectQuiet();
  });
});

scenario('a phone without a NAT is not asked', {}, async (world) => {
  const system = await startPhoneSystem(world, { users: { alice: {} } });
  const [alice] = await system.phones('alice');
  let asked = 0;
  alice.userAgent.on('request', ({ respond }) => {
    asked += 1;
    respond(200);
  });
  await world.run(120_000);
  expect(asked).toBe(0);
  await system.expectQuiet();
});

scenario('the SIP port tells who asks by STUN how the NAT shows it', {}, async (world) => {
  const { bob, system } = await behindNat(world);
  const { endpoint } = bob.userAgent;
  const answers: StunMessage[] = [];
  endpoint.on('nonSip', ({ bytes }) => {
    const message = decodeStun(bytes.slice());
    if (message instanceof StunMessage) answers.push(message);
  });
  const [listening] = endpoint.listening;
  if (!listening) throw new Error('bob listens nowhere');
  const flow: Flow = { protocol: 'udp', local: listening.local, remote: SERVER, connectionId: undefined };
  endpoint.sendNonSip(bindingRequest(1), flow);
  endpoint.sendNonSip(new Uint8Array(40), flow);
  await world.run(100);
  expect(answers).toHaveLength(1);
  expect(answers[0]).toMatchObject({ class: 'success', mappedAddress: { address: '203.0.113.1' } });
  // From the very port on which SIP is spoken: there it is called.
  const status = await world.complete(
    bob.userAgent.request('OPTIONS', { target: sipUri({ host: SERVER.address }), from: bob.aor }),
  );
  expect(status.response?.topVia.parameters.get('rport')).toBe(String(answers[0]?.mappedAddress?.port));
  await leave(world, bob);
  await system.expectQuiet();
});

function bindingRequest(number: number): Uint8Array {
  const transactionId = new Uint8Array(12).fill(number);
  return new StunWriter({ method: METHOD.binding, class: 'request', transactionId }).fingerprint().finish();
}
