// Calls over IPv6, and from one family to the other.
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { readWav, toneSeconds } from '../../support/peers/recording.ts';
import { missingPeer } from '../../support/peers/require-peer.ts';
import { Lab } from './lab.ts';

const IPV4 = '127.0.0.1';
const IPV6 = '::1';
const CALL_SECONDS = 3;
const LEAST_HEARD_SECONDS = 1.5;
const CODEC = ['--codec', 'pcmu'];

let lab: Lab;

afterEach(async () => {
  await lab.close();
});

const SERVERS = [
  { name: 'IPv6 alone', addresses: [IPV6], caller: IPV6, callee: IPV6 },
  { name: 'IPv6 to IPv4', addresses: [IPV4, IPV6], caller: IPV6, callee: IPV4 },
  { name: 'IPv4 to IPv6', addresses: [IPV4, IPV6], caller: IPV4, callee: IPV6 },
  { name: 'IPv6 to IPv4 at every address', addresses: ['0.0.0.0', '::'], caller: IPV6, callee: IPV4 },
] as const;

describe('a call between two of our phones', () => {
  it.each(SERVERS)('is heard both ways: $name', async ({ addresses: [first, ...others], caller, callee }) => {
    lab = await Lab.openAt(first, ...others);
    const [heardByBob, heardByAlice] = [lab.path('bob.wav'), lab.path('alice.wav')];
    const answering = await lab.answering(
      'bob',
      ['--once', ...CODEC, '--play', 'tone:700', '--record', heardByBob],
      callee,
    );
    const sound = [...CODEC, '--play', 'tone:440', '--record', heardByAlice, '--duration', `${CALL_SECONDS}`];
    const calling = lab.calling('alice', 'bob', sound, caller);
    const { status, reports } = await calling.result();
    expect((await answering.result()).status).toBe(0);
    expect(status).toBe(0);
    expect(reports).toMatchObject([{ isAnswered: true, status: 200 }]);
    expect(toneSeconds(readWav(heardByAlice), 700)).toBeGreaterThan(LEAST_HEARD_SECONDS);
    expect(toneSeconds(readWav(heardByBob), 440)).toBeGreaterThan(LEAST_HEARD_SECONDS);
    expect(await lab.closedRecord()).toMatchObject({ src: 'alice', dst: 'bob', disposition: 'ANSWERED' });
  });

  it('works over TCP', async () => {
    lab = await Lab.openAt(IPV6);
    await lab.answering('bob', ['--once', ...CODEC, '--echo', '--transport', 'tcp']);
    const heard = lab.path('heard.wav');
    const sound = [
      '--transport',
      'tcp',
      ...CODEC,
      '--play',
      'tone:440',
      '--record',
      heard,
      '--duration',
      '3',
    ];
    expect((await lab.call('alice', 'bob', sound)).status).toBe(0);
    expect(toneSeconds(readWav(heard), 440)).toBeGreaterThan(LEAST_HEARD_SECONDS);
  });
});

const PARTNERS = [
  { name: 'IPv6 alone', addresses: [IPV6], ours: IPV6 },
  { name: 'ours has IPv4', addresses: [IPV4, IPV6], ours: IPV4 },
] as const;

describe.skipIf(missingPeer('baresip'))('a call with baresip over IPv6', () => {
  it.each(PARTNERS)('`patchcord call` calls it: $name', async ({ addresses: [first, ...others], ours }) => {
    lab = await Lab.openAt(first, ...others);
    const bob = await lab.baresip('bob', { address: IPV6, sound: 700, answerMode: 'auto' });
    const heard = lab.path('heard.wav');
    const sound = [...CODEC, '--play', 'tone:440', '--record', heard, '--duration', `${CALL_SECONDS}`];
    const { status } = await lab.calling('alice', 'bob', sound, ours).result();
    await bob.waitFor('CALL_CLOSED');
    expect(status).toBe(0);
    expect(toneSeconds(readWav(heard), 700)).toBeGreaterThan(LEAST_HEARD_SECONDS);
    expect(toneSeconds(bob.heard()[0]!, 440)).toBeGreaterThan(LEAST_HEARD_SECONDS);
  });

  it.each(PARTNERS)('it calls `patchcord answer`: $name', async ({ addresses: [first, ...others], ours }) => {
    lab = await Lab.openAt(first, ...others);
    const heard = lab.path('heard.wav');
    const answering = await lab.answering(
      'bob',
      ['--once', ...CODEC, '--play', 'tone:700', '--record', heard],
      ours,
    );
    const alice = await lab.baresip('alice', { address: IPV6, sound: 440 });
    alice.dial(lab.uriOf('bob', IPV6));
    await alice.waitFor('CALL_ESTABLISHED');
    await delay(CALL_SECONDS * 1000);
    void alice.command('hangup');
    expect((await answering.result()).status).toBe(0);
    expect(toneSeconds(readWav(heard), 440)).toBeGreaterThan(LEAST_HEARD_SECONDS);
    expect(toneSeconds(alice.heard()[0]!, 700)).toBeGreaterThan(LEAST_HEARD_SECONDS);
  });
});
