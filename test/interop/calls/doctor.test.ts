// `patchcord doctor` beside a running server, at calls with baresip.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Diagnosis } from '../../../server/index.ts';
import { type Impairment, impairSound } from '../../support/peers/impairment.ts';
import { runPatchcord } from '../../support/peers/patchcord.ts';
import { missingPeer } from '../../support/peers/require-peer.ts';
import { Lab } from './lab.ts';

const CALL = ['--play', 'tone:440', '--codec', 'pcmu', '--duration'];

let lab: Lab;
let impaired: Impairment | undefined;

beforeEach(async () => {
  lab = await Lab.openForImpairment();
});

afterEach(async () => {
  await impaired?.stop();
  impaired = undefined;
  await lab.close();
});

/** Asks for the last call. */
async function doctor(...args: readonly string[]) {
  const run = runPatchcord(['doctor', ...args, '--data-folder', lab.server.dataFolder]);
  const { code } = await run.waitForExit(10_000);
  return { status: code, stdout: run.stdout, log: run.log };
}

async function diagnosis(): Promise<{ status: number | null; told: Diagnosis }> {
  const { status, stdout } = await doctor('last', '--json');
  return { status, told: JSON.parse(stdout) as Diagnosis }; // Cast: --json prints one and nothing else.
}

describe.skipIf(missingPeer('baresip'))('patchcord doctor', () => {
  // A machine that stalls makes packets late, and the doctor is right to say so.
  it('says that all is well with a good call', { retry: 2 }, async () => {
    const bob = await lab.baresip('bob', { codecs: ['pcmu'], answerMode: 'auto' });
    impaired = await impairSound(lab.server, { phonePorts: bob.rtpPorts, args: [], seed: 1 });
    await lab.call('alice', 'bob', [...CALL, '5']);
    await lab.closedRecord();
    const { status, told } = await diagnosis();
    expect([told.verdict, status], JSON.stringify(told.findings)).toEqual(['well', 0]);
    expect((await doctor('--limit', '5')).stdout).toMatch(/^✓ .* alice -> bob {2}All is well/);
  });

  it('names the way on which packets are lost', { retry: 2 }, async () => {
    const bob = await lab.baresip('bob', { codecs: ['pcmu'], answerMode: 'auto' });
    const args = ['--loss', '10%'];
    impaired = await impairSound(lab.server, { phonePorts: bob.rtpPorts, args, seed: 1 });
    await lab.call('alice', 'bob', [...CALL, '8']);
    await lab.closedRecord();
    const { status, told } = await diagnosis();
    expect(status).toBe(1);
    expect(told.findings[0], JSON.stringify(told.findings)).toMatchObject({
      code: 'loss-random',
      party: { role: 'callee', name: 'bob' },
    });
    expect((await doctor('last')).stdout).toMatch(/^✗ .*bob's phone.* were lost.*\n {4}-> /m);
  });

  it('says why there was no call, and what it is asked wrongly', async () => {
    await lab.call('alice', 'nobody', [...CALL, '1']);
    await lab.closedRecord();
    const { status, told } = await diagnosis();
    expect([status, told.findings[0]?.code]).toEqual([1, 'unknown-number']);
    const wrong = await doctor('12345.6');
    expect(wrong.status).toBe(2);
    expect(wrong.log).toContain('there is no call "12345.6"');
    expect((await doctor('last', '--limit', '3')).status).toBe(2);
  });
});
