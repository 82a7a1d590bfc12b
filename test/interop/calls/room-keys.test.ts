// Foreign phones at the door of a conference room: baresip dials it, enters the PIN, is heard, and leaves by its keys.
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Baresip } from '../../support/peers/baresip.ts';
import { readWav, toneSeconds } from '../../support/peers/recording.ts';
import { missingPeer } from '../../support/peers/require-peer.ts';
import { Lab } from './lab.ts';

/** Long enough for the packets of one event, and a pause. */
const KEY_MS = 300;

let lab: Lab;

beforeEach(async () => {
  lab = await Lab.open({ rooms: { lounge: { pin: '1234', keys: 'freeswitch' } } });
});

afterEach(async () => {
  await lab.close();
});

async function press(phone: Baresip, keys: string): Promise<void> {
  for (const key of keys) {
    await phone.command('sndcode', key);
    await delay(KEY_MS);
  }
}

describe.skipIf(missingPeer('baresip'))('a room with baresip', () => {
  it('opens by the PIN that baresip dials, and lets it leave by its key', async () => {
    const heard = lab.path('heard.wav');
    const args = [
      '--pin',
      '1234',
      '--codec',
      'g722',
      '--play',
      'tone:700',
      '--record',
      heard,
      '--duration',
      '14',
    ];
    const calling = lab.calling('bob', 'lounge', args);
    await calling.process.waitForLog(/answered/);
    // Until the PIN is keyed in.
    await delay(2000);
    const alice = await lab.baresip('alice', { codecs: ['pcmu'], sound: 440 });
    alice.dial(lab.uriOf('lounge'));
    await alice.waitFor('CALL_ESTABLISHED');
    await delay(500);
    await press(alice, '1234#');
    await delay(3000);
    await press(alice, '#');
    await alice.waitFor('CALL_CLOSED');
    const { status } = await calling.result();
    expect(status).toBe(0);
    expect(toneSeconds(readWav(heard), 440)).toBeGreaterThan(2);
    expect(toneSeconds(readWav(heard), 700)).toBe(0);
    expect(toneSeconds(alice.heard()[0]!, 700)).toBeGreaterThan(2);
    expect(toneSeconds(alice.heard()[0]!, 440)).toBe(0);
    const records = await lab.closedRecords(2);
    const left = records.find(({ src }) => src === 'alice');
    expect(left).toMatchObject({ dst: 'lounge', disposition: 'ANSWERED' });
    expect(left?.reason).toMatch(/^left by key; spoke for \d+ s$/);
  });

  it('sends baresip away after three wrong PINs', async () => {
    const alice = await lab.baresip('alice', { codecs: ['pcmu'], sound: 440 });
    alice.dial(lab.uriOf('lounge'));
    await alice.waitFor('CALL_ESTABLISHED');
    for (const wait of [1500, 2500, 0]) {
      await press(alice, '99#');
      await delay(wait);
    }
    await alice.waitFor('CALL_CLOSED');
    expect((await lab.closedRecord()).reason).toBe('three wrong PINs');
  });
});
