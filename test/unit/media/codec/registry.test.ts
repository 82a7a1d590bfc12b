import { describe, expect, it } from 'vitest';
import { DecodeError, silentLog } from '../../../../core/index.ts';
import {
  type Codec,
  type CodecFactory,
  codecNames,
  describeL16,
  G711Codec,
  loadCodecs,
  opusDescription,
  pcmaDescription,
  pcmuDescription,
} from '../../../../media/codec/index.ts';

const sine = (frequencyHz: number, sampleRateHz: number, length: number) =>
  Int16Array.from({ length }, (_, i) =>
    Math.round(9000 * Math.sin((2 * Math.PI * frequencyHz * i) / sampleRateHz)),
  );

/** Signal to noise at the best delay of up to 20 ms, in decibels, after the codec has settled. */
function bestSnr(sent: Int16Array, received: Int16Array): number {
  let best = Number.NEGATIVE_INFINITY;
  for (let delay = 0; delay <= 960; delay += 1) {
    let signal = 0;
    let noise = 0;
    for (let i = 3000; i < received.length; i += 7) {
      const original = sent[i - delay] ?? 0;
      signal += original ** 2;
      noise += (original - (received[i] ?? 0)) ** 2;
    }
    best = Math.max(best, 10 * Math.log10(signal / Math.max(noise, 1)));
  }
  return best;
}

function throughCodec(codec: Codec, pcm: Int16Array): Int16Array {
  const frame = codec.description.sampleRateHz / 50;
  const received = new Int16Array(pcm.length);
  for (let at = 0; at + frame <= pcm.length; at += frame) {
    const decoded = codec.decode(codec.encode(pcm.subarray(at, at + frame)));
    if (decoded instanceof DecodeError) throw new Error(decoded.reason);
    received.set(decoded, at);
  }
  return received;
}

describe('loadCodecs()', () => {
  it('offers Opus, G.722, PCMU and PCMA under their usual payload types, the best first, and L16 on request alone', async () => {
    const codecs = await loadCodecs({ log: silentLog });
    expect(
      codecs.descriptions.map((codec) => `${codec.payloadType} ${codec.encoding}/${codec.clockRateHz}`),
    ).toEqual(['111 opus/48000', '9 g722/8000', '0 pcmu/8000', '8 pcma/8000']);
    const l16 = await loadCodecs({ log: silentLog, names: ['l16'] });
    expect(l16.descriptions).toEqual([describeL16(16_000)]);
    expect(opusDescription.formatParameters).toBe('useinbandfec=1');
  });

  it('withdraws a codec that cannot be loaded, and says so in the log', async () => {
    const lines: object[] = [];
    const log = { ...silentLog, warn: (fields: object) => lines.push(fields) };
    const factories = (name: string): CodecFactory => ({
      description: { ...pcmuDescription, encoding: name === 'opus' ? 'opus' : 'pcmu' },
      load: async () => {
        if (name === 'opus') throw new Error('no WebAssembly here');
      },
      create: async (description) => new G711Codec(description),
    });
    const codecs = await loadCodecs({ log, names: ['opus', 'pcmu'], factories });
    expect(codecs.descriptions.map((codec) => codec.encoding)).toEqual(['pcmu']);
    expect(lines).toEqual([{ codec: 'opus', reason: 'no WebAssembly here' }]);
    expect(() => codecs.create(opusDescription)).toThrow('no codec "opus" is loaded');
  });

  it('keeps the order that was asked for', async () => {
    const codecs = await loadCodecs({ log: silentLog, names: ['pcma', 'opus'] });
    expect(codecs.descriptions.map((codec) => codec.encoding)).toEqual(['pcma', 'opus']);
    expect(codecNames).toEqual(['opus', 'g722', 'pcmu', 'pcma']);
  });
});

describe('G711Codec', () => {
  it.each([pcmuDescription, pcmaDescription])('$encoding carries a tone', (description) => {
    const codec = new G711Codec(description);
    const pcm = sine(440, 8000, 160 * 40);
    expect(bestSnr(pcm, throughCodec(codec, pcm))).toBeGreaterThan(30);
  });

  it('takes a payload of any length', () => {
    const codec = new G711Codec(pcmuDescription);
    for (const length of [0, 1, 33, 160, 1400])
      expect(codec.decode(new Uint8Array(length))).toHaveLength(length);
  });
});
