// Digits of foreign phones over a network that loses 20 % of the packets: each arrives, and once.
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BaresipCodec } from '../../support/peers/baresip-settings.ts';
import { type Fates, type Impairment, impairSignaling, impairSound } from '../../support/peers/impairment.ts';
import { missingPeer } from '../../support/peers/require-peer.ts';
import { sippCredentials, startSipp } from '../../support/peers/sipp.ts';
import { type DuringCall, sendEventDigits, sendInfoDigits } from '../../support/peers/sipp-during-call.ts';
import { Lab } from './lab.ts';

const DIGITS = '0123456789*#ABCD';
const LOSS = ['--loss', '20%'];
const SEED = 4733;
/** Long enough for the packets of one event, and a pause. */
const KEY_MS = 300;

let lab: Lab;
const impairments: Impairment[] = [];

beforeEach(async () => {
  lab = await Lab.openForImpairment();
});

afterEach(async () => {
  await Promise.all(impairments.splice(0).map((one) => one.stop()));
  await lab.close();
});

/** Ended after the test, whatever happens. */
async function harmed(starting: Promise<Impairment>): Promise<Impairment> {
  const impairment = await starting;
  impairments.push(impairment);
  return impairment;
}

const CODECS: readonly BaresipCodec[] = ['opus', 'pcmu'];

describe.skipIf(missingPeer('baresip'))('digits of baresip', () => {
  it.each(CODECS)('arrive once each beside %s', async (codec) => {
    const answering = await lab.answering('alice', ['--once', '--play', 'silence']);
    const bob = await lab.baresip('bob', { codecs: [codec] });
    const impaired = await harmed(
      impairSound(lab.server, { phonePorts: bob.rtpPorts, args: LOSS, seed: SEED }),
    );
    bob.dial(lab.uriOf('alice'));
    await bob.waitFor('CALL_ESTABLISHED');
    await delay(1000);
    for (const digit of DIGITS) {
      await bob.command('sndcode', digit);
      await delay(KEY_MS);
    }
    await delay(500);
    void bob.command('hangup');
    const { reports } = await answering.result();
    expect(reports[0]?.digits).toBe(DIGITS);
    expectLossy(await impaired.end());
  });
});

describe.skipIf(missingPeer('sipp'))('digits of sipp', () => {
  /** `patchcord answer` as alice, called by sipp through `remote`. */
  async function call(remote: string, duringCall: DuringCall) {
    const answering = await lab.answering('alice', ['--once', '--play', 'silence']);
    const users = [['bob', sippCredentials('bob', 'bob-secret'), 'alice']];
    const sipp = await startSipp({ scenario: 'uac', remote, calls: 1, users, duringCall });
    return { answering, sipp };
  }

  it('arrive once each as telephone-events whose packets are lost', async () => {
    const { answering, sipp } = await call(lab.server.address, sendEventDigits(DIGITS));
    const sound = { phonePorts: sipp.mediaPorts, args: LOSS, seed: SEED };
    const impaired = await harmed(impairSound(lab.server, sound));
    expect(await sipp.result()).toMatchObject({ exitCode: 0, successful: 1 });
    expect((await answering.result()).reports[0]?.digits).toBe(DIGITS);
    expectLossy(await impaired.end());
  });

  it('arrive once each as INFO that is lost and sent again', async () => {
    // Sound passes its relay, which harms nobody.
    await harmed(impairSound(lab.server, { phonePorts: [1, 1], args: [], seed: SEED }));
    const impaired = await harmed(impairSignaling(lab.server, { args: LOSS, seed: SEED }));
    const { answering, sipp } = await call(impaired.address, sendInfoDigits(DIGITS));
    expect(await sipp.result()).toMatchObject({ exitCode: 0, successful: 1 });
    expect((await answering.result()).reports[0]?.digits).toBe(DIGITS);
    expectLossy(await impaired.end());
  });
});

function expectLossy({ there }: Fates): void {
  expect(there.lost / there.received).toBeGreaterThan(0.12);
}
