// baresip and our own phone call each other through the server: sound both ways, and a right record.
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BaresipCodec } from '../../support/peers/baresip-settings.ts';
import { readWav, toneSeconds } from '../../support/peers/recording.ts';
import { missingPeer } from '../../support/peers/require-peer.ts';
import { Lab } from './lab.ts';

let lab: Lab;

beforeEach(async () => {
  lab = await Lab.open();
});

afterEach(async () => {
  await lab.close();
});

const CODECS: readonly BaresipCodec[] = ['opus', 'pcmu'];

describe.skipIf(missingPeer('baresip'))('a call with baresip', () => {
  it.each(CODECS)('baresip calls `patchcord answer` with %s', async (codec) => {
    const heard = lab.path('heard.wav');
    const answering = await lab.answering('bob', ['--once', '--play', 'tone:700', '--record', heard]);
    const alice = await lab.baresip('alice', { codecs: [codec], sound: 440 });
    alice.dial(lab.uriOf('bob'));
    await alice.waitFor('CALL_ESTABLISHED');
    await delay(3000);
    void alice.command('hangup');
    const { status, reports } = await answering.result();
    expect(toneSeconds(readWav(heard), 440)).toBeGreaterThan(2);
    expect(toneSeconds(alice.heard()[0]!, 700)).toBeGreaterThan(2);
    expect(toneSeconds(alice.heard()[0]!, 440)).toBe(0);
    expect(status).toBe(0);
    expect(reports).toMatchObject([{ isAnswered: true, endedBy: 'remote', inbound: { lost: 0 } }]);
    expect(reports[0]?.codec).toContain(codec);
    const record = await lab.closedRecord();
    expect(record).toMatchObject({ src: 'alice', dst: 'bob', disposition: 'ANSWERED' });
    expect(record.billsec).toBeGreaterThanOrEqual(2);
    expect(record.billsec).toBeLessThanOrEqual(record.duration);
  });

  it.each(CODECS)('`patchcord call` calls baresip with %s', async (codec) => {
    const bob = await lab.baresip('bob', { codecs: [codec], sound: 700, answerMode: 'auto' });
    const heard = lab.path('heard.wav');
    const sound = ['--play', 'tone:440', '--record', heard, '--duration', '3'];
    const { status, reports } = await lab.call('alice', 'bob', sound);
    await bob.waitFor('CALL_CLOSED');
    expect(toneSeconds(readWav(heard), 700)).toBeGreaterThan(2);
    expect(toneSeconds(bob.heard()[0]!, 440)).toBeGreaterThan(2);
    expect(toneSeconds(bob.heard()[0]!, 700)).toBe(0);
    expect(status).toBe(0);
    expect(reports).toMatchObject([{ isAnswered: true, status: 200, endedBy: 'local' }]);
    expect(reports[0]?.codec).toContain(codec);
    // MOS-CQ wants a round trip, which a call shorter than baresip's RTCP interval may never measure.
    expect(reports[0]?.inbound.mosLq).toBeGreaterThan(codec === 'opus' ? 3.5 : 4);
    expect(await lab.closedRecord()).toMatchObject({ src: 'alice', dst: 'bob', disposition: 'ANSWERED' });
  });

  it('ends with the called phone hanging up', async () => {
    const bob = await lab.baresip('bob', { answerMode: 'auto' });
    const calling = lab.calling('alice', 'bob', ['--play', 'tone:440']);
    await bob.waitFor('CALL_ESTABLISHED');
    await delay(1500);
    void bob.command('hangup');
    const { status, reports } = await calling.result();
    expect(status).toBe(0);
    expect(reports).toMatchObject([{ endedBy: 'remote' }]);
    expect(await lab.closedRecord()).toMatchObject({ disposition: 'ANSWERED' });
  });

  it('works over TCP', async () => {
    const bob = await lab.baresip('bob', { answerMode: 'auto', sound: 'echo', transport: 'tcp' });
    const heard = lab.path('heard.wav');
    const sound = ['--transport', 'tcp', '--play', 'tone:440', '--record', heard, '--duration', '2'];
    const { status } = await lab.call('alice', 'bob', sound);
    expect(status).toBe(0);
    expect(toneSeconds(readWav(heard), 440)).toBeGreaterThan(1);
    await bob.waitFor('CALL_CLOSED');
  });
});

describe.skipIf(missingPeer('baresip'))('a call that baresip does not take', () => {
  it('is busy where baresip rejects it', async () => {
    const bob = await lab.baresip('bob');
    const calling = lab.calling('alice', 'bob', ['--play', 'tone:440']);
    await bob.waitFor('CALL_INCOMING');
    void bob.command('hangup');
    const { status, reports } = await calling.result();
    expect(status).toBe(1);
    expect(reports).toMatchObject([{ isAnswered: false, status: 486 }]);
    expect(await lab.closedRecord()).toMatchObject({ disposition: 'BUSY', billsec: 0, answer: null });
  });

  it('stops ringing where the caller gives up', async () => {
    const bob = await lab.baresip('bob');
    const calling = lab.calling('alice', 'bob', ['--play', 'tone:440']);
    await bob.waitFor('CALL_INCOMING');
    calling.process.signal('SIGINT');
    await bob.waitFor('CALL_CLOSED');
    expect((await calling.result()).status).toBe(1);
    expect(await lab.closedRecord()).toMatchObject({ disposition: 'NO ANSWER', answer: null });
  });
});
