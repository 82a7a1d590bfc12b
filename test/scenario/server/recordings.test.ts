// Recordings as the server makes them: of all calls, or of those in which somebody presses *1.
import { describe, expect } from 'vitest';
import { DecodeError } from '../../../core/index.ts';
import { parseTimeline, parseWav, type TimelineEvent, ToneSource } from '../../../media/index.ts';
import { scenario, toneLevelDbov, type World } from '../../support/index.ts';
import { MemoryRecordings } from '../../support/memory-recordings.ts';
import { type PhoneSystem, type PhoneSystemOptions, startPhoneSystem } from '../../support/phone-system.ts';

const RATE_HZ = 48_000;
const [ALICE_HZ, BOB_HZ] = [440, 1000];

async function conversation(world: World, options: Omit<PhoneSystemOptions, 'users'>) {
  const disk = new MemoryRecordings();
  const users = { alice: {}, bob: {} };
  const system = await startPhoneSystem(world, { users, recordingFiles: disk, ...options });
  const open = (name: string, frequencyHz: number) =>
    system.softphone(name, { codecs: ['pcmu'], makeSource: () => new ToneSource(frequencyHz) });
  const [alice, bob] = [await open('alice', ALICE_HZ), await open('bob', BOB_HZ)];
  const heard: string[] = [];
  bob.on('call', (incoming) => {
    incoming.on('digit', ({ digit }) => heard.push(digit));
    incoming.accept();
  });
  const call = await world.complete(alice.call('bob'));
  await world.runUntil(() => call.state === 'answered', { what: 'the answer' });
  const end = async () => {
    call.hangUp();
    const record = await system.recordOf('alice');
    await world.complete(Promise.all([alice.close(), bob.close()]));
    await system.expectQuiet();
    return record?.recordings ?? [];
  };
  return { system, disk, call, heard, end };
}

function eventsIn(disk: MemoryRecordings, path = ''): readonly TimelineEvent[] {
  const timeline = parseTimeline(disk.read(path));
  if (timeline instanceof DecodeError) throw new Error(timeline.toString());
  return timeline.events;
}

describe('recording: always', () => {
  scenario('every call has its files, and its record names them', {}, async (world) => {
    const recording = { calls: 'always', format: 'wav', folder: '/rec', beep: false } as const;
    const { disk, call, end } = await conversation(world, { recording });
    await world.run(2000);
    await world.complete(call.hold());
    await world.run(500);
    await world.complete(call.resume());
    await world.run(500);
    const files = await end();
    expect(files).toEqual([...disk.files.keys()].toSorted(byKind));
    expect(files).toHaveLength(4);
    for (const file of files) expect(file).toMatch(/^\/rec\/2\d{3}-\d\d-\d\dT\d\d-\d\d-\d\d alice bob/);
    const mix = parseWav(disk.read(files[0] ?? ''), 'mix');
    expect(mix.channels).toBe(2);
    const level = (channel: number, frequencyHz: number) => {
      const pcm = Int16Array.from(
        { length: RATE_HZ / 2 },
        (_, i) => mix.pcm[2 * (i + RATE_HZ) + channel] ?? 0,
      );
      return toneLevelDbov(pcm, { frequencyHz, clockRateHz: RATE_HZ });
    };
    expect([level(0, ALICE_HZ), level(1, BOB_HZ)].every((dbov) => dbov > -25)).toBe(true);
    expect([level(1, ALICE_HZ), level(0, BOB_HZ)].every((dbov) => dbov < -45)).toBe(true);
    const events = eventsIn(disk, files.at(-1));
    expect(events.filter(({ type }) => type === 'hold' || type === 'resume')).toMatchObject([
      { type: 'hold', member: 1 },
      { type: 'resume', member: 1 },
    ]);
    expect(events.at(-1)?.type).toBe('end');
  });
});

describe('recording: onDemand', () => {
  scenario('*1 begins and ends it, both hear a tone, and the digits reach the other', {}, async (world) => {
    const recording = { calls: 'onDemand', format: 'wav', folder: '/rec' } as const;
    const { system, disk, call, heard, end } = await conversation(world, { recording });
    const tones = playedTones(system);
    const press = async (...digits: string[]) => {
      for (const digit of digits) {
        call.sendDigits(digit);
        await world.run(400);
      }
      await world.run(500);
    };
    await press('1');
    expect(disk.files.size).toBe(0);
    await press('*', '1');
    expect(disk.files.size).toBe(4);
    expect(tones).toEqual(['entry', 'entry']);
    await world.run(1000);
    await press('5', '*', '*', '1');
    expect(tones).toEqual(['entry', 'entry', 'exit', 'exit']);
    const digits = eventsIn(
      disk,
      [...disk.files.keys()].find((path) => path.endsWith('.jsonl')),
    );
    expect(digits.flatMap((event) => (event.type === 'digit' ? [event.digit] : []))).toEqual([
      '5',
      '*',
      '*',
      '1',
    ]);
    await press('*', '1');
    const files = await end();
    expect(files).toHaveLength(8);
    expect(new Set(files)).toEqual(new Set(disk.files.keys()));
    expect(heard.join('')).toBe('1*15**1*1');
  });

  scenario('a full disk ends the recording and not the call', {}, async (world) => {
    const recording = { calls: 'always', format: 'wav', folder: '/rec' } as const;
    const { disk, call, end } = await conversation(world, { recording });
    await world.run(1000);
    disk.roomBytes = 5000;
    await world.run(3000);
    expect(call.state).toBe('answered');
    expect(disk.openCount).toBe(0);
    const files = await end();
    expect(files).toHaveLength(4);
    expect(parseWav(disk.read(files[0] ?? ''), 'mix').pcm.length / 2 / RATE_HZ).toBeGreaterThan(0.3);
  });
});

describe('recording: never', () => {
  scenario('*1 is two digits', {}, async (world) => {
    const { disk, call, end } = await conversation(world, {});
    call.sendDigits('*1');
    await world.run(2000);
    expect(await end()).toEqual([]);
    expect(disk.files.size).toBe(0);
  });
});

describe('what cannot be recorded', () => {
  scenario('is a call all the same, and the log says why', {}, async (world) => {
    const recording = { calls: 'always', folder: '/missing' } as const;
    const { call, end } = await conversation(world, { recording });
    await world.run(1000);
    expect(call.state).toBe('answered');
    expect(await end()).toEqual([]);
    const lines = world.hosts.flatMap((host) => host.logs);
    expect(lines).toContainEqual(
      expect.objectContaining({ level: 'warn', phrase: 'a call is not recorded' }),
    );
  });
});

describe('a room that records', () => {
  scenario('has its files, from who came first to who went last', {}, async (world) => {
    const disk = new MemoryRecordings();
    const system = await startPhoneSystem(world, {
      users: { alice: {}, bob: {} },
      recordingFiles: disk,
      recording: { format: 'wav', folder: '/rec' },
      rooms: { '3000': { record: true } },
    });
    const calls = [];
    for (const [name, frequencyHz] of [
      ['alice', ALICE_HZ],
      ['bob', BOB_HZ],
    ] as const) {
      const makeSource = () => new ToneSource(frequencyHz);
      const phone = await system.softphone(name, { codecs: ['pcmu'], makeSource });
      const call = await world.complete(phone.call('3000'));
      calls.push({ phone, call });
      await world.run(3000);
    }
    expect(disk.openCount).toBe(4);
    for (const { phone, call } of calls) {
      call.hangUp();
      await world.run(1000);
      await world.complete(phone.close());
    }
    await system.expectQuiet();
    expect(disk.openCount).toBe(0);
    const names = [...disk.files.keys()].map((path) => path.slice('/rec/2026-11-27T10-00-00 '.length));
    expect(names.toSorted()).toEqual(['3000-alice.wav', '3000-bob.wav', '3000.jsonl', '3000.wav']);
    const path = [...disk.files.keys()].find((one) => one.endsWith('.jsonl'));
    const types = eventsIn(disk, path).map(({ type }) => type);
    expect(types.filter((type) => type === 'joined' || type === 'left' || type === 'end')).toEqual([
      'joined',
      'joined',
      'left',
      'left',
      'end',
    ]);
  });
});

function playedTones(system: PhoneSystem): readonly string[] {
  const tones: string[] = [];
  const { media } = system;
  const playTone = media.playTone.bind(media);
  media.playTone = (legId, tone) => {
    tones.push(tone);
    return playTone(legId, tone);
  };
  return tones;
}

/** The mix, tracks, the time line. */
function byKind(a: string, b: string): number {
  const rank = (path: string) =>
    path.endsWith('.jsonl') ? 2 : path.includes('-alice') || path.includes('-bob') ? 1 : 0;
  return rank(a) - rank(b) || (a < b ? -1 : 1);
}
