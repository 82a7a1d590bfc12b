// Secured calls and files between programs as people run them: node-datachannel lives in their processes alone.
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PhoneRun } from '../../support/peers/patchcord.ts';
import { readWav, toneSeconds } from '../../support/peers/recording.ts';
import { Lab } from '../calls/lab.ts';

/** Large enough to be killed in the middle of. */
const FILE_BYTES = 50_000_000;

let lab: Lab;
beforeEach(async () => {
  lab = await Lab.open();
});
afterEach(() => lab.close());

/** What `send --json` says. */
interface SendLine {
  readonly ok: boolean;
  readonly reason?: string;
  readonly name?: string;
  readonly sha256?: string;
  readonly sentBytes: number;
  readonly tries: number;
}

async function sent(run: PhoneRun): Promise<{ status: number | null; line: SendLine }> {
  const { code } = await run.process.waitForExit(60_000);
  // Cast: --json prints this line and nothing else.
  return { status: code, line: JSON.parse(run.process.stdout) as SendLine };
}

function makeFile(name: string, sizeBytes: number): { readonly path: string; readonly sha256: string } {
  const content = randomBytes(sizeBytes);
  const path = lab.path(name);
  writeFileSync(path, content);
  return { path, sha256: createHash('sha256').update(content).digest('hex') };
}

function makeInbox(): string {
  const folder = lab.path('inbox');
  mkdirSync(folder);
  return folder;
}

describe('a secured call', () => {
  it('carries tones both ways, on a direct path, and says with whom', async () => {
    const [heardByBob, heardByAlice] = [lab.path('bob.wav'), lab.path('alice.wav')];
    const bob = await lab.answering('bob', ['--once', '--play', 'tone:600', '--record', heardByBob]);
    const alice = await lab.call('alice', 'bob', [
      '--secure',
      'required',
      ...['--play', 'tone:440', '--record', heardByAlice, '--duration', '4'],
    ]);
    const { reports } = await bob.result();
    const [placed, taken] = [alice.reports[0], reports[0]];
    expect([placed?.failure, taken?.failure]).toEqual([null, null]);
    for (const report of [placed, taken]) {
      expect(report?.secured).toMatchObject({
        protocol: 'DTLS-SRTP',
        fingerprint: expect.stringMatching(/^(?:[0-9A-F]{2}:){31}/),
      });
      expect(report?.path?.kind).toBe('direct');
      expect(report?.inbound.packets).toBeGreaterThan(50);
    }
    // What two people would read out to each other.
    expect(placed?.secured?.ownFingerprint).toBe(taken?.secured?.fingerprint);
    expect(taken?.secured?.ownFingerprint).toBe(placed?.secured?.fingerprint);
    expect(heardIn(heardByBob)).toEqual([440]);
    expect(heardIn(heardByAlice)).toEqual([600]);
  });

  it('has chat, both ways, with nothing that a terminal obeys', async () => {
    const bob = lab.interactive('bob', ['--play', 'silence']);
    await bob.waitForLog(/registered as/);
    const alice = lab.interactive('alice', ['--secure', '--play', 'silence']);
    await alice.waitForLog(/registered as/);
    alice.write('/dial bob\n');
    await bob.waitForLog(/call from/);
    bob.write('a\n');
    await alice.waitForLog(/answered .* secured end to end/);
    await alice.waitForLog(/path: direct/);
    alice.write('/chat hello \u001b[31mBob\n');
    await bob.waitForLog(/writes: hello \[31mBob$/m);
    bob.write('/chat hello Alice\n');
    await alice.waitForLog(/writes: hello Alice$/m);
    alice.write('/hangup\n');
    await bob.waitForLog(/ended by the far end/);
  });

  it('is placed again without, where the far end refuses', async () => {
    const bob = await lab.answering('bob', ['--once', '--secure', 'off', '--play', 'silence']);
    const { status, reports } = await lab.call('alice', 'bob', [
      '--secure',
      'auto',
      ...['--play', 'tone:440', '--duration', '2', '--record', lab.path('x.wav')],
    ]);
    expect([status, reports[0]?.isAnswered, reports[0]?.secured]).toEqual([4, true, null]);
    await bob.result();
  });

  it('is not placed at all where it is required and cannot be', async () => {
    const { status, reports } = await lab.call('alice', '*43', ['--secure', 'required', '--play', 'silence']);
    expect([status, reports[0]?.status]).toEqual([1, 488]);
  });
});

describe('patchcord send', () => {
  it('goes on where it was, when it was killed in the middle', async () => {
    const { path, sha256 } = makeFile('big.bin', FILE_BYTES);
    const inbox = makeInbox();
    await lab.answering('bob', ['--accept-files', inbox, '--play', 'silence']);
    const first = lab.sending('alice', path, 'bob');
    const keptBytes = await grownTo(inbox, FILE_BYTES / 4);
    first.process.signal('SIGKILL');
    await first.process.exited;
    expect(readdirSync(inbox)).toEqual([expect.stringMatching(/^\.patchcord-.*\.part$/)]);
    const { status, line } = await sent(lab.sending('alice', path, 'bob'));
    expect([status, line]).toEqual([0, expect.objectContaining({ ok: true, name: 'big.bin', sha256 })]);
    // What was written when it was killed is not sent again.
    expect(line.sentBytes).toBeLessThanOrEqual(FILE_BYTES - keptBytes);
    expect(readdirSync(inbox)).toEqual(['big.bin']);
    const received = readFileSync(join(inbox, 'big.bin'));
    expect(createHash('sha256').update(received).digest('hex')).toBe(sha256);
  });

  it('sends two at once, and overwrites nothing', async () => {
    const inbox = makeInbox();
    await lab.answering('bob', ['--accept-files', inbox, '--play', 'silence']);
    const [one, two] = [makeFile('a.bin', 2_000_000), makeFile('b.bin', 2_000_000)];
    const results = await Promise.all([one, two].map(({ path }) => sent(lab.sending('alice', path, 'bob'))));
    expect(results.map(({ line }) => line.sha256)).toEqual([one.sha256, two.sha256]);
    const again = await sent(lab.sending('alice', one.path, 'bob'));
    expect(again.line.name).toBe('a (1).bin');
    expect(readdirSync(inbox).toSorted()).toEqual(['a (1).bin', 'a.bin', 'b.bin']);
  });

  it('says why a file is not taken: too large, nobody who takes files, nobody at all', async () => {
    const inbox = makeInbox();
    const { path } = makeFile('a.bin', 100_000);
    await lab.answering('bob', ['--accept-files', inbox, '--max-file-size', '99k', '--play', 'silence']);
    await lab.answering('carol', ['--play', 'silence']);
    const [large, unwanted, missing] = [
      await sent(lab.sending('alice', path, 'bob')),
      await sent(lab.sending('alice', path, 'carol')),
      await sent(lab.sending('alice', path, 'nobody')),
    ];
    expect([large, unwanted, missing].map(({ status, line }) => [status, line.reason, line.tries])).toEqual([
      [1, 'tooLarge', 1],
      [1, 'notWanted', 1],
      [1, 'notWanted', 1],
    ]);
    expect(readdirSync(inbox)).toEqual([]);
  });

  it('wants a file that is there, and answer a folder that is', async () => {
    const run = lab.sending('alice', lab.path('no.bin'), 'bob');
    expect((await run.process.waitForExit(20_000)).code).toBe(2);
    expect(run.process.log).toMatch(/no\.bin" cannot be sent: there is none/);
    const answer = lab.server.phone('answer', {
      user: 'bob',
      password: 'bob-secret',
      args: ['--accept-files', lab.path('no')],
    });
    expect((await answer.process.waitForExit(20_000)).code).toBe(2);
    expect(answer.process.log).toMatch(/does not exist; make it first/);
  });
});

/** Of the tones that are played here, those that are heard for a second at least. */
function heardIn(path: string): readonly number[] {
  const sound = readWav(path);
  return [440, 600].filter((frequencyHz) => toneSeconds(sound, frequencyHz) >= 1);
}

/** @returns how much of the part is written, once it is so much */
async function grownTo(folder: string, sizeBytes: number): Promise<number> {
  for (let i = 0; i < 3000; i += 1) {
    const [part] = readdirSync(folder);
    const { size = 0 } = part ? statSync(join(folder, part)) : {};
    if (size >= sizeBytes) return size;
    await delay(10);
  }
  throw new Error('the file does not grow');
}
