// STUN and TURN beside SIP: phones that registered may use them, and nobody else.
import { expect } from 'vitest';
import { type IcePath, openIcePath, type TurnService } from '../../../nat/index.ts';
import { MemoryStore } from '../../../server/index.ts';
import { scenario, type World } from '../../support/index.ts';
import { startPhoneSystem } from '../../support/phone-system.ts';
import type { TestPhone } from '../../support/test-phone.ts';

const SERVER = '192.0.2.1';

/** What a phone gathers with these servers. */
async function gather(world: World, phone: TestPhone, turnServers: readonly TurnService[]): Promise<IcePath> {
  const path = await world.complete(
    openIcePath(phone.host, { role: 'controlling', components: 1, turnServers }),
  );
  await world.complete(path.gathered);
  return path;
}

function typesOf(path: IcePath): readonly string[] {
  return path.local.candidates.map(({ type }) => type);
}

scenario('a phone is given credentials for TURN when it registers, and uses them', {}, async (world) => {
  const system = await startPhoneSystem(world, { users: { alice: {} } });
  const [alice] = await system.phones('alice');
  expect(alice.turnServers).toMatchObject([
    { host: SERVER, port: 3478, transport: 'udp' },
    { host: SERVER, port: 3478, transport: 'tcp' },
  ]);
  const path = await gather(world, alice, alice.turnServers);
  expect(typesOf(path)).toContain('relayed');
  expect(await world.complete(system.server.turnCounters())).toMatchObject({ allocations: 1 });
  path.close();
  await world.run(5000);
  expect(await world.complete(system.server.turnCounters())).toMatchObject({ allocations: 0 });
  await system.expectQuiet();
});

scenario('credentials are made anew with each registration, and end a day later', {}, async (world) => {
  const system = await startPhoneSystem(world, { users: { alice: {} }, turn: { credentialHours: 1 } });
  const [alice] = await system.phones('alice');
  const before = alice.turnServers;
  await world.run(1_800_000);
  await world.complete(alice.register());
  expect(alice.turnServers[0]?.credentials.username).not.toBe(before[0]?.credentials.username);
  expect(alice.turnServers[0]?.credentials.username).toMatch(/^\d+:alice$/);
  await world.run(1_801_000);
  const late = await gather(world, alice, before);
  expect(typesOf(late)).not.toContain('relayed');
  const path = await gather(world, alice, alice.turnServers);
  expect(typesOf(path)).toContain('relayed');
  path.close();
  late.close();
  await world.run(5000);
  await system.expectQuiet();
});

scenario('whoever has no password here is relayed nowhere', {}, async (world) => {
  const system = await startPhoneSystem(world, { users: { alice: {} } });
  const [alice] = await system.phones('alice');
  const [service] = alice.turnServers;
  if (!service) throw new Error('alice was given no server');
  const forged = { ...service, credentials: { ...service.credentials, password: 'guessed' } };
  const path = await gather(world, alice, [forged]);
  expect(typesOf(path)).not.toContain('relayed');
  path.close();
  // A refused REGISTER tells nothing.
  const stranger = await system.phoneAt('alice', { addresses: ['203.0.113.9'] });
  expect(stranger.turnServers).toHaveLength(2);
  await world.run(5000);
  await system.expectQuiet();
});

scenario('the secret outlives a restart, and so do credentials', {}, async (world) => {
  const store = new MemoryStore();
  const system = await startPhoneSystem(world, { users: { alice: {} }, store });
  await system.phones('alice');
  const secret = store.setting('turnSecret');
  expect(secret).toMatch(/^\w{32}$/);
  await system.expectQuiet();
});

scenario('with "off" there is neither a server nor a word of it', {}, async (world) => {
  const system = await startPhoneSystem(world, { users: { alice: {} }, turn: 'off' });
  const [alice] = await system.phones('alice');
  expect(alice.turnServers).toEqual([]);
  expect(await world.complete(system.server.turnCounters())).toBeUndefined();
  expect(system.server.turnListening).toEqual({ udp: [], tcp: [], tls: [] });
  await system.expectQuiet();
});
