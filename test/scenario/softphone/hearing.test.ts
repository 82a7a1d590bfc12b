// What is heard over networks that are late, lossy, or stand still, and from clocks that are not ours.
import { expect } from 'vitest';
import type { Runtime } from '../../../core/index.ts';
import type { Sound } from '../../../media/index.ts';
import { compareSounds, createSoftphone, isSameSound } from '../../../softphone/index.ts';
import { expectEmpty, type Host, type LossModel, scenario } from '../../support/index.ts';
import { ALICE, closePhones, connect, isRtp, speaking, type TestPhone, testPhone, voice } from './phones.ts';

const SECONDS = 20;

const heardBy = ({ heard }: TestPhone): Sound => ({
  sampleRateHz: heard[0]?.sampleRateHz ?? 0,
  channels: 1,
  pcm: heard[0]?.pcm ?? new Int16Array(),
});

const part = ({ sampleRateHz, pcm }: Sound, fromMs: number, toMs: number): Sound => ({
  sampleRateHz,
  channels: 1,
  pcm: pcm.slice((fromMs * sampleRateHz) / 1000, (toMs * sampleRateHz) / 1000),
});

const rtpLoss = (lossRatio: number): LossModel => ({
  name: `random ${lossRatio} of RTP`,
  start: (random) => (packet) => isRtp(packet) && random.float() < lossRatio,
});

for (const codec of ['opus', 'pcmu'] as const) {
  scenario(`${codec}: speech stays speech over 40 ms of jitter and 5 % of loss`, {}, async (world) => {
    const alice = await testPhone(world, 'alice', { codecs: [codec], makeSource: speaking(1, SECONDS) });
    const bob = await testPhone(world, 'bob');
    const { outgoing, incoming } = await connect(world, alice, bob);
    world.linkOneWay('alice', 'bob', { delayMs: 30, jitterMs: 40, loss: rtpLoss(0.05) });
    await world.run(SECONDS * 1000);
    outgoing.hangUp();
    const { inbound } = await world.complete(incoming.finished);
    const { playout, packets } = inbound;
    if (!playout) throw new Error('nothing was received');
    // Almost a thousand packets: three standard deviations of the chance are 2 % of them.
    expect(inbound.lossRatio).toBeGreaterThan(0.03);
    expect(inbound.lossRatio).toBeLessThan(0.07);
    expect(playout.received).toBe(packets);
    expect(Math.abs(playout.lost + playout.recovered - (inbound.lost ?? 0))).toBeLessThanOrEqual(
      playout.late,
    );
    expect(playout.late).toBeLessThan(packets * 0.02);
    // What never came is made up, and a little more where packets were waited for.
    const missingMs = 20 * (playout.lost + playout.late);
    expect(playout.concealedMs).toBeGreaterThan(missingMs - 40);
    expect(playout.concealedMs).toBeLessThan(missingMs + 50 * SECONDS);
    expect(playout.delayMs).toBeLessThan(120);
    expect(isSameSound(compareSounds(voice(1, SECONDS), heardBy(bob)))).toBe(true);
    expectEmpty(await closePhones(world, alice, bob));
  });
}

scenario('sound goes on within a second after the network stood still for two', {}, async (world) => {
  const alice = await testPhone(world, 'alice', { makeSource: speaking(1, SECONDS) });
  const bob = await testPhone(world, 'bob');
  const { outgoing, incoming } = await connect(world, alice, bob);
  await world.run(5000);
  // Everything arrives at the same moment, when the two seconds are over.
  for (let leftMs = 2000; leftMs > 0; leftMs -= 20) {
    world.linkOneWay('alice', 'bob', { delayMs: 5 + leftMs });
    await world.run(20);
  }
  world.linkOneWay('alice', 'bob', {});
  await world.run(10_000);
  outgoing.hangUp();
  await world.complete(incoming.finished);
  const [said, heard] = [voice(1, SECONDS), heardBy(bob)];
  const between = (fromMs: number, toMs: number) =>
    compareSounds(part(said, fromMs, toMs), part(heard, fromMs, toMs), 600);
  expect(isSameSound(between(8000, 10_000))).toBe(true);
  // Old sound is left out, and what is left of the delay goes away while speech goes on.
  const [before, after] = [between(0, 5000), between(12_000, 16_000)];
  expect(isSameSound(before) && isSameSound(after)).toBe(true);
  expect(after.delayMs - before.delayMs).toBeLessThan(50);
  expectEmpty(await closePhones(world, alice, bob));
});

scenario(
  'a clock that is 300 ppm off costs nothing: the delay stays, and its drift is told',
  {},
  async (world) => {
    const seconds = 30;
    const bob = await testPhone(world, 'bob');
    const host = world.host('alice', { addresses: [ALICE] });
    const phone = await world.hold(
      createSoftphone({ runtime: hasty(host, 300e-6), localPort: 5060, makeSource: speaking(1, seconds) }),
    );
    const alice: TestPhone = { host, phone, heard: [] };
    const { outgoing, incoming } = await connect(world, alice, bob);
    await world.run(seconds * 1000);
    outgoing.hangUp();
    const { inbound } = await world.complete(incoming.finished);
    expect(inbound.playout?.clockDriftPpm).toBeGreaterThan(270);
    expect(inbound.playout?.clockDriftPpm).toBeLessThan(330);
    expect(inbound.playout?.concealedMs).toBe(0);
    expect(inbound.playout?.delayMs).toBeLessThan(60);
    // 9 ms in half a minute.
    expect(inbound.playout?.compressedMs).toBeLessThan(30);
    expect(isSameSound(compareSounds(voice(1, seconds), heardBy(bob)))).toBe(true);
    expectEmpty(await closePhones(world, alice, bob));
  },
);

/** The host, whose clock runs faster than the world's by a share. */
function hasty(host: Host, share: number): Runtime {
  const { clock, random, network, log } = host;
  return {
    clock: { now: () => clock.now() * (1 + share), wallClock: () => clock.wallClock() },
    random,
    network,
    log,
    // A hair later: a timer must not fire before its moment by this clock.
    setTimer: (at, fire) => host.setTimer(at / (1 + share) + 1e-6, fire),
  };
}
