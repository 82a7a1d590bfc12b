// Each kind of forwarding with baresip as the phone to which it leads; loops; star codes; the echo test.
import { afterEach, describe, expect, it } from 'vitest';
import { readWav, toneSeconds } from '../../support/peers/recording.ts';
import { missingPeer } from '../../support/peers/require-peer.ts';
import { Lab } from './lab.ts';

let lab: Lab | undefined;

afterEach(async () => {
  await lab?.close();
  lab = undefined;
});

/** A server on which bob forwards to carol in one way. */
async function openLab(forward: Readonly<Record<string, unknown>>, carol = {}): Promise<Lab> {
  lab = await Lab.open({
    ringSeconds: 15,
    users: {
      alice: { password: 'alice-secret' },
      bob: { password: 'bob-secret', forward },
      carol: { password: 'carol-secret', forward: carol },
    },
  });
  return lab;
}

const SHORT_CALL = ['--play', 'tone:440', '--duration', '1.5'];

describe.skipIf(missingPeer('baresip'))('forwarding to baresip', () => {
  it('always', async () => {
    const open = await openLab({ always: 'carol' });
    const bob = await open.baresip('bob');
    const carol = await open.baresip('carol', { answerMode: 'auto' });
    const { status } = await open.call('alice', 'bob', SHORT_CALL);
    expect(status).toBe(0);
    await carol.waitFor('CALL_CLOSED');
    expect(bob.events.some(({ type }) => type === 'CALL_INCOMING')).toBe(false);
    expect(await open.closedRecord()).toMatchObject({
      dst: 'bob',
      lastDst: 'carol',
      disposition: 'ANSWERED',
    });
  });

  it('on busy', async () => {
    const open = await openLab({ busy: 'carol' });
    const bob = await open.baresip('bob');
    const carol = await open.baresip('carol', { answerMode: 'auto' });
    const calling = open.calling('alice', 'bob', SHORT_CALL);
    await bob.waitFor('CALL_INCOMING');
    void bob.command('hangup');
    await carol.waitFor('CALL_ESTABLISHED');
    expect((await calling.result()).status).toBe(0);
    expect(await open.closedRecord()).toMatchObject({ lastDst: 'carol', disposition: 'ANSWERED' });
  });

  it('on no answer, after its own time', async () => {
    const open = await openLab({ noAnswer: { target: 'carol', afterSeconds: 2 } });
    const bob = await open.baresip('bob');
    const carol = await open.baresip('carol', { answerMode: 'auto' });
    const calling = open.calling('alice', 'bob', SHORT_CALL);
    await bob.waitFor('CALL_INCOMING');
    await bob.waitFor('CALL_CLOSED');
    await carol.waitFor('CALL_ESTABLISHED');
    expect((await calling.result()).status).toBe(0);
    expect(await open.closedRecord()).toMatchObject({ lastDst: 'carol', disposition: 'ANSWERED' });
  });

  it('when unreachable', async () => {
    const open = await openLab({ unreachable: 'carol' });
    const carol = await open.baresip('carol', { answerMode: 'auto' });
    expect((await open.call('alice', 'bob', SHORT_CALL)).status).toBe(0);
    await carol.waitFor('CALL_CLOSED');
    expect(await open.closedRecord()).toMatchObject({ lastDst: 'carol', disposition: 'ANSWERED' });
  });

  it('a loop ends with 482 or 486 and rings nobody', async () => {
    const open = await openLab({ always: 'carol' }, { always: 'bob' });
    const carol = await open.baresip('carol', { answerMode: 'auto' });
    const { status, reports } = await open.call('alice', 'bob', SHORT_CALL);
    expect(status).toBe(1);
    expect([482, 486]).toContain(reports[0]?.status);
    expect(carol.events.some(({ type }) => type === 'CALL_INCOMING')).toBe(false);
    expect(await open.closedRecord()).toMatchObject({ answer: null });
  });
});

describe.skipIf(missingPeer('baresip'))('star codes', () => {
  it.each([
    { kind: 'always', set: '*72', cancel: '*73' },
    { kind: 'on busy', set: '*90', cancel: '*91' },
    { kind: 'on no answer', set: '*52', cancel: '*53' },
  ])('$set and $cancel are answered with a tone: $kind', async ({ set, cancel }) => {
    const open = await openLab({});
    expect((await open.call('bob', `${set}carol`, ['--play', 'silence'])).reports).toMatchObject([
      { isAnswered: true },
    ]);
    expect((await open.call('bob', cancel, ['--play', 'silence'])).reports).toMatchObject([
      { isAnswered: true },
    ]);
  });

  it('*72 forwards the next call, and *73 no more', async () => {
    const open = await openLab({});
    const bob = await open.baresip('bob', { answerMode: 'auto' });
    const carol = await open.baresip('carol', { answerMode: 'auto' });
    bob.dial(open.uriOf('*72carol'));
    await bob.waitFor('CALL_CLOSED');
    expect((await open.call('alice', 'bob', SHORT_CALL)).status).toBe(0);
    await carol.waitFor('CALL_CLOSED');
    bob.dial(open.uriOf('*73'));
    await bob.waitFor('CALL_CLOSED');
    expect((await open.call('alice', 'bob', SHORT_CALL)).status).toBe(0);
    await bob.waitFor('CALL_CLOSED');
    expect(carol.events.filter(({ type }) => type === 'CALL_ESTABLISHED')).toHaveLength(1);
  });

  it('*43 echoes', async () => {
    const open = await openLab({});
    const alice = await open.baresip('alice', { sound: 440 });
    alice.dial(open.uriOf('*43'));
    await alice.waitFor('CALL_ESTABLISHED');
    await new Promise((resolve) => setTimeout(resolve, 2500));
    void alice.command('hangup');
    await alice.waitFor('CALL_CLOSED');
    expect(toneSeconds(alice.heard()[0]!, 440)).toBeGreaterThan(1.5);
  });

  it('*43 echoes to our own phone', async () => {
    const open = await openLab({});
    const heard = open.path('heard.wav');
    const { status } = await open.call('alice', '*43', [...SHORT_CALL, '--record', heard]);
    expect(status).toBe(0);
    expect(toneSeconds(readWav(heard), 440)).toBeGreaterThan(0.8);
  });
});
