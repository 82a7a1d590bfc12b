// Calls that end at every moment, and phones that are closed in the midst of something.
import { describe, expect } from 'vitest';
import type { AudioSink } from '../../../media/index.ts';
import { exitStatusOf, formatReport } from '../../../softphone/index.ts';
import { expectEmpty, scenario, totalLoss } from '../../support/index.ts';
import { BOB, closePhones, connect, testPhone } from './phones.ts';

const TO_BOB = `sip:bob@${BOB}`;

describe('a phone that is closed', () => {
  scenario('while a call is being placed leaves no socket behind', {}, async (world) => {
    const alice = await testPhone(world, 'alice');
    const bob = await testPhone(world, 'bob');
    const placing = alice.phone.call(TO_BOB);
    const closing = alice.phone.close();
    await expect(world.complete(placing)).rejects.toMatchObject({ code: 'SOFTPHONE_CLOSED' });
    await world.complete(closing);
    await expect(world.complete(alice.phone.call(TO_BOB))).rejects.toMatchObject({
      code: 'SOFTPHONE_CLOSED',
    });
    expectEmpty(await closePhones(world, alice, bob));
  });

  scenario('while it accepts a call has no socket when it says so', {}, async (world) => {
    const alice = await testPhone(world, 'alice');
    const bob = await testPhone(world, 'bob');
    let closing: Promise<void> | undefined;
    bob.phone.on('call', (call) => {
      void call.accept();
      closing = bob.phone.close();
    });
    const outgoing = await world.complete(alice.phone.call(TO_BOB));
    await world.complete(outgoing.finished);
    await world.complete(closing ?? Promise.resolve());
    expectEmpty(await closePhones(world, alice, bob));
  });

  scenario('closes what all its calls hear from, once', {}, async (world) => {
    let closed = 0;
    const alice = await testPhone(world, 'alice');
    const makeSource = Object.assign(() => ({ sampleRateHz: 8000, isEnded: false, read: () => {} }), {
      close: () => {
        closed += 1;
      },
    });
    const bob = await testPhone(world, 'bob', { makeSource });
    await connect(world, alice, bob);
    await world.run(100);
    expect(closed).toBe(0);
    expectEmpty(await closePhones(world, alice, bob));
    expect(closed).toBe(1);
  });
});

scenario('a call that nobody answers or gives up ends by itself: 480', {}, async (world) => {
  const alice = await testPhone(world, 'alice');
  const bob = await testPhone(world, 'bob');
  bob.phone.on('call', () => {});
  const outgoing = await world.complete(alice.phone.call(TO_BOB));
  await world.run(179_000);
  expect(outgoing.state).toBe('ringing');
  const report = await world.complete(outgoing.finished);
  expect([report.status, exitStatusOf(report)]).toEqual([480, 1]);
  expectEmpty(await closePhones(world, alice, bob));
});

scenario(
  'a call whose far end is gone ends after a minute without RTP and RTCP: exit status 1',
  {},
  async (world) => {
    const alice = await testPhone(world, 'alice', { codecs: ['pcmu'] });
    const bob = await testPhone(world, 'bob');
    const { outgoing, incoming } = await connect(world, alice, bob);
    await world.run(2000);
    world.link('alice', 'bob', { loss: totalLoss });
    await world.run(58_000);
    expect(outgoing.state).toBe('answered');
    const report = await world.complete(outgoing.finished);
    expect(report.reason).toBe('neither sound nor RTCP came for 60 s');
    expect(exitStatusOf(report)).toBe(1);
    expect(exitStatusOf(await world.complete(incoming.finished))).toBe(1);
    expectEmpty(await closePhones(world, alice, bob));
  },
);

scenario(
  'a call whose sound stopped is not good enough for --min-mos, and its report says so',
  {},
  async (world) => {
    const alice = await testPhone(world, 'alice');
    const bob = await testPhone(world, 'bob');
    const { outgoing } = await connect(world, alice, bob);
    await world.run(3000);
    world.link('alice', 'bob', { loss: totalLoss });
    await world.run(8000);
    outgoing.hangUp();
    world.link('alice', 'bob', {});
    const report = await world.complete(outgoing.finished);
    expect(report.silentTailMs).toBeGreaterThan(7900);
    expect([exitStatusOf(report), exitStatusOf(report, 4)]).toEqual([0, 3]);
    expect(formatReport(report)).toContain('no sound came in the last 8.0 s');
    expectEmpty(await closePhones(world, alice, bob));
  },
);

scenario('an answered call whose sound fails here has failed: exit status 1', {}, async (world) => {
  const makeSink = async () => {
    throw new Error('no speaker can be opened');
  };
  const alice = await testPhone(world, 'alice', { makeSink });
  const bob = await testPhone(world, 'bob');
  bob.phone.on('call', (call) => void call.accept());
  const outgoing = await world.complete(alice.phone.call(TO_BOB));
  const report = await world.complete(outgoing.finished);
  expect([report.isAnswered, report.reason, exitStatusOf(report)]).toEqual([
    true,
    'no speaker can be opened',
    1,
  ]);
  expectEmpty(await closePhones(world, alice, bob));
});

scenario('a recording that is not whole is told of in the report', {}, async (world) => {
  const sink: AudioSink = {
    sampleRateHz: 8000,
    write: () => {},
    close: async () => {
      throw new Error('the recording "a.wav" is not whole: no space left on device');
    },
  };
  const alice = await testPhone(world, 'alice', { makeSink: async () => sink });
  const bob = await testPhone(world, 'bob');
  const { outgoing } = await connect(world, alice, bob);
  await world.run(1000);
  outgoing.hangUp();
  const report = await world.complete(outgoing.finished);
  expect(report.recordingFailure).toBe('the recording "a.wav" is not whole: no space left on device');
  expect(formatReport(report)).toContain('no space left on device');
  expectEmpty(await closePhones(world, alice, bob));
});
