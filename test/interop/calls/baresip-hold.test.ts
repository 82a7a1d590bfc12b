// Hold and resume with baresip, from either side. baresip echoes, so that one recording proves both directions.
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readWav, slice, toneSeconds } from '../../support/peers/recording.ts';
import { missingPeer } from '../../support/peers/require-peer.ts';
import { Lab } from './lab.ts';

let lab: Lab;

beforeEach(async () => {
  lab = await Lab.open();
});

afterEach(async () => {
  await lab.close();
});

describe.skipIf(missingPeer('baresip'))('hold with baresip', () => {
  it('is silent while baresip holds and heard again when it resumes', async () => {
    const heard = lab.path('heard.wav');
    const bob = await lab.baresip('bob', { answerMode: 'auto', sound: 'echo' });
    const calling = lab.calling('alice', 'bob', ['--play', 'tone:440', '--record', heard, '--duration', '9']);
    await bob.waitFor('CALL_ESTABLISHED');
    await delay(2000);
    bob.command('hold');
    await delay(3000);
    bob.command('resume');
    const { status } = await calling.result();
    expect(status).toBe(0);
    const sound = readWav(heard);
    const seconds = sound.samples.length / sound.sampleRateHz;
    expect(seconds).toBeGreaterThan(7);
    // The hold lies from 2 to 5 s; half a second around each edge is left out.
    expect(toneSeconds(slice(sound, 0.5, 1.8), 440)).toBeGreaterThan(0.8);
    expect(toneSeconds(slice(sound, 2.8, 4.6), 440)).toBe(0);
    expect(toneSeconds(slice(sound, 6, 8), 440)).toBeGreaterThan(1.2);
    expect(await lab.closedRecord()).toMatchObject({ disposition: 'ANSWERED' });
  });

  it('is silent while we hold and heard again when we resume', async () => {
    const heard = lab.path('heard.wav');
    const bob = await lab.baresip('bob', { answerMode: 'auto', sound: 'echo' });
    const phone = lab.interactive('alice', ['--play', 'tone:440', '--record', heard]);
    await phone.waitForLog(/registered as/);
    phone.write('/dial bob\n');
    await bob.waitFor('CALL_ESTABLISHED');
    await delay(2000);
    phone.write('/hold\n');
    await phone.waitForLog(/on hold/);
    await delay(3000);
    phone.write('/resume\n');
    await delay(3500);
    phone.write('/hangup\n');
    await bob.waitFor('CALL_CLOSED');
    await delay(300);
    phone.write('/quit\n');
    await phone.waitForExit(5000);
    const sound = readWav(heard);
    expect(toneSeconds(slice(sound, 0.5, 1.8), 440)).toBeGreaterThan(0.8);
    expect(toneSeconds(slice(sound, 2.8, 4.6), 440)).toBe(0);
    expect(toneSeconds(slice(sound, 6, 8), 440)).toBeGreaterThan(1.2);
  });
});
