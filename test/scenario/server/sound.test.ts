// Calls between phones that speak differently, proven by tones: each hears the other one and not itself.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { type CodecName, encodeWav, ToneSource } from '../../../media/index.ts';
import {
  type IncomingPhoneCall,
  MemorySink,
  type PhoneCall,
  type Softphone,
} from '../../../softphone/index.ts';
import { makeTone, randomLoss, scenario, toneLevelDbov, type World } from '../../support/index.ts';
import { type PhoneSystem, type PhoneSystemOptions, startPhoneSystem } from '../../support/phone-system.ts';
import { watchSession } from '../../support/test-phone.ts';

/** The first phone of the system. */
const ALICE_HOST = 'alice-10';
const ALICE_HZ = 440;
const BOB_HZ = 1000;
const FILE_HZ = 1700;
/** A tone that is there, well above what leaks from another. */
const HEARD_DBOV = -25;
const UNHEARD_DBOV = -45;

let folder: string;
let file: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'patchcord-sound-'));
  file = join(folder, 'tone.wav');
  const pcm = makeTone({ frequencyHz: FILE_HZ, clockRateHz: 16_000, durationMs: 2000 });
  writeFileSync(file, encodeWav({ sampleRateHz: 16_000, channels: 1, pcm }));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A phone that plays one tone, and what it heard. */
class TonePhone {
  readonly phone: Softphone;
  readonly #sinks: MemorySink[];

  static async open(
    system: PhoneSystem,
    name: string,
    sound: { codecs: readonly CodecName[]; toneHz: number },
  ) {
    const sinks: MemorySink[] = [];
    const phone = await system.softphone(name, {
      codecs: sound.codecs,
      makeSource: () => new ToneSource(sound.toneHz),
      makeSink: async (sampleRateHz) => {
        const sink = new MemorySink(sampleRateHz);
        sinks.push(sink);
        return sink;
      },
    });
    return new TonePhone(phone, sinks);
  }

  constructor(phone: Softphone, sinks: MemorySink[]) {
    this.phone = phone;
    this.#sinks = sinks;
  }

  /** Which of the tones it heard in the last half second. */
  hears(): readonly number[] {
    const sink = this.#sinks.at(-1);
    if (!sink) return [];
    const clockRateHz = sink.sampleRateHz;
    const samples = sink.pcm.slice(-clockRateHz / 2);
    return [ALICE_HZ, BOB_HZ, FILE_HZ].filter((frequencyHz) => {
      const level = toneLevelDbov(samples, { frequencyHz, clockRateHz });
      expect(level > HEARD_DBOV || level < UNHEARD_DBOV, `${frequencyHz} Hz at ${level} dBov`).toBe(true);
      return level > HEARD_DBOV;
    });
  }
}

interface Codecs {
  readonly alice: readonly CodecName[];
  readonly bob: readonly CodecName[];
}

/** Alice and Bob in conversation. */
async function converse(world: World, codecs: Codecs, options: Partial<PhoneSystemOptions> = {}) {
  const system = await startPhoneSystem(world, { users: { alice: {}, bob: {} }, ...options });
  const alice = await TonePhone.open(system, 'alice', { codecs: codecs.alice, toneHz: ALICE_HZ });
  const bob = await TonePhone.open(system, 'bob', { codecs: codecs.bob, toneHz: BOB_HZ });
  const calls: IncomingPhoneCall[] = [];
  bob.phone.on('call', (call) => {
    calls.push(call);
    void call.accept();
  });
  const outgoing = await world.complete(alice.phone.call('bob'));
  await world.runUntil(() => outgoing.state === 'answered' && calls[0]?.state === 'answered', {
    what: 'the answer',
  });
  const [incoming] = calls;
  if (!incoming) throw new Error('bob was not called');
  await world.run(2000);
  const end = async () => {
    outgoing.hangUp();
    const reports = await world.complete(Promise.all([outgoing.finished, incoming.finished]));
    await world.complete(Promise.all([alice.phone.close(), bob.phone.close()]));
    await system.expectQuiet();
    return reports.map((report) => report.codec);
  };
  return { system, alice, bob, outgoing, incoming, end };
}

describe('two phones hear each other through the server', () => {
  const PAIRS = [
    { alice: ['pcmu'], bob: ['opus'], codecs: ['pcmu/8000', 'opus/48000'] },
    { alice: ['opus'], bob: ['g722'], codecs: ['opus/48000', 'g722/8000'] },
    { alice: ['g722'], bob: ['pcma'], codecs: ['g722/8000', 'pcma/8000'] },
    { alice: ['pcma'], bob: ['pcmu'], codecs: ['pcma/8000', 'pcmu/8000'] },
    // What they share wins over what either prefers: nothing is transcoded.
    { alice: ['pcmu'], bob: ['opus', 'g722', 'pcmu'], codecs: ['pcmu/8000', 'pcmu/8000'] },
    { alice: ['opus', 'pcma'], bob: ['pcma'], codecs: ['pcma/8000', 'pcma/8000'] },
  ] as const;
  for (const { alice, bob, codecs } of PAIRS) {
    scenario(`${alice.join(', ')} calls ${bob.join(', ')}`, { seed: 1 }, async (world) => {
      const call = await converse(world, { alice, bob });
      expect([call.alice.hears(), call.bob.hears()]).toEqual([[BOB_HZ], [ALICE_HZ]]);
      expect(await call.end()).toEqual(codecs);
    });
  }

  scenario('a digit arrives once, whatever the codecs', { seed: 2 }, async (world) => {
    const { outgoing, incoming, end } = await converse(world, { alice: ['pcmu'], bob: ['opus'] });
    const heard: string[] = [];
    incoming.on('digit', ({ digit }) => heard.push(digit));
    outgoing.sendDigits('1234#');
    await world.run(3000);
    expect(heard.join('')).toBe('1234#');
    await end();
  });
});

/** Packets that the listener missed, and that the server missed of the speaker. */
function lostOf(listener: PhoneCall, speaker: PhoneCall): readonly [number, number] {
  return [listener.report().inbound.lost ?? 0, speaker.report().farEnd?.lost ?? 0];
}

describe('10 % loss between a phone and the server', () => {
  for (const redundancy of ['auto', 'off'] as const) {
    const repaired = redundancy === 'auto' ? 'ends at the server' : 'goes all the way';
    scenario(`${repaired} with redundancy ${redundancy}`, { seed: 6 }, async (world) => {
      const codecs = { alice: ['opus'], bob: ['opus'] } as const;
      const { outgoing, incoming, end } = await converse(world, codecs, {
        // What is lost on the way to the server is its business.
        media: { redundancy, direct: 'off' },
      });
      world.linkOneWay(ALICE_HOST, 'server', { loss: randomLoss(0.1) });
      // RTCP tells of the loss; from then on the phone sends copies where it may.
      await world.run(5000);
      const [before, reported] = lostOf(incoming, outgoing);
      await world.run(10_000);
      const [after, reportedAfter] = lostOf(incoming, outgoing);
      const [lostHere, lostThere] = [after - before, reportedAfter - reported];
      expect(lostThere).toBeGreaterThan(25);
      if (redundancy === 'auto') expect(lostHere).toBeLessThan(lostThere * 0.2);
      else expect(lostHere).toBeGreaterThan(lostThere * 0.8);
      await end();
    });
  }
});

scenario('digits by INFO reach a phone as telephone-events, each once', { seed: 5 }, async (world) => {
  const system = await startPhoneSystem(world, { users: { alice: {}, bob: {} } });
  const [alice] = await system.phones('alice');
  alice.formats = ['0'];
  const bob = await TonePhone.open(system, 'bob', { codecs: ['opus'], toneHz: BOB_HZ });
  const heard: string[] = [];
  bob.phone.on('call', (call) => {
    call.on('digit', ({ digit }) => heard.push(digit));
    void call.accept();
  });
  const call = alice.call('bob');
  const log = watchSession(call);
  await world.runUntil(() => log.accepted.length > 0, { what: 'the answer' });
  for (const digit of '155#') {
    const sent = call.request('INFO', { body: `Signal=${digit}`, contentType: 'application/dtmf-relay' });
    expect((await world.complete(sent)).status).toBe(200);
  }
  await world.run(3000);
  expect(heard.join('')).toBe('155#');
  call.end();
  await world.run(500);
  await world.complete(bob.phone.close());
  await system.expectQuiet();
});

scenario('who is held hears music, and then the other phone again', { seed: 3 }, async (world) => {
  const media = { holdMusic: file };
  const codecs = { alice: ['pcmu'], bob: ['opus'] } as const;
  const { alice, bob, outgoing, incoming, end } = await converse(world, codecs, { media });
  expect(await world.complete(outgoing.hold())).toBe(true);
  await world.run(5000);
  expect([alice.hears(), bob.hears(), incoming.isHeldByPeer]).toEqual([[], [FILE_HZ], false]);
  expect(await world.complete(outgoing.resume())).toBe(true);
  await world.run(2000);
  expect([alice.hears(), bob.hears()]).toEqual([[BOB_HZ], [ALICE_HZ]]);
  await end();
});

scenario('an announcement is heard before the refusal', { seed: 4 }, async (world) => {
  const system = await startPhoneSystem(world, {
    users: { alice: {} },
    announcements: { unknownNumber: file },
  });
  const alice = await TonePhone.open(system, 'alice', { codecs: ['pcma'], toneHz: ALICE_HZ });
  const call = await world.complete(alice.phone.call('nobody'));
  await world.run(1500);
  expect([call.state, alice.hears()]).toEqual(['ringing', [FILE_HZ]]);
  const report = await world.complete(call.finished);
  expect([report.isAnswered, report.status]).toEqual([false, 404]);
  await world.complete(alice.phone.close());
  await system.expectQuiet();
});
