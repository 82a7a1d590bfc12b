// A room of four phones of three makes and codecs: each hears all others and not itself, as loud as they speak.
import { writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decodeG711, encodeG711, encodeWav, muLaw } from '../../../media/index.ts';
import { rtpPayloadEnd, rtpPayloadOffset, rtpPayloadType } from '../../../media/rtp/index.ts';
import { type CapturedDatagram, PortCapture, writeRtpCapture } from '../../support/peers/pcap.ts';
import { readWav, slice, type WavSound } from '../../support/peers/recording.ts';
import { missingPeer } from '../../support/peers/require-peer.ts';
import { sippCredentials, startSipp } from '../../support/peers/sipp.ts';
import { playCapture } from '../../support/peers/sipp-during-call.ts';
import { levelDbov, makeTone, residualDbov, toneLevelDbov } from '../../support/tones.ts';
import { Lab } from '../calls/lab.ts';

const ROOM = '3000';
const LEVEL_DBOV = -20;
const TALK_SECONDS = 12;
/**
 * Far apart, with whole periods in every window of 100 ms; below 1200 Hz, for Opus takes up to 2 dB from what is above where
 * it hears several tones at once. That of baresip has whole periods in samples of 8000 Hz: jitter buffers that leave one
 * out leave no trace.
 */
const TONES = { baresip: 400, sipp: 710, stereo: 1130, wideband: 930 } as const;
type Member = keyof typeof TONES;
const MEMBERS = Object.keys(TONES) as readonly Member[];

/** One decibel, as the project promises. */
const MOST_ERROR_DB = 1;
/** What of oneself, or of nobody, may be left. */
const SILENT_DBOV = -55;
/** What a click may have. */
const CLICK_DBOV = -50;

/** Of this room: what is said is to be heard as it was said. */
const PLAIN_ROOM = { announce: 'none', automaticGain: false, noiseGate: false };

/** Where the machine stood still, that is heard as well. */
const RETRY = { retry: 2 };

let lab: Lab;

beforeEach(async () => {
  lab = await Lab.open({ rooms: { [ROOM]: PLAIN_ROOM } });
});

afterEach(async () => {
  await lab.close();
});

function tone(member: Member, clockRateHz: number): Int16Array {
  const durationMs = (TALK_SECONDS + 6) * 1000;
  return makeTone({ frequencyHz: TONES[member], clockRateHz, durationMs, levelDbov: LEVEL_DBOV });
}

function writeTone(member: Member, clockRateHz: number, channels: 1 | 2): string {
  const mono = tone(member, clockRateHz);
  const pcm = new Int16Array(mono.length * channels).map((_, i) => mono[Math.floor(i / channels)] ?? 0);
  const path = lab.path(`${member}.wav`);
  writeFileSync(path, encodeWav({ sampleRateHz: clockRateHz, channels, pcm }));
  return path;
}

function writeSilence(): string {
  const path = lab.path('silence.wav');
  writeFileSync(path, encodeWav({ sampleRateHz: 48_000, channels: 2, pcm: new Int16Array(48_000 * 40) }));
  return path;
}

function writeCapturedTone(): string {
  const path = lab.path('sipp.pcap');
  const samples = tone('sipp', 8000);
  const payloads = Array.from({ length: Math.floor(samples.length / 160) }, (_, i) =>
    encodeG711(muLaw, samples.subarray(160 * i, 160 * (i + 1))),
  );
  writeRtpCapture(path, payloads);
  return path;
}

/** Without a jitter buffer: what came, in order; pauses are left out. */
function soundOf(datagrams: readonly CapturedDatagram[]): WavSound {
  const pieces = datagrams
    .filter(({ bytes }) => rtpPayloadType(bytes) === 0)
    .map(({ bytes }) => decodeG711(muLaw, bytes.subarray(rtpPayloadOffset(bytes), rtpPayloadEnd(bytes))));
  return { sampleRateHz: 8000, samples: Int16Array.from(pieces.flatMap((piece) => [...piece])) };
}

/** The loudest that the tone is over the middle of a sound, in windows of 100 ms: resampling and stretching shift it. */
function levelsOf(sound: WavSound, frequencyHz: number): number {
  const { sampleRateHz, samples } = sound;
  const length = sampleRateHz / 10;
  const levels = Array.from({ length: Math.floor(samples.length / length) }, (_, i) =>
    toneLevelDbov(samples.subarray(i * length, (i + 1) * length), { frequencyHz, clockRateHz: sampleRateHz }),
  ).sort((a, b) => a - b);
  return levels[Math.floor(levels.length / 2)] ?? Number.NaN;
}

function expectOthers(sound: WavSound, self: Member): void {
  for (const member of MEMBERS) {
    const level = levelsOf(sound, TONES[member]);
    const what = `${self} hears ${member} at ${level.toFixed(1)} dBov`;
    if (member === self) expect(level, what).toBeLessThan(SILENT_DBOV);
    else expect(Math.abs(level - LEVEL_DBOV), what).toBeLessThan(MOST_ERROR_DB);
  }
}

describe.skipIf(missingPeer('baresip', 'sipp', 'tcpdump'))('a room', () => {
  it('lets baresip, sipp and two softphones hear all others and not themselves', RETRY, async () => {
    const bob = await lab.baresip('bob', {
      codecs: ['opus'],
      sound: { file: writeTone('baresip', 48_000, 2) },
    });
    bob.dial(lab.uriOf(ROOM));
    await bob.waitFor('CALL_ESTABLISHED');
    const users = [['carol', sippCredentials('carol', 'carol-secret'), ROOM]];
    const duringCall = playCapture(writeCapturedTone(), TALK_SECONDS * 1000);
    const sipp = await startSipp({
      scenario: 'uac',
      remote: lab.server.address,
      calls: 1,
      users,
      duringCall,
    });
    const capture = await PortCapture.start(sipp.mediaPorts[0], lab.path('heard-by-sipp.pcap'));
    const phone = (member: Member, ...args: readonly string[]) => {
      const sound = ['--play', writeTone(member, 48_000, 1), '--record', lab.path(`${member}-heard.wav`)];
      return lab.calling('alice', ROOM, [...sound, '--duration', String(TALK_SECONDS - 2), ...args]);
    };
    const stereo = phone('stereo', '--codec', 'opus', '--stereo');
    const wideband = phone('wideband', '--codec', 'g722');
    const ends = await Promise.all([stereo.result(40_000), wideband.result(40_000)]);
    const heardBySipp = soundOf(await capture.end());
    void bob.command('hangup');
    await bob.waitFor('CALL_CLOSED');
    await sipp.stop();
    for (const { status } of ends) expect(status).toBe(0);
    expect(ends.map(({ reports }) => reports[0]?.codec)).toEqual(['opus/48000', 'g722/8000']);
    // While all four were there, with a second for each to come in.
    for (const member of ['stereo', 'wideband'] as const)
      expectOthers(slice(readWav(lab.path(`${member}-heard.wav`)), 4, TALK_SECONDS - 3), member);
    const [heardByBob] = bob.heard();
    if (!heardByBob) throw new Error('baresip recorded nothing');
    expectOthers(slice(heardByBob, 6, TALK_SECONDS - 2), 'baresip');
    expectOthers(slice(heardBySipp, 5, TALK_SECONDS - 3), 'sipp');
  });

  it('takes members in and lets them go without a click', RETRY, async () => {
    const heard = lab.path('heard.wav');
    const sound = { file: writeTone('baresip', 48_000, 2) };
    const bob = await lab.baresip('bob', { codecs: ['pcmu'], sound });
    // Says nothing, so that whatever is not the tone is ours.
    const carol = await lab.baresip('carol', { codecs: ['opus'], sound: { file: writeSilence() } });
    bob.dial(lab.uriOf(ROOM));
    await bob.waitFor('CALL_ESTABLISHED');
    // A codec that keeps a tone clean: Opus, made for voices, adds as much to a lone tone as a click would.
    const hearing = ['--codec', 'g722', '--record', heard, '--duration', '9'];
    const listening = lab.calling('alice', ROOM, ['--play', 'silence', ...hearing]);
    await delay(3000);
    for (let visits = 0; visits < 3; visits += 1) {
      carol.dial(lab.uriOf(ROOM));
      await carol.waitFor('CALL_ESTABLISHED');
      await delay(700);
      void carol.command('hangup');
      await carol.waitFor('CALL_CLOSED');
    }
    await listening.result();
    const { sampleRateHz, samples } = slice(readWav(heard), 2.5, 8);
    const length = sampleRateHz / 50;
    const residuals = Array.from({ length: Math.floor(samples.length / length) }, (_, i) =>
      residualDbov(samples.subarray(i * length, (i + 1) * length), {
        frequenciesHz: [TONES.baresip],
        clockRateHz: sampleRateHz,
      }),
    );
    // baresip takes 1.2 dB from what it brings to 8000 Hz.
    expect(levelDbov(samples)).toBeGreaterThan(LEVEL_DBOV - 1.5);
    expect(Math.max(...residuals)).toBeLessThan(CLICK_DBOV);
  });
});
