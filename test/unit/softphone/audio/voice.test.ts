import { describe, expect, it } from 'vitest';
import { DecodeError } from '../../../../core/index.ts';
import {
  type Codec,
  type CodecDescription,
  G711Codec,
  opusDescription,
  type PlayoutStep,
  pcmaDescription,
  pcmuDescription,
  ToneSource,
} from '../../../../media/index.ts';
import { MemorySink } from '../../../../softphone/audio/memory-sink.ts';
import { VoicePlayer } from '../../../../softphone/audio/voice-player.ts';
import { VoiceSender } from '../../../../softphone/audio/voice-sender.ts';

/** A codec whose payload is one number: every sample has that value. */
class FlatCodec implements Codec {
  readonly description: CodecDescription;
  readonly #samples: number;

  constructor(description: CodecDescription, samples = description.sampleRateHz / 50) {
    this.description = description;
    this.#samples = samples;
  }

  encode(pcm: Int16Array): Uint8Array {
    return Uint8Array.of(pcm.length & 0xff, Math.abs(pcm[0] ?? 0) & 0xff);
  }

  decode(payload: Uint8Array): Int16Array | DecodeError {
    const [value = 0] = payload;
    return value === 255
      ? new DecodeError('BAD', 'payload', 'bad')
      : new Int16Array(this.#samples).fill(value);
  }

  conceal(sampleCount: number): Int16Array {
    return new Int16Array(sampleCount).fill(-1);
  }

  close(): void {}
}

const frame = (value: number, payloadType = 0): PlayoutStep => ({
  type: 'frame',
  payloadType,
  payload: Uint8Array.of(value),
});

function play(
  codecs: readonly (readonly [number, Codec])[],
  steps: readonly PlayoutStep[],
  rateHz = 8000,
  beats = 1,
) {
  const player = new VoicePlayer();
  const sink = new MemorySink(rateHz);
  const left = [...steps];
  player.setCodecs(new Map(codecs));
  player.addListener(sink);
  for (let i = 0; i < beats; i += 1) player.play(() => left.shift() ?? { type: 'nothing' });
  return { player, pcm: sink.pcm, left };
}

describe('VoicePlayer', () => {
  const pcmu = (samples?: number) => [0, new FlatCodec(pcmuDescription, samples)] as const;

  it('plays a frame a beat, silence where nothing is there, and makes up what is lost', () => {
    const { pcm } = play([pcmu()], [frame(1), { type: 'lost' }, { type: 'nothing' }, frame(2)], 8000, 4);
    expect([0, 160, 320, 480].map((at) => pcm[at])).toEqual([1, -1, 0, 2]);
    expect(pcm).toHaveLength(640);
  });

  it.each([
    { ptimeMs: 10, samples: 80, pulled: 4 },
    { ptimeMs: 30, samples: 240, pulled: 2 },
    { ptimeMs: 60, samples: 480, pulled: 1 },
  ])('takes packets of $ptimeMs ms', ({ samples, pulled }) => {
    const steps = Array.from({ length: 8 }, (_, i) => frame(i + 1));
    const { pcm, left } = play([pcmu(samples)], steps, 8000, 2);
    expect(8 - left.length).toBe(pulled);
    expect([...pcm]).toEqual(Array.from({ length: 320 }, (_, i) => Math.floor(i / samples) + 1));
  });

  it('makes up as much as a lost packet had', () => {
    const { left } = play([pcmu(480)], [frame(1), { type: 'lost' }, frame(2)], 8000, 6);
    expect(left).toHaveLength(1);
  });

  it('counts and survives what it cannot decode', () => {
    const { player, pcm } = play([pcmu()], [frame(1), frame(255), frame(9, 77), frame(2)], 8000, 3);
    expect(player.undecodable).toBe(2);
    expect([0, 160, 320].map((at) => pcm[at])).toEqual([1, -1, 2]);
  });

  it('follows a far end that changes its codec, and keeps the rate of the sink', () => {
    const opus = [111, new FlatCodec(opusDescription)] as const;
    const { pcm } = play([opus, pcmu()], [frame(50, 111), frame(60, 0), frame(70, 111)], 8000, 3);
    expect(pcm).toHaveLength(480);
    expect(pcm[200]).toBe(60);
  });

  it('does not hang on payloads without sound', () => {
    const { player } = play([pcmu(0)], [], 8000, 1);
    player.play(() => frame(1));
    expect(player.meter.overall).toBe(-127);
  });
});

describe('VoiceSender', () => {
  it('goes on with its source where the codec changes', () => {
    const sender = new VoiceSender(new ToneSource(440, 8000));
    expect(sender.next()).toBeUndefined();
    sender.setCodec(new G711Codec(pcmuDescription));
    expect(sender.next()).toHaveLength(160);
    sender.setCodec(new G711Codec(pcmaDescription));
    expect(sender.next()).toHaveLength(160);
    expect(sender.meter.overall).toBeCloseTo(-15, 0);
  });

  it('sends silence while it is muted, and the source goes on', () => {
    const sender = new VoiceSender(new ToneSource(440, 8000));
    sender.setCodec(new G711Codec(pcmuDescription));
    sender.isMuted = true;
    expect(sender.next()?.every((code) => code === 0xff)).toBe(true);
    sender.isMuted = false;
    expect(sender.next()?.every((code) => code === 0xff)).toBe(false);
  });
});
