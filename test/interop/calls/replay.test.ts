// patchcord replay, as people run it: what is in a recording, the time line as it passes, and its sound in a call.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeWav, parseWav } from '../../../media/index.ts';
import { makeTone, toneLevelDbov } from '../../support/index.ts';
import { runPatchcord } from '../../support/peers/patchcord.ts';
import { makeTempFolder, type TempFolder } from '../../support/peers/temp-folder.ts';
import { Lab } from './lab.ts';

const TONE_HZ = 700;
const TIMELINE = [
  '{"type":"start","ms":0,"version":1,"wallClock":"2026-11-27T10:00:00.000Z","format":"wav","sampleRateHz":16000,"mix":"x.wav","channels":1}',
  '{"type":"joined","ms":0,"member":1,"label":"carol"}',
  '{"type":"talking","ms":100,"member":1}',
  '{"type":"digit","ms":400,"member":1,"digit":"7","durationMs":100}',
  '{"type":"end","ms":4000}',
  '',
].join('\n');

let folder: TempFolder;
beforeAll(() => {
  folder = makeTempFolder('replay');
  const pcm = makeTone({ frequencyHz: TONE_HZ, clockRateHz: 16_000, durationMs: 4000, levelDbov: -15 });
  writeFileSync(join(folder.path, 'x.wav'), encodeWav({ sampleRateHz: 16_000, channels: 1, pcm }));
  writeFileSync(join(folder.path, 'x.jsonl'), TIMELINE);
});
afterAll(() => folder.remove());

describe('patchcord replay', () => {
  it('--json tells what is in a folder, and plays nothing', async () => {
    const run = runPatchcord(['replay', folder.path, '--json']);
    expect(await run.waitForExit(20_000)).toMatchObject({ code: 0 });
    expect(JSON.parse(run.stdout)).toMatchObject({
      file: join(folder.path, 'x.wav'),
      format: 'wav',
      durationMs: 4000,
      timeline: {
        isWhole: true,
        events: [{ type: 'joined' }, { type: 'talking' }, { type: 'digit' }, { type: 'end' }],
      },
    });
  });

  it('shows what happens while it plays', async () => {
    const run = runPatchcord(['replay', join(folder.path, 'x.wav'), '--duration', '0.6']);
    expect(await run.waitForExit(20_000)).toMatchObject({ code: 0 });
    expect(run.log).toMatch(/carol joined.*carol pressed 7/s);
    expect(run.log).not.toContain('ended');
  });

  it.each([
    { args: ['nothing.wav'], says: 'nothing.wav cannot be read' },
    { args: ['x.wav', '--from', '9'], says: '--from 9: the recording has 4.0 seconds' },
  ])('$args.0 $args.1: wrong usage is said in a sentence', async ({ args: [name = '', ...rest], says }) => {
    const run = runPatchcord(['replay', join(folder.path, name), ...rest]);
    expect(await run.waitForExit(20_000)).toMatchObject({ code: 2 });
    expect(run.log).toContain(says);
  });

  it('--to is heard at the other end', async () => {
    const lab = await Lab.open();
    try {
      const heard = lab.path('heard.wav');
      const bob = await lab.answering('bob', ['--play', 'silence', '--record', heard, '--once']);
      const server = ['--server', lab.server.address, '--user', 'alice', '--password', 'alice-secret'];
      const run = runPatchcord(['replay', join(folder.path, 'x.jsonl'), '--to', 'bob', ...server]);
      expect(await run.waitForExit(40_000)).toMatchObject({ code: 0 });
      await bob.process.stop();
      const { pcm, sampleRateHz } = parseWav(readFileSync(heard), heard);
      const middle = pcm.subarray(sampleRateHz * 1.5, sampleRateHz * 2.5);
      expect(toneLevelDbov(middle, { frequencyHz: TONE_HZ, clockRateHz: sampleRateHz })).toBeGreaterThan(-22);
    } finally {
      await lab.close();
    }
  });
});
