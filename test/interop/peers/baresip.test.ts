// The foreign phone proves itself before it proves us: baresip calls baresip.
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { type Baresip, type BaresipOptions, startBaresip } from '../../support/peers/baresip.ts';
import type { BaresipCodec } from '../../support/peers/baresip-settings.ts';
import { toneSeconds } from '../../support/peers/recording.ts';
import { missingPeer } from '../../support/peers/require-peer.ts';

const phones: Baresip[] = [];

afterEach(async () => {
  await Promise.all(phones.splice(0).map((phone) => phone.stop()));
});

async function start(options: BaresipOptions): Promise<Baresip> {
  const phone = await startBaresip(options);
  phones.push(phone);
  return phone;
}

describe.skipIf(missingPeer('baresip'))('baresip with baresip', () => {
  it.each<BaresipCodec>(['opus', 'pcmu'])('each hears the tone of the other with %s', async (codec) => {
    const caller = await start({ account: { user: 'a' }, codecs: [codec], sound: 440 });
    const callee = await start({ account: { user: 'b', answerMode: 'auto' }, codecs: [codec], sound: 700 });
    caller.dial(callee.directUri);
    await caller.waitFor('CALL_ESTABLISHED');
    await delay(2000);
    void caller.command('hangup');
    await callee.waitFor('CALL_CLOSED');
    expect(toneSeconds(caller.heard()[0]!, 700)).toBeGreaterThan(1);
    expect(toneSeconds(callee.heard()[0]!, 440)).toBeGreaterThan(1);
    expect(toneSeconds(callee.heard()[0]!, 700)).toBe(0);
  });

  it.each<BaresipCodec>(['opus', 'pcmu'])('echoes what it hears with %s', async (codec) => {
    const caller = await start({ account: { user: 'a' }, codecs: [codec], sound: 440 });
    const callee = await start({
      account: { user: 'b', answerMode: 'auto' },
      codecs: [codec],
      sound: 'echo',
    });
    caller.dial(callee.directUri);
    await caller.waitFor('CALL_ESTABLISHED');
    await delay(2000);
    void caller.command('hangup');
    await callee.waitFor('CALL_CLOSED');
    expect(toneSeconds(caller.heard()[0]!, 440)).toBeGreaterThan(1);
  });
});
