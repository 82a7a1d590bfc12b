import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findRecording } from '../../../../softphone/index.ts';

let folder: string;
const path = (name: string) => join(folder, name);
const start = (mix: string) =>
  `{"type":"start","ms":0,"version":1,"wallClock":"2026-11-27T10:00:00.000Z","format":"wav","sampleRateHz":48000,"mix":"${mix}","channels":2}\n`;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'patchcord-recorded-'));
  const joined = '{"type":"joined","ms":0,"member":1,"label":"alice","file":"one-alice.wav"}\n';
  writeFileSync(path('one.jsonl'), start('one.wav') + joined);
  writeFileSync(path('two.jsonl'), start('two.wav'));
  writeFileSync(path('broken.jsonl'), '{"type":"end","ms":1}\n');
  for (const name of ['one.wav', 'one-alice.wav', 'two.wav', 'other.wav']) writeFileSync(path(name), 'sound');
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('findRecording()', () => {
  it.each([
    { name: 'one.wav', sound: 'one.wav', timeline: 'one.jsonl' },
    { name: 'one-alice.wav', sound: 'one-alice.wav', timeline: 'one.jsonl' },
    { name: 'one.jsonl', sound: 'one.wav', timeline: 'one.jsonl' },
    { name: '', sound: 'two.wav', timeline: 'two.jsonl' },
    { name: 'other.wav', sound: 'other.wav', timeline: null },
  ])('of "$name" is $sound with $timeline', async ({ name, sound, timeline }) => {
    const found = await findRecording(path(name));
    expect(found.soundPath).toBe(path(sound));
    expect(found.timelinePath).toBe(timeline && path(timeline));
    expect(found.timeline === null).toBe(timeline === null);
  });

  it.each([
    { name: 'nothing.wav', says: 'cannot be read' },
    { name: 'recordings', says: /does not exist: nothing was recorded there yet; .*--record-calls always/ },
    { name: 'broken.jsonl', says: 'line 1: has type "end"' },
  ])('says what is wrong with $name', async ({ name, says }) => {
    await expect(findRecording(path(name))).rejects.toThrow(says);
  });
});
