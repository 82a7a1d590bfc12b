// Recordings of rooms: members who come and go, and half an hour of clocks that run as they please.
import { describe, expect } from 'vitest';
import { DecodeError, type UdpSocket } from '../../../core/index.ts';
import { LONG_WAV_HEADER_BYTES, parseWav } from '../../../media/audio/index.ts';
import { encodeG711, muLaw } from '../../../media/codec/g711.ts';
import { type OpenedLeg, parseTimeline, type RecordingOptions } from '../../../media/index.ts';
import { encodeRtp } from '../../../media/rtp/index.ts';
import { type Host, makeTone, scenario, toneLevelDbov, type World } from '../../support/index.ts';
import { BLOCK_BYTES, MemoryRecordings, type SparseFile } from '../../support/memory-recordings.ts';
import { ConferenceStage, PLAIN_ROOM } from './conference-stage.ts';
import { RELAY, remoteOf } from './stage.ts';
import { FORMATS } from './tone-party.ts';

const { pcmu, opus } = FORMATS;
const OPTIONS: RecordingOptions = { folder: '/rec', name: '3000', format: 'wav', tracks: true };
const RATE_HZ = 48_000;
const MINUTE_MS = 60_000;

function read(disk: MemoryRecordings, path: string): Int16Array {
  return parseWav(disk.read(path), path).pcm;
}

interface Spurt {
  readonly startMs: number;
  endMs: number;
}

/** Where sound begins and ends between silences in a mono file. */
function spurtsIn({ blocks }: SparseFile): readonly Spurt[] {
  const spurts: Spurt[] = [];
  for (const number of [...blocks.keys()].toSorted((a, b) => a - b)) {
    const samples = new Int16Array((blocks.get(number) ?? new Uint8Array()).buffer);
    for (const [i, sample] of samples.entries()) {
      const at = (number * BLOCK_BYTES - LONG_WAV_HEADER_BYTES) / 2 + i;
      if (at < 0 || Math.abs(sample) < 1500) continue;
      const ms = (at * 1000) / RATE_HZ;
      const last = spurts.at(-1);
      if (last && ms - last.endMs < 1000) last.endMs = ms;
      else spurts.push({ startMs: ms, endMs: ms });
    }
  }
  return spurts;
}

describe('a recorded room', () => {
  scenario('has a track a member, each from its place on', {}, async (world) => {
    const recordingFiles = new MemoryRecordings();
    const stage = await ConferenceStage.open(world, PLAIN_ROOM, { recordingFiles });
    const alice = await stage.join('alice', { formats: [pcmu] });
    const { engine, roomId } = stage;
    const { recordingId } = await world.hold(engine.startRecording({ roomId }, OPTIONS));
    const startedAt = world.clock.now();
    alice.party.say(alice.leg, { frequencyHz: 440, durationMs: 1000 });
    await world.run(1500);
    const bob = await stage.join('bob', { formats: [opus] });
    const joinedMs = world.clock.now() - startedAt;
    bob.party.say(bob.leg, { frequencyHz: 1000, durationMs: 1000 });
    await world.run(500);
    alice.party.say(alice.leg, { frequencyHz: 440, durationMs: 1000 });
    await world.run(1500);
    const report = await world.complete(engine.stopRecording(recordingId));
    await stage.end();
    const [mixPath = '', alicePath = '', bobPath = '', timelinePath = ''] = report.files;
    const [mix, a, b] = [mixPath, alicePath, bobPath].map((path) => read(recordingFiles, path));
    const level = (pcm: Int16Array | undefined, frequencyHz: number, fromMs: number) => {
      const part = pcm?.subarray((fromMs * RATE_HZ) / 1000, ((fromMs + 200) * RATE_HZ) / 1000);
      return toneLevelDbov(part ?? new Int16Array(), { frequencyHz, clockRateHz: RATE_HZ });
    };
    for (const pcm of [mix, a, b]) expect(pcm).toHaveLength(mix?.length ?? 0);
    expect((mix?.length ?? 0) / RATE_HZ).toBeCloseTo(3.5, 1);
    expect(level(a, 440, 500)).toBeCloseTo(-20, 0);
    expect(level(b, 1000, joinedMs + 700)).toBeCloseTo(-20, 0);
    expect(b?.subarray(0, joinedMs * 48).every((sample) => sample === 0)).toBe(true);
    // Both at once: each in the mix, and only one in a track.
    const both = 2200;
    for (const frequencyHz of [440, 1000]) expect(level(mix, frequencyHz, both)).toBeCloseTo(-20, 0);
    expect(level(a, 1000, both)).toBeLessThan(-60);
    expect(level(b, 440, both)).toBeLessThan(-60);
    const timeline = parseTimeline(recordingFiles.read(timelinePath));
    if (timeline instanceof DecodeError) throw new Error(timeline.toString());
    expect(timeline.events.filter(({ type }) => type === 'joined')).toMatchObject([
      { ms: 0, member: 1, label: 'alice', file: '3000-alice.wav' },
      { ms: joinedMs, member: 2, label: 'bob', file: '3000-bob.wav' },
    ]);
    const talks = timeline.events.filter(({ type }) => type === 'talking' || type === 'silent');
    expect(talks.map((talk) => ('member' in talk ? `${talk.type} ${talk.member}` : ''))).toEqual(
      expect.arrayContaining(['talking 1', 'silent 1', 'talking 2', 'talking 1']),
    );
  });

  scenario('ends with its room', {}, async (world) => {
    const recordingFiles = new MemoryRecordings();
    const stage = await ConferenceStage.open(world, PLAIN_ROOM, { recordingFiles });
    await stage.join('alice', { formats: [pcmu] });
    const { engine, roomId } = stage;
    const { recordingId } = await world.hold(engine.startRecording({ roomId }, OPTIONS));
    await world.run(1000);
    await stage.end();
    const report = await world.complete(engine.stopRecording(recordingId));
    expect(report).toMatchObject({ durationMs: 1000, failure: null });
    expect(recordingFiles.openCount).toBe(0);
  });
});

/** A phone whose clock is its own: it says a pip now and then, and silence between. */
interface Clockwork {
  readonly name: string;
  /** How much faster than ours its clock is. */
  readonly ppm: number;
  /** How often there is a packet of silence between the pips; never where not given. */
  readonly silenceMs?: number;
  /** Takes another SSRC and jumps in timestamps and numbers with each pip. */
  readonly isWild?: boolean;
  /** Of its way to us, on top of 20 ms. */
  readonly jitterMs?: number;
}

const PIP_MS = 300;
const PIP = makeTone({ frequencyHz: 1000, clockRateHz: 8000, durationMs: PIP_MS, levelDbov: -12 });
const PIP_FRAMES = Array.from({ length: PIP.length / 160 }, (_, i) =>
  encodeG711(muLaw, PIP.subarray(i * 160, (i + 1) * 160)),
);
const SILENCE = encodeG711(muLaw, new Int16Array(160));

/** Whoever opens it closes it. */
class Pipper {
  /** When each pip began, on the world's clock. */
  readonly said: number[] = [];
  readonly legId: number;
  readonly #host: Host;
  readonly #port: number;
  readonly #clockwork: Clockwork;
  readonly #rtp: UdpSocket;
  readonly #startedAt: number;
  #ssrc = 1;
  #number = 0;
  #cancel: () => void = () => {};

  static async open(world: World, stage: ConferenceStage, clockwork: Clockwork): Promise<Pipper> {
    const { name, jitterMs = 0 } = clockwork;
    const address = `198.51.100.${world.hosts.length + 1}`;
    const host = world.host(name, { addresses: [address] });
    world.link(name, 'relay', { delayMs: 20, jitterMs });
    const rtp = await host.network.bindUdp({ address, port: 4000 });
    const { engine, roomId } = stage;
    const leg = await engine.openLeg({ callKey: 'room', localAddress: RELAY, label: name });
    await world.hold(engine.setRemote(leg.legId, remoteOf(rtp.local, { formats: [pcmu] })));
    await world.hold(engine.joinRoom(leg.legId, roomId));
    return new Pipper(host, leg, rtp, clockwork);
  }

  private constructor(host: Host, leg: OpenedLeg, rtp: UdpSocket, clockwork: Clockwork) {
    this.legId = leg.legId;
    this.#port = leg.rtpPort;
    this.#host = host;
    this.#clockwork = clockwork;
    this.#rtp = rtp;
    this.#startedAt = host.clock.now();
    if (clockwork.silenceMs !== undefined) this.#say(0, []);
  }

  pip(): void {
    const frame = Math.ceil((this.#host.clock.now() - this.#startedAt) / this.#frameMs);
    if (this.#clockwork.isWild) {
      this.#ssrc += 1;
      this.#number += 12_345;
    }
    this.said.push(this.#timeOf(frame));
    this.#sayAt(frame, [...PIP_FRAMES]);
  }

  close(): void {
    this.#cancel();
    this.#rtp.close();
  }

  get #frameMs(): number {
    return 20 / (1 + this.#clockwork.ppm / 1e6);
  }

  #timeOf(frame: number): number {
    return this.#startedAt + frame * this.#frameMs;
  }

  #sayAt(frame: number, payloads: Uint8Array[]): void {
    this.#cancel();
    this.#cancel = this.#host.setTimer(this.#timeOf(frame), () => this.#say(frame, payloads));
  }

  #say(frame: number, payloads: Uint8Array[]): void {
    const { silenceMs } = this.#clockwork;
    this.#send(frame, payloads.shift() ?? SILENCE);
    if (payloads.length > 0) this.#sayAt(frame + 1, payloads);
    else if (silenceMs !== undefined) this.#sayAt(frame + silenceMs / 20, payloads);
  }

  #send(frame: number, payload: Uint8Array): void {
    const timestamp = (frame * 160 + (this.#ssrc - 1) * 1_234_567_890) >>> 0;
    const sequenceNumber = this.#number & 0xffff;
    const fields = { payloadType: 0, marker: false, sequenceNumber, timestamp, ssrc: this.#ssrc };
    this.#rtp.send(encodeRtp(fields, payload), RELAY, this.#port);
    this.#number += 1;
  }
}

/** Everybody says a pip each minute; finds out how late each is in its track, in milliseconds. */
async function latenessOfPips(
  world: World,
  { minutes, clockworks }: { readonly minutes: number; readonly clockworks: readonly Clockwork[] },
): Promise<readonly (readonly number[])[]> {
  const recordingFiles = new MemoryRecordings();
  const stage = await ConferenceStage.open(world, PLAIN_ROOM, {
    recordingFiles,
    inactivityMs: 10 * MINUTE_MS,
  });
  const { engine, roomId } = stage;
  const { recordingId } = await world.hold(engine.startRecording({ roomId }, OPTIONS));
  const startedAt = world.clock.now();
  const pippers: Pipper[] = [];
  for (const clockwork of clockworks) pippers.push(await Pipper.open(world, stage, clockwork));
  for (let minute = 0; minute < minutes; minute += 1) {
    await world.run(startedAt + minute * MINUTE_MS + 5000 - world.clock.now());
    for (const pipper of pippers) {
      pipper.pip();
      // Now one after the other, now at once; and never in step with the beats.
      await world.run(minute % 2 === 0 ? 0 : 3007);
    }
  }
  await world.run(startedAt + minutes * MINUTE_MS - world.clock.now());
  const report = await world.complete(engine.stopRecording(recordingId));
  expect(report).toMatchObject({ durationMs: minutes * MINUTE_MS, failure: null });
  for (const pipper of pippers) {
    await engine.closeLeg(pipper.legId);
    pipper.close();
  }
  await stage.end();
  return pippers.map(({ said }, index) => {
    const spurts = spurtsIn(recordingFiles.file(report.files[index + 1] ?? ''));
    expect(spurts).toHaveLength(minutes);
    return spurts.map(({ startMs, endMs }, i) => {
      const saidMs = (said[i] ?? 0) - startedAt;
      // Where jitter cost the first packet or made up for the last, the other end tells.
      return Math.min(startMs - saidMs, endMs - saidMs - PIP_MS);
    });
  });
}

function expectAligned(lateness: readonly (readonly number[])[]): void {
  const all = lateness.flat();
  const told = lateness.map((times) => times.map((ms) => ms.toFixed(1)).join(' ')).join('\n');
  expect(Math.max(...all) - Math.min(...all), told).toBeLessThanOrEqual(20);
}

/** As long and as dense as one likes: `PATCHCORD_RECORDED_MINUTES=120`, with packets all the time. */
const LONG_MINUTES = Number(process.env.PATCHCORD_RECORDED_MINUTES ?? 0);

describe('half an hour of a room', () => {
  scenario('stays aligned within 20 ms, whatever the clocks of its members do', {}, async (world) => {
    const lateness = await latenessOfPips(world, {
      minutes: 30,
      clockworks: [
        { name: 'true', ppm: 0 },
        { name: 'fast', ppm: 300, silenceMs: 2000 },
        { name: 'slow', ppm: -300, silenceMs: 2000 },
        { name: 'wild', ppm: 1000, isWild: true },
        { name: 'shaky', ppm: 50, silenceMs: 200, jitterMs: 60 },
      ],
    });
    expectAligned(lateness);
  });

  if (LONG_MINUTES > 0) {
    scenario('stays aligned with packets all the time', { timeoutMs: 600_000 }, async (world) => {
      const lateness = await latenessOfPips(world, {
        minutes: LONG_MINUTES,
        clockworks: [
          { name: 'true', ppm: 0, silenceMs: 20 },
          { name: 'fast', ppm: 300, silenceMs: 20 },
          { name: 'slow', ppm: -300, silenceMs: 20 },
          { name: 'shaky', ppm: 50, silenceMs: 20, jitterMs: 60 },
        ],
      });
      expectAligned(lateness);
    });
  }
});
