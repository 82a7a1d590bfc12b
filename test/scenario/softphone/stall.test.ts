// A phone whose process stands still for a while.
import { expect } from 'vitest';
import type { Runtime } from '../../../core/index.ts';
import { createSoftphone } from '../../../softphone/index.ts';
import { expectEmpty, type Host, scenario } from '../../support/index.ts';
import { ALICE, closePhones, connect, speaking, type TestPhone, testPhone } from './phones.ts';

/** The host, whose timers between the two moments all fire at the second. */
function stalling(host: Host, stall: { from: number; to: number }): Runtime {
  const { clock, random, network, log } = host;
  const setTimer: Runtime['setTimer'] = (at, fire) =>
    host.setTimer(at >= stall.from && at < stall.to ? stall.to : at, fire);
  return { clock, random, network, log, setTimer };
}

scenario('a stall of a second moves the RTP timestamp with it (RFC 3550 §5.1)', {}, async (world) => {
  const bob = await testPhone(world, 'bob');
  const host = world.host('alice', { addresses: [ALICE] });
  const stall = { from: Number.POSITIVE_INFINITY, to: 0 };
  const runtime = stalling(host, stall);
  const phone = await world.hold(createSoftphone({ runtime, localPort: 5060, makeSource: speaking(1) }));
  const alice: TestPhone = { host, phone, heard: [] };
  const { outgoing, incoming } = await connect(world, alice, bob);
  await world.run(1000);
  Object.assign(stall, { from: host.clock.now(), to: host.clock.now() + 1000 });
  await world.run(3000);
  outgoing.hangUp();
  const there = await world.complete(incoming.finished);
  expect(there.inbound.lost).toBe(0);
  // Five packets at once, up to 80 ms late, are 20 ms of change each; a second that was lost would be 62 ms and more.
  expect(there.inbound.maxJitterMs).toBeLessThan(15);
  expectEmpty(await closePhones(world, alice, bob));
});
