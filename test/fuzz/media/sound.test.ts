// Payloads of the codecs that are ours.
import { expect } from 'vitest';
import { DecodeError } from '../../../core/index.ts';
import {
  type Codec,
  describeL16,
  G711Codec,
  G722Codec,
  L16Codec,
  pcmaDescription,
  pcmuDescription,
  SpeechLikeSource,
} from '../../../media/index.ts';
import { type Fed, type FuzzTarget, fuzz } from '../support/fuzz.ts';

const FRAME_MS = 20;

/** Frames of speech, as the codec sends them. */
function speechBy(codec: Codec): readonly Uint8Array[] {
  const source = new SpeechLikeSource(9, codec.description.sampleRateHz);
  const pcm = new Int16Array((codec.description.sampleRateHz * FRAME_MS) / 1000);
  return Array.from({ length: 25 }, () => {
    source.read(pcm);
    return codec.encode(pcm);
  });
}

/** Whatever is decoded has the length that its bytes say; what is concealed, the length that was asked for. */
function codecTarget(name: string, make: () => Codec, samplesPerByte: number): FuzzTarget {
  const open = (): Fed => {
    const codec = make();
    return {
      feed: (payload, random) => {
        const pcm = codec.decode(payload);
        if (!(pcm instanceof DecodeError)) expect(pcm).toHaveLength(payload.length * samplesPerByte);
        const count = 1 + (random.uint32() % 1000);
        expect(codec.conceal(count)).toHaveLength(count);
      },
      close: () => codec.close(),
    };
  };
  return { name, corpus: speechBy(make()), open };
}

const TARGETS: readonly FuzzTarget[] = [
  codecTarget('G.711 µ-law', () => new G711Codec(pcmuDescription), 1),
  codecTarget('G.711 A-law', () => new G711Codec(pcmaDescription), 1),
  codecTarget('G.722', () => new G722Codec(), 2),
  codecTarget('L16', () => new L16Codec(describeL16()), 1 / 2),
];

fuzz(TARGETS);
