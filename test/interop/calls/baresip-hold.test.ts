// Hold and resume with baresip, from either side. Our recording proves one direction, baresip's count the other.
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Baresip } from '../../support/peers/baresip.ts';
import { longestWithoutTone, readWav, slice, toneSeconds } from '../../support/peers/recording.ts';
import { missingPeer } from '../../support/peers/require-peer.ts';
import { Lab } from './lab.ts';

let lab: Lab;

beforeEach(async () => {
  lab = await Lab.open();
});

afterEach(async () => {
  await lab.close();
});

const HOLD_MS = 3000;
const AFTER_MS = 3500;

/** Talks, holds, resumes, talks on. @returns packets that baresip received in the middle of the hold and after it */
async function holdAndResume(
  bob: Baresip,
  actions: { hold(): unknown; resume(): unknown },
): Promise<{ held: number; resumed: number }> {
  await delay(2000);
  actions.hold();
  await delay(500);
  const atHold = await bob.receivedPackets();
  await delay(HOLD_MS - 1000);
  const held = (await bob.receivedPackets()) - atHold;
  await delay(500);
  actions.resume();
  await delay(500);
  const atResume = await bob.receivedPackets();
  await delay(AFTER_MS - 500);
  return { held, resumed: (await bob.receivedPackets()) - atResume };
}

/** A phone that a busy machine stalls leaves time out of its recording: the hold is known by its length, not its place. */
function expectHeardAroundHold(recording: string): void {
  const sound = readWav(recording);
  const hold = longestWithoutTone(sound, 700);
  expect(hold.toSeconds - hold.fromSeconds).toBeGreaterThan(HOLD_MS / 2000);
  expect(toneSeconds(slice(sound, 0, hold.fromSeconds), 700)).toBeGreaterThan(0.8);
  expect(toneSeconds(slice(sound, hold.toSeconds), 700)).toBeGreaterThan(1.2);
}

describe.skipIf(missingPeer('baresip'))('hold with baresip', () => {
  it('is silent while baresip holds and heard again when it resumes', async () => {
    const heard = lab.path('heard.wav');
    const bob = await lab.baresip('bob', { answerMode: 'auto', sound: 700 });
    const calling = lab.calling('alice', 'bob', ['--play', 'tone:440', '--record', heard]);
    await bob.waitFor('CALL_ESTABLISHED');
    const { held, resumed } = await holdAndResume(bob, {
      hold: () => bob.command('hold'),
      resume: () => bob.command('resume'),
    });
    void bob.command('hangup');
    expect((await calling.result()).status).toBe(0);
    expect(held).toBeLessThan(5);
    expect(resumed).toBeGreaterThan(100);
    expectHeardAroundHold(heard);
    expect(await lab.closedRecord()).toMatchObject({ disposition: 'ANSWERED' });
  });

  it('is silent while we hold and heard again when we resume', async () => {
    const heard = lab.path('heard.wav');
    const bob = await lab.baresip('bob', { answerMode: 'auto', sound: 700 });
    const phone = lab.interactive('alice', ['--play', 'tone:440', '--record', heard]);
    await phone.waitForLog(/registered as/);
    phone.write('/dial bob\n');
    await bob.waitFor('CALL_ESTABLISHED');
    const { held, resumed } = await holdAndResume(bob, {
      hold: () => phone.write('/hold\n'),
      resume: () => phone.write('/resume\n'),
    });
    phone.write('/hangup\n');
    await bob.waitFor('CALL_CLOSED');
    await delay(300);
    phone.write('/quit\n');
    expect(await phone.waitForExit(5000)).toMatchObject({ code: 0 });
    // Silence goes on, so that nobody takes the call for dead.
    expect(held).toBeGreaterThan(0);
    expect(resumed).toBeGreaterThan(100);
    expectHeardAroundHold(heard);
  });
});

describe('hold between our own phones', () => {
  it('whom we hold hears silence', async () => {
    const heard = lab.path('heard.wav');
    const answering = await lab.answering('bob', ['--once', '--play', 'silence', '--record', heard]);
    const phone = lab.interactive('alice', ['--play', 'tone:440']);
    await phone.waitForLog(/registered as/);
    phone.write('/dial bob\n');
    await answering.process.waitForLog(/call from/);
    await delay(2500);
    phone.write('/hold\n');
    await phone.waitForLog(/on hold/);
    await delay(HOLD_MS);
    phone.write('/quit\n');
    await answering.result();
    const sound = readWav(heard);
    const heldSeconds = HOLD_MS / 2000;
    expect(toneSeconds(slice(sound, 0, -heldSeconds), 440)).toBeGreaterThan(0.8);
    expect(toneSeconds(slice(sound, -heldSeconds), 440)).toBe(0);
  });
});
