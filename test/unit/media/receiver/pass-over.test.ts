// A receiver to which nobody listens: time passes, and no decoder works.
import { describe, expect, it } from 'vitest';
import { pcmuDescription } from '../../../../media/index.ts';
import type { PlayoutStep } from '../../../../media/jitter/types.ts';
import { VoiceReceiver } from '../../../../media/receiver/index.ts';
import { BAD, FlatCodec, frame, ScriptedBuffer } from './steps.ts';

function receiver(steps: readonly PlayoutStep[]) {
  const buffer = new ScriptedBuffer(steps);
  const voice = new VoiceReceiver({ buffer });
  voice.setCodecs(new Map([[0, new FlatCodec(pcmuDescription)]]));
  const passOver = (durationMs: number) => voice.passOver(0, durationMs, () => 20);
  return { voice, buffer, passOver };
}

describe('VoiceReceiver.passOver()', () => {
  it('lets packets take their turn, and decodes none', () => {
    const { voice, buffer, passOver } = receiver([frame(1), frame(2), frame(3)]);
    passOver(50);
    expect([voice.decodes, voice.passedPackets, buffer.left]).toEqual([0, 3, 0]);
  });

  it('goes on with what of the last packet has not had its time, and decodes that one', () => {
    const { voice, passOver } = receiver([frame(1), frame(2), frame(3)]);
    passOver(25);
    // 15 ms of the second packet, then the third.
    const heard = voice.read(0, 30);
    expect(heard.subarray(0, 8 * 15).every((sample) => sample === 2)).toBe(true);
    expect(heard.at(-1)).toBe(3);
    expect(voice.decodes).toBe(2);
  });

  it('tells the buffer that nobody listens: what is ready counts, and any length of it may be left out', () => {
    const steps = [frame(1), { ...frame(2), stretchMs: -12 } as PlayoutStep, frame(3)];
    const { buffer, passOver } = receiver(steps);
    passOver(20);
    passOver(20);
    expect(buffer.asked).toEqual([
      { readyMs: 0, isSilent: true },
      { readyMs: 0, isSilent: true },
      { readyMs: 8, isSilent: true },
    ]);
    expect(buffer.stretched).toContain(-12);
  });

  it.each(['nothing', 'wait'] as const)('asks no more where there is %s', (type) => {
    const step = (type === 'wait' ? { type, durationMs: 5 } : { type }) as PlayoutStep;
    const { voice, passOver, buffer } = receiver([frame(1), step, frame(2)]);
    passOver(500);
    expect(buffer.left).toBe(1);
    expect(voice.read(0, 20).at(-1)).toBe(2);
  });

  it('leaves out sound that was decoded and not yet read', () => {
    const { voice, passOver } = receiver([frame(1), frame(2), frame(3)]);
    voice.read(0, 10);
    passOver(10);
    passOver(20);
    expect(voice.read(0, 20).at(-1)).toBe(3);
  });

  it('is silent for what no decoder takes', () => {
    const { voice, passOver } = receiver([frame(BAD), frame(3)]);
    passOver(10);
    const heard = voice.read(0, 20);
    expect(heard.subarray(0, 60).every((sample) => sample === 0)).toBe(true);
    expect(heard.at(-1)).toBe(3);
  });
});
