import { describe, expect, it } from 'vitest';
import { G711Codec, opusDescription, pcmuDescription } from '../../../../media/index.ts';
import type { PlayoutStep } from '../../../../media/jitter/types.ts';
import { VoiceReceiver } from '../../../../media/receiver/index.ts';
import { levelDbov, makeTone, toneLevelDbov } from '../../../support/index.ts';
import { BAD, FlatCodec, FROM_COPY, frame, MADE_UP, packetOf, ScriptedBuffer } from './steps.ts';

function receiver(steps: readonly PlayoutStep[], codecs = [new FlatCodec(pcmuDescription)]) {
  const buffer = new ScriptedBuffer(steps);
  const voice = new VoiceReceiver({ buffer });
  voice.setCodecs(new Map(codecs.map((codec) => [codec.description.payloadType, codec])));
  return { voice, buffer };
}

/** The level in the middle of each piece: its ends may be smoothed. */
function middles(voice: VoiceReceiver, reads: number, durationMs = 20): number[] {
  return Array.from({ length: reads }, (_, i) => {
    const pcm = voice.read(i * durationMs, durationMs);
    expect(pcm).toHaveLength((durationMs * voice.sampleRateHz * voice.channels) / 1000);
    return pcm[Math.floor(pcm.length / 2)] ?? 0;
  });
}

describe('VoiceReceiver', () => {
  it('plays packets, makes up what is lost or waited for, and is silent where nothing is', () => {
    const steps: PlayoutStep[] = [
      frame(1),
      { type: 'lost', durationMs: 20 },
      { type: 'wait', durationMs: 20 },
      frame(2),
      frame(0),
      { type: 'nothing' },
      frame(3),
    ];
    const { voice } = receiver(steps);
    expect(middles(voice, 7)).toEqual([1, MADE_UP, MADE_UP, 2, 0, 0, 3]);
  });

  it.each([2.5, 5, 10, 20, 60, 120])('takes packets of %d ms whatever is read', (ptimeMs) => {
    const steps = Array.from({ length: 240 / ptimeMs }, (_, i) => frame(i + 1));
    const { voice, buffer } = receiver(steps, [new FlatCodec(pcmuDescription, ptimeMs)]);
    const heard: number[] = [];
    for (const durationMs of [10, 20, 30, 5, 60, 115]) heard.push(...voice.read(0, durationMs));
    expect(heard).toEqual(Array.from({ length: 240 * 8 }, (_, i) => 1 + Math.floor(i / (8 * ptimeMs))));
    expect(buffer.left).toBe(0);
  });

  it('tells its buffer what is ready to be played, and whether that is silence', () => {
    const { voice, buffer } = receiver([frame(0), frame(100), frame(0), frame(0)]);
    expect(voice.isSilent).toBe(true);
    voice.read(0, 30);
    expect(voice.isSilent).toBe(false);
    voice.read(30, 15);
    expect(voice.isSilent).toBe(true);
    expect(buffer.asked).toEqual([
      { readyMs: 0, isSilent: true },
      { readyMs: 20, isSilent: true },
      { readyMs: 10, isSilent: false },
    ]);
  });

  it('sees whether a packet carries a copy or is almost nothing, where its owner did not', () => {
    const { voice, buffer } = receiver([]);
    const pushed = { ssrc: 1, marker: false, arrivedAt: 0, clockRateHz: 8000 };
    voice.push(0, { ...packetOf(3), ...pushed });
    voice.push(0, { ...packetOf(4), payload: Uint8Array.of(4, 4, 4), ...pushed });
    voice.push(0, { ...packetOf(3), ...pushed, hasFec: false, isRedundant: true });
    voice.push(0, { ...packetOf(3, 99), ...pushed });
    expect(buffer.pushed.map(({ hasFec }) => hasFec)).toEqual([true, false, false, false]);
    expect(buffer.pushed.map(({ isDtx }) => isDtx)).toEqual([true, false, true, false]);
    expect(buffer.pushed.map(({ isRedundant }) => isRedundant)).toEqual([false, false, true, false]);
  });

  it('leaves packets that are no sound out of the row of numbers', () => {
    const { voice, buffer } = receiver([]);
    const pushed = { ...packetOf(2), ssrc: 1, marker: false, arrivedAt: 0, clockRateHz: 8000 };
    voice.push(0, { ...pushed, extendedSequenceNumber: 5 });
    voice.skip(1, 6);
    voice.push(0, { ...pushed, extendedSequenceNumber: 7 });
    expect(buffer.pushed.map(({ extendedSequenceNumber }) => extendedSequenceNumber)).toEqual([5, 6]);
  });

  it('plays a lost packet from the copy in the next', () => {
    const recover: PlayoutStep = { type: 'recover', packet: packetOf(7), durationMs: 20 };
    const { voice } = receiver([frame(1), recover, frame(7)]);
    expect(middles(voice, 3)).toEqual([1, FROM_COPY + 7, 7]);
  });

  it('conceals where the copy is of a codec that did not play before, or none', () => {
    const recover = (payloadType: number): PlayoutStep => ({
      type: 'recover',
      packet: packetOf(7, payloadType),
      durationMs: 20,
    });
    const other = new FlatCodec({ ...pcmuDescription, payloadType: 8 });
    const { voice } = receiver([frame(1), recover(8), recover(99)], [new FlatCodec(pcmuDescription), other]);
    expect(middles(voice, 3)).toEqual([1, MADE_UP, MADE_UP]);
    expect(other.recovered).toBe(0);
    expect(voice.statistics.concealedMs).toBe(40);
  });

  it('counts payloads that no decoder takes, and makes up as much sound as the last packet had', () => {
    const { voice, buffer } = receiver(
      [frame(1), frame(BAD), frame(1, 77), frame(2)],
      [new FlatCodec(pcmuDescription, 40)],
    );
    expect(middles(voice, 8)).toEqual([1, 1, MADE_UP, MADE_UP, MADE_UP, MADE_UP, 2, 2]);
    expect(buffer.left).toBe(0);
    expect(voice.statistics).toMatchObject({ undecodable: 2, concealedMs: 80 });
  });

  it('makes the noise that the far end tells of, but none as loud as a voice (RFC 3389)', () => {
    const noise = (level: number): PlayoutStep => frame(level, 13);
    const steps = [frame(100), frame(100), noise(70), { type: 'nothing' } as const, noise(10)];
    const buffer = new ScriptedBuffer(steps);
    const voice = new VoiceReceiver({ buffer });
    voice.setCodecs(new Map([[0, new FlatCodec(pcmuDescription)]]), [13]);
    const pushed = { ...packetOf(70, 13), ssrc: 1, marker: false, arrivedAt: 0, clockRateHz: 8000 };
    voice.push(0, pushed);
    expect(buffer.pushed).toMatchObject([{ isDtx: true }]);
    voice.read(0, 40);
    const levels = [40, 60, 80].map((now) => levelDbov(voice.read(now, 20).subarray(40)));
    expect(levels.slice(0, 2).map((level) => Math.abs(level + 70) < 2)).toEqual([true, true]);
    // The second level is approached.
    expect(levels[2]).toBeGreaterThan(-68);
    expect(levels[2]).toBeLessThan(-40);
    expect(voice.isSilent).toBe(true);
    expect(voice.statistics.undecodable).toBe(0);
  });

  it('ends a read on packets without sound', () => {
    const steps = Array.from({ length: 1000 }, () => frame(1));
    const { voice, buffer } = receiver(steps, [new FlatCodec(pcmuDescription, 0)]);
    expect(middles(voice, 1)).toEqual([0]);
    expect(buffer.left).toBeGreaterThan(0);
  });

  it('follows a far end that changes its codec, in rate and channels, and loses nothing between', () => {
    const stereo = new FlatCodec({ ...opusDescription, soundChannels: 2 });
    const codecs = [new FlatCodec(pcmuDescription), stereo];
    const { voice } = receiver([frame(100), frame(50, 111), frame(60, 0)], codecs);
    voice.read(0, 10);
    expect([voice.sampleRateHz, voice.channels]).toEqual([8000, 1]);
    const both = voice.read(10, 20);
    expect([voice.sampleRateHz, voice.channels, both.length]).toEqual([48_000, 2, 1920]);
    // 10 ms that the first codec left, then 10 ms of the second.
    expect([both[480], both[481], both[1438], both[1439]]).toEqual([100, 100, 50, 50]);
    const back = voice.read(30, 30);
    expect([voice.sampleRateHz, back.length, back[40], back[160]]).toEqual([8000, 240, 50, 60]);
  });

  it('has the rate of the first codec before anything comes, and silence without any', () => {
    const { voice } = receiver([], [new FlatCodec(opusDescription)]);
    expect(voice.read(0, 10)).toEqual(new Int16Array(480));
    voice.setCodecs(new Map());
    expect(voice.read(10, 10)).toEqual(new Int16Array(480));
    expect(new VoiceReceiver({ buffer: new ScriptedBuffer([]) }).read(0, 10)).toEqual(new Int16Array(80));
  });
});

describe('VoiceReceiver: stretching', () => {
  const codec = new G711Codec(pcmuDescription);
  const tone = makeTone({ frequencyHz: 200, clockRateHz: 8000, durationMs: 400 });
  const steps = (stretchMs: number) =>
    Array.from({ length: 20 }, (_, i): PlayoutStep => {
      const payload = codec.encode(tone.subarray(160 * i, 160 * i + 160));
      return { type: 'frame', packet: { ...packetOf(0), payload }, stretchMs: i < 5 ? 0 : stretchMs };
    });

  it.each([-10, 10])('stretches by whole periods, and tells by how much (%i ms wanted)', (stretchMs) => {
    const buffer = new ScriptedBuffer(steps(stretchMs));
    const voice = new VoiceReceiver({ buffer });
    voice.setCodecs(new Map([[0, new G711Codec(pcmuDescription)]]));
    const heard: number[] = [];
    while (buffer.left > 0) heard.push(...voice.read(0, 20));
    const added = buffer.stretched.reduce((sum, ms) => sum + ms, 0);
    expect(buffer.stretched).toHaveLength(15);
    expect(Math.abs(added % 5)).toBe(0);
    expect(added / stretchMs).toBeGreaterThan(7);
    // All but what is ready was read, to the sample.
    const readyMs = 400 + added - heard.length / 8;
    expect(readyMs).toBeGreaterThanOrEqual(0);
    expect(readyMs).toBeLessThanOrEqual(30);
    expect(toneLevelDbov(Int16Array.from(heard), { frequencyHz: 200, clockRateHz: 8000 })).toBeCloseTo(
      -20,
      0,
    );
  });
});
