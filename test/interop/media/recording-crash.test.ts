// A server that is killed while it records: what is on the disk opens, and misses less than a second.
import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { DecodeError } from '../../../core/index.ts';
import { parseWav, type Sound } from '../../../media/audio/index.ts';
import { parseTimeline, type Timeline } from '../../../media/index.ts';
import { toneLevelDbov } from '../../support/index.ts';
import { type PatchcordServer, type PhoneRun, startPatchcordServer } from '../../support/peers/patchcord.ts';
import { missingPeer, peerPath } from '../../support/peers/require-peer.ts';
import { decodeOpus } from '../../support/recorded-sound.ts';

const USERS = { alice: 'alice-secret', bob: 'bob-secret' };
const TONES = { alice: 440, bob: 1000 };
const TALK_MS = 6000;
const LIMIT_MS = 20_000;
/** What may be missing of it. */
const MOST_MISSING_MS = 1000;

const open: { stop(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.stop();
});

async function startServer(configuration: Readonly<Record<string, unknown>>): Promise<PatchcordServer> {
  const server = await startPatchcordServer({ users: USERS, configuration });
  open.push(server);
  return server;
}

function phone(server: PatchcordServer, user: keyof typeof USERS, args: readonly string[]): PhoneRun {
  const [command = '', ...rest] = args;
  const play = ['--play', `tone:${TONES[user]}`, '--codec', 'pcmu'];
  const run = server.phone(command, { user, password: USERS[user], args: [...rest, ...play] });
  open.push(run.process);
  return run;
}

interface Left {
  readonly timeline: Timeline;
  /** From the beginning of the recording to the end of the server. */
  readonly livedMs: number;
  path(name: string): string;
}

/** Lets people talk for a while, then kills the server. */
async function killWhileRecording(server: PatchcordServer): Promise<Left> {
  const folder = join(server.dataFolder, 'recordings');
  const find = () => names(folder).find((name) => name.endsWith('.jsonl'));
  for (let waited = 0; find() === undefined && waited < LIMIT_MS; waited += 50) await delay(50);
  await delay(TALK_MS);
  const exited = server.process.exited;
  process.kill(server.pid, 'SIGKILL');
  const killedAt = Date.now();
  await exited;
  const timeline = parseTimeline(readFileSync(join(folder, find() ?? '')));
  if (timeline instanceof DecodeError) throw new Error(timeline.toString());
  const livedMs = killedAt - Date.parse(timeline.start.wallClock);
  return { timeline, livedMs, path: (name) => join(folder, name) };
}

function names(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

async function read(path: string): Promise<Sound> {
  const bytes = readFileSync(path);
  return path.endsWith('.wav') ? parseWav(bytes, path) : decodeOpus(bytes);
}

/** What somebody else's program says of the file; it fails where that cannot open it. */
function foreignLengthMs(path: string): number | undefined {
  if (path.endsWith('.wav')) {
    if (missingPeer('sox')) return undefined;
    return Number(execFileSync(peerPath('sox'), ['--i', '-D', path]).toString()) * 1000;
  }
  if (missingPeer('opusinfo')) return undefined;
  // Its status is 1 for the one warning that there must be: the mark of the end is missing, as of live streams.
  const text = spawnSync(peerPath('opusinfo'), [path]).stdout.toString();
  expect(text.match(/WARNING.*/g)).toEqual([expect.stringContaining('EOS not set')]);
  const [, minutes, seconds] = /Playback length: (\d+)m:([\d.]+)s/.exec(text) ?? [];
  return Number(minutes) * 60_000 + Number(seconds) * 1000;
}

function levelOf(sound: Sound, frequencyHz: number): number {
  const { channels, sampleRateHz, pcm } = sound;
  const from = 3 * sampleRateHz;
  const mono = Int16Array.from({ length: sampleRateHz }, (_, i) => {
    const at = (from + i) * channels;
    return channels === 2 ? ((pcm[at] ?? 0) + (pcm[at + 1] ?? 0)) / 2 : (pcm[at] ?? 0);
  });
  return toneLevelDbov(mono, { frequencyHz, clockRateHz: sampleRateHz });
}

async function expectReadable(left: Left): Promise<void> {
  const { timeline, livedMs, path } = left;
  expect(timeline.isWhole).toBe(false);
  const joined = timeline.events.flatMap((event) => (event.type === 'joined' ? [event] : []));
  expect(joined.map(({ label }) => label).toSorted()).toEqual(['alice', 'bob']);
  const mixPath = path(timeline.start.mix);
  for (const [file, heard] of [
    [mixPath, ['alice', 'bob']] as const,
    ...joined.map(({ file: name = '', label }) => [path(name), [label]] as const),
  ]) {
    const sound = await read(file);
    const lengthMs = (sound.pcm.length / sound.channels / sound.sampleRateHz) * 1000;
    expect(livedMs - lengthMs, file).toBeLessThan(MOST_MISSING_MS);
    const foreign = foreignLengthMs(file);
    if (foreign !== undefined) expect(Math.abs(foreign - lengthMs)).toBeLessThan(30);
    for (const name of ['alice', 'bob'] as const) {
      const level = levelOf(sound, TONES[name]);
      if (heard.some((one) => one === name)) expect(level, `${name} in ${file}`).toBeGreaterThan(-35);
      else expect(level, `${name} in ${file}`).toBeLessThan(-50);
    }
  }
}

describe.each(['wav', 'opus'] as const)('a server that is killed while it records %s', (format) => {
  it('leaves a room that opens and misses less than a second', { retry: 2 }, async () => {
    const server = await startServer({ recording: { format }, rooms: { '3000': { record: true } } });
    phone(server, 'alice', ['call', '3000']);
    phone(server, 'bob', ['call', '3000']);
    await expectReadable(await killWhileRecording(server));
  });

  it('leaves a call that opens, and a record that names it', { retry: 2 }, async () => {
    const server = await startServer({ recording: { format, calls: 'always', beep: false } });
    const bob = phone(server, 'bob', ['answer']);
    await bob.process.waitForLog(/registered as/);
    phone(server, 'alice', ['call', 'bob']);
    const left = await killWhileRecording(server);
    await expectReadable(left);
    const [record] = server.records();
    expect(record?.recordings).toHaveLength(4);
    expect(record?.recordings[0]).toBe(left.path(left.timeline.start.mix));
  });
});
