import { describe, expect } from 'vitest';
import { SilenceSource } from '../../../media/index.ts';
import { compareSounds, exitStatusOf, isSameSound } from '../../../softphone/index.ts';
import {
  createWorld,
  dropEvery,
  expectEmpty,
  type LossModel,
  scenario,
  type World,
} from '../../support/index.ts';
import { BOB, closePhones, connect, isRtp, type TestPhone, testPhone, voice } from './phones.ts';

const soundOf = ({ heard }: TestPhone, call = 0) => ({
  sampleRateHz: heard[call]?.sampleRateHz ?? 0,
  channels: 1,
  pcm: heard[call]?.pcm ?? new Int16Array(),
});

describe('two phones call each other directly', () => {
  for (const codec of ['opus', 'pcmu', 'pcma'] as const) {
    scenario(
      `${codec}: each hears the other, and both reports are right`,
      { link: { delayMs: 30 } },
      async (world) => {
        const alice = await testPhone(world, 'alice', { codecs: [codec] });
        const bob = await testPhone(world, 'bob');
        const { outgoing, incoming } = await connect(world, alice, bob);
        await world.run(16_000);
        outgoing.hangUp();
        const [here, there] = await world.complete(Promise.all([outgoing.finished, incoming.finished]));

        expect(isSameSound(compareSounds(voice(2), soundOf(alice)))).toBe(true);
        expect(isSameSound(compareSounds(voice(1), soundOf(bob)))).toBe(true);
        expect(isSameSound(compareSounds(voice(1), soundOf(alice)))).toBe(false);

        expect([here.isAnswered, here.status, here.endedBy, there.endedBy]).toEqual([
          true,
          200,
          'local',
          'remote',
        ]);
        expect(here.codec).toBe(codec === 'opus' ? 'opus/48000' : `${codec}/8000`);
        expect(here.setup.ringingMs).toBeGreaterThanOrEqual(60);
        expect(here.setup.answeredMs).toBeGreaterThanOrEqual(here.setup.ringingMs ?? 0);
        expect(here.durationMs).toBeGreaterThan(15_900);
        expect(here.durationMs).toBeLessThan(16_100);
        for (const report of [here, there]) {
          expect([report.inbound.lost, report.inbound.discarded]).toEqual([0, 0]);
          expect(report.inbound.packets).toBeGreaterThan(795);
          expect(report.inbound.packets).toBeLessThan(806);
          expect(report.inbound.mosCq).toBeGreaterThan(codec === 'opus' ? 4 : 3.9);
          expect(report.roundTripMs).toBeCloseTo(60, -1);
          expect(report.farEnd?.lost).toBe(0);
          expect(exitStatusOf(report, 3.9)).toBe(0);
          expect(exitStatusOf(report, 4.9)).toBe(3);
        }
        expect(here.outbound.packets - there.inbound.packets).toBeLessThan(4);
        expectEmpty(await closePhones(world, alice, bob));
      },
    );
  }

  scenario('lost is exactly what the network lost, and quality falls', {}, async (world) => {
    const alice = await testPhone(world, 'alice');
    const bob = await testPhone(world, 'bob');
    const { outgoing, incoming } = await connect(world, alice, bob);
    let lost = 0;
    world.linkOneWay('alice', 'bob', { loss: rtpOnly(10, () => (lost += 1)) });
    await world.run(5990);
    world.linkOneWay('alice', 'bob', {});
    await world.run(500);
    incoming.hangUp();
    const [here, there] = await world.complete(Promise.all([outgoing.finished, incoming.finished]));
    expect(lost).toBeGreaterThan(25);
    expect(there.inbound.lost).toBe(lost);
    expect(here.inbound.lost).toBe(0);
    expect(here.outbound.packets).toBe(there.inbound.packets + lost);
    // By as much as FEC did not make good again.
    expect(there.inbound.mosCq ?? 5).toBeLessThan((here.inbound.mosCq ?? 0) - 0.02);
    expect(isSameSound(compareSounds(voice(1), soundOf(bob)))).toBe(true);
    expectEmpty(await closePhones(world, alice, bob));
  });

  scenario('hold and resume, from both sides', {}, async (world) => {
    const alice = await testPhone(world, 'alice');
    const bob = await testPhone(world, 'bob');
    const { outgoing, incoming } = await connect(world, alice, bob);
    await world.run(1000);
    expect(await world.complete(outgoing.hold())).toBe(true);
    expect([outgoing.isHeld, outgoing.isHeldByPeer, incoming.isHeldByPeer]).toEqual([true, false, true]);
    await world.run(100);
    const heldAt = outgoing.report().inbound.packets;
    await world.run(2000);
    expect(outgoing.report().inbound.packets).toBe(heldAt);
    expect(await world.complete(incoming.hold())).toBe(true);
    expect([outgoing.isHeldByPeer, incoming.isHeldByPeer]).toEqual([true, true]);
    expect(await world.complete(outgoing.resume())).toBe(true);
    expect([outgoing.isHeldByPeer, incoming.isHeldByPeer]).toEqual([true, false]);
    expect(await world.complete(incoming.resume())).toBe(true);
    expect([outgoing.isHeldByPeer, incoming.isHeldByPeer]).toEqual([false, false]);
    await world.run(2000);
    expect(outgoing.report().inbound.packets).toBeGreaterThan(heldAt + 95);
    incoming.hangUp();
    const [here, there] = await world.complete(Promise.all([outgoing.finished, incoming.finished]));
    expect([here.inbound.lost, there.inbound.lost]).toEqual([0, 0]);
    expectEmpty(await closePhones(world, alice, bob));
  });

  scenario('digits arrive once each, in their order', {}, async (world) => {
    const alice = await testPhone(world, 'alice');
    const bob = await testPhone(world, 'bob');
    const { outgoing, incoming } = await connect(world, alice, bob);
    const digits: string[] = [];
    incoming.on('digit', ({ digit }) => digits.push(digit));
    expect(outgoing.sendDigits('0123456789*#ABCD')).toBe(true);
    expect(outgoing.sendDigits('x')).toBe(false);
    expect(outgoing.sendDigits('')).toBe(false);
    await world.run(8000);
    outgoing.sendDigits('55');
    await world.run(2000);
    outgoing.hangUp();
    const there = await world.complete(incoming.finished);
    expect(digits.join('')).toBe('0123456789*#ABCD55');
    expect(there.digits).toBe('0123456789*#ABCD55');
    // Their packets stand among those of the sound, and none of that is lost.
    expect(there.inbound.playout).toMatchObject({ lost: 0, concealedMs: 0 });
    expectEmpty(await closePhones(world, alice, bob));
  });

  scenario('a muted phone sends silence, and the far end knows that no sound arrives', {}, async (world) => {
    const alice = await testPhone(world, 'alice', { makeSource: () => new SilenceSource() });
    const bob = await testPhone(world, 'bob', { codecs: ['pcmu'] });
    const { outgoing, incoming } = await connect(world, alice, bob);
    await world.run(2000);
    incoming.setMuted(true);
    await world.run(500);
    const before = soundOf(alice).pcm.length;
    await world.run(1000);
    expect(
      soundOf(alice)
        .pcm.subarray(before)
        .every((sample) => Math.abs(sample) < 10),
    ).toBe(true);
    outgoing.hangUp();
    const [here, there] = await world.complete(Promise.all([outgoing.finished, incoming.finished]));
    expect([exitStatusOf(here), exitStatusOf(there)]).toEqual([0, 4]);
    expect(there.inbound.packets).toBeGreaterThan(150);
    expectEmpty(await closePhones(world, alice, bob));
  });

  scenario('no sound at all: the call is answered and nothing comes', {}, async (world) => {
    const alice = await testPhone(world, 'alice');
    const bob = await testPhone(world, 'bob');
    world.link('alice', 'bob', { loss: rtpOnly(1, () => {}) });
    const { outgoing } = await connect(world, alice, bob);
    await world.run(3000);
    outgoing.hangUp();
    const here = await world.complete(outgoing.finished);
    expect(exitStatusOf(here)).toBe(4);
    expect([here.inbound.packets, here.inbound.lost, here.inbound.mosCq]).toEqual([0, null, null]);
    expectEmpty(await closePhones(world, alice, bob));
  });
});

describe('calls that do not come about', () => {
  const cases = [
    { name: 'busy', act: 'reject', status: 486 },
    { name: 'declined', act: 'decline', status: 603 },
    { name: 'cancelled', act: 'cancel', status: 487 },
  ] as const;
  for (const { name, act, status } of cases) {
    scenario(`${name}: status ${status} in both reports, exit status 1`, {}, async (world) => {
      const alice = await testPhone(world, 'alice');
      const bob = await testPhone(world, 'bob');
      const theirs: Promise<unknown>[] = [];
      bob.phone.on('call', (call) => {
        theirs.push(call.finished);
        if (act === 'reject') call.reject();
        if (act === 'decline') call.reject(603);
      });
      const outgoing = await world.complete(alice.phone.call(`sip:bob@${BOB}`));
      await world.run(1000);
      if (act === 'cancel') outgoing.hangUp();
      const report = await world.complete(outgoing.finished);
      expect([report.isAnswered, report.status, exitStatusOf(report, 4)]).toEqual([false, status, 1]);
      expect(await world.complete(Promise.all(theirs))).toMatchObject([{ isAnswered: false, status }]);
      expectEmpty(await closePhones(world, alice, bob));
    });
  }

  scenario('nobody there: 408 or 503 after the timers of SIP', {}, async (world) => {
    const alice = await testPhone(world, 'alice');
    const outgoing = await world.complete(alice.phone.call('sip:nobody@203.0.113.9'));
    const report = await world.complete(outgoing.finished);
    expect(exitStatusOf(report)).toBe(1);
    expect(report.reason).not.toBe('');
    expectEmpty(await closePhones(world, alice));
  });

  scenario('no codec in common: 488', {}, async (world) => {
    const alice = await testPhone(world, 'alice', { codecs: ['pcma'] });
    const bob = await testPhone(world, 'bob', { codecs: ['opus'] });
    bob.phone.on('call', (call) => void call.accept());
    const outgoing = await world.complete(alice.phone.call(`sip:bob@${BOB}`));
    const report = await world.complete(outgoing.finished);
    expect([report.status, exitStatusOf(report)]).toEqual([488, 1]);
    expectEmpty(await closePhones(world, alice, bob));
  });
});

describe('ping', () => {
  scenario(
    'measures the round trip, and a silent peer is a miss',
    { link: { delayMs: 25 } },
    async (world) => {
      const alice = await testPhone(world, 'alice');
      const bob = await testPhone(world, 'bob');
      const reply = await world.complete(alice.phone.ping(`sip:${BOB}`, { sequence: 7 }));
      expect([reply.sequence, reply.roundTripMs, reply.status]).toEqual([7, 50, 200]);
      bob.host.unplug();
      const miss = await world.complete(alice.phone.ping(`sip:${BOB}`));
      expect([miss.roundTripMs, miss.status]).toEqual([null, null]);
      bob.host.replug();
      expectEmpty(await closePhones(world, alice, bob));
    },
  );
});

scenario('a phone that is closed hangs up its calls first', {}, async (world) => {
  const alice = await testPhone(world, 'alice');
  const bob = await testPhone(world, 'bob');
  const { outgoing, incoming } = await connect(world, alice, bob);
  await world.run(500);
  await world.complete(bob.phone.close());
  const [here, there] = await world.complete(Promise.all([outgoing.finished, incoming.finished]));
  expect([here.endedBy, there.endedBy]).toEqual(['remote', 'local']);
  expectEmpty(await closePhones(world, alice, bob));
});

scenario('a source that throws ends its own call, and no other', { allowErrorLogs: true }, async (world) => {
  let calls = 0;
  const makeSource = () => {
    calls += 1;
    return calls === 1 ? new SilenceSource() : new BrokenSource();
  };
  const alice = await testPhone(world, 'alice', { makeSource });
  const bob = await testPhone(world, 'bob');
  const first = await connect(world, alice, bob);
  const second = await connect(world, alice, bob);
  const report = await world.complete(second.outgoing.finished);
  expect([report.endedBy, report.reason]).toEqual(['local', 'the source is broken']);
  await world.run(1000);
  expect([first.outgoing.state, first.incoming.state]).toEqual(['answered', 'answered']);
  expect(alice.host.logs.filter(({ level }) => level === 'error')).toHaveLength(1);
  expectEmpty(await closePhones(world, alice, bob));
});

class BrokenSource extends SilenceSource {
  override read(): void {
    throw new Error('the source is broken');
  }
}

scenario('the same seed gives the same bytes', {}, async (world) => {
  await play(world);
  const again = createWorld({ seed: world.seed });
  const other = createWorld({ seed: world.seed + 1 });
  await play(again);
  await play(other);
  expect(again.trace.digest).toBe(world.trace.digest);
  expect(other.trace.digest).not.toBe(world.trace.digest);
});

async function play(world: World): Promise<void> {
  const alice = await testPhone(world, 'alice');
  const bob = await testPhone(world, 'bob');
  const { outgoing } = await connect(world, alice, bob);
  await world.run(1000);
  outgoing.hangUp();
  await closePhones(world, alice, bob);
}

/** Loses every `period`th RTP packet, and counts. */
function rtpOnly(period: number, onLost: () => void): LossModel {
  return {
    name: `every ${period}th RTP packet`,
    start: (random) => {
      const isTurn = dropEvery(period).start(random);
      return (packet) => {
        const isLost = isRtp(packet) && isTurn(packet);
        if (isLost) onLost();
        return isLost;
      };
    },
  };
}
