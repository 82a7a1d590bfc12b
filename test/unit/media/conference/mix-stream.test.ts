// One encoding of a mix: frames of any length, aligned in time.
import { describe, expect, it } from 'vitest';
import type { Codec, EncoderSettings } from '../../../../media/codec/index.ts';
import { BEAT_FRAMES, Mix } from '../../../../media/conference/mix.ts';
import { MixStream } from '../../../../media/conference/mix-stream.ts';

/** Keeps what it was given; its payload is the first sample. */
class FakeEncoder implements Partial<Codec> {
  readonly description = {
    encoding: 'l16',
    payloadType: 96,
    clockRateHz: 48_000,
    channels: 1,
    sampleRateHz: 48_000,
  } as const;
  readonly usualBitrateBps = 40_000;
  readonly lengths: number[] = [];
  readonly tuned: Partial<EncoderSettings>[] = [];

  encode(pcm: Int16Array): Uint8Array {
    this.lengths.push(pcm.length);
    return Uint8Array.of(pcm[0] ?? 0);
  }

  tune(settings: Partial<EncoderSettings>): void {
    this.tuned.push(settings);
  }
}

function streamOf(ptimeMs: number) {
  const encoder = new FakeEncoder();
  // Of a codec a stream uses no more.
  const stream = new MixStream({ encoder: encoder as unknown as Codec, ptimeMs });
  const sent: number[][] = [];
  const feed = (beat: number) => {
    const pcm = new Int16Array(BEAT_FRAMES).fill(beat);
    stream.feed(beat, pcm, (slot, payload) => sent.push([slot, payload[0] ?? 0]));
  };
  return { encoder, stream, sent, feed };
}

describe('MixStream', () => {
  it.each([
    { ptimeMs: 10, slots: [20, 21, 22, 23, 24, 25, 26, 27] },
    { ptimeMs: 20, slots: [20, 22, 24, 26] },
    { ptimeMs: 30, slots: [21, 24] },
    { ptimeMs: 40, slots: [20, 24] },
    { ptimeMs: 60, slots: [] },
  ])('makes packets of $ptimeMs ms that begin at multiples of that', ({ ptimeMs, slots }) => {
    const { encoder, sent, feed } = streamOf(ptimeMs);
    for (const beat of [10, 11, 12, 13]) feed(beat);
    expect(sent.map(([slot]) => slot)).toEqual(slots);
    expect(new Set(encoder.lengths)).toEqual(new Set(slots.length > 0 ? [48 * ptimeMs] : []));
  });

  it('begins a packet with the sound of its own first moment', () => {
    const { sent, feed } = streamOf(40);
    for (const beat of [11, 12, 13, 14, 15]) feed(beat);
    expect(sent).toEqual([
      [24, 12],
      [28, 14],
    ]);
  });

  it.each([
    { ptimeMs: 20, warmed: 2 },
    { ptimeMs: 60, warmed: 2 },
  ])('hears what was before, where it takes over with packets of $ptimeMs ms', ({ ptimeMs, warmed }) => {
    const { encoder, stream, sent, feed } = streamOf(ptimeMs);
    stream.warm(12, new Mix(1));
    expect(encoder.lengths.length).toBe(warmed);
    expect(sent).toEqual([]);
    expect(stream.isWarm(12)).toBe(true);
    feed(12);
    expect(stream.isWarm(12)).toBe(false);
  });

  it('builds one packet on none before, where somebody heard another stream, and spends a little more on it', () => {
    const { encoder, stream, feed } = streamOf(20);
    feed(1);
    stream.beginAnew();
    feed(2);
    feed(3);
    expect(encoder.tuned).toEqual([
      { prediction: false, bitrateBps: 52_000 },
      { prediction: true, bitrateBps: 40_000 },
    ]);
  });
});
