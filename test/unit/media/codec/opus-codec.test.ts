import { describe, expect, it } from 'vitest';
import { DecodeError, InvariantError, SeededRandom, silentLog } from '../../../../core/index.ts';
import { SpeechLikeSource } from '../../../../media/audio/index.ts';
import {
  type Codec,
  describeOpus,
  loadCodecs,
  type OpusEngine,
  type OpusSound,
  opusDescription,
  opusEngines,
} from '../../../../media/codec/index.ts';
import { OpusPacket } from '../../../../media/codec/opus-packet.ts';

const present = new Map<OpusEngine, Awaited<ReturnType<typeof loadCodecs>>>();
for (const engine of opusEngines) {
  const codecs = await loadCodecs({ log: silentLog, names: ['opus'], opusEngine: engine });
  if (codecs.descriptions.length > 0) present.set(engine, codecs);
}
const engines = [...present.keys()];

const create = async (engine: OpusEngine, sound: Partial<OpusSound> = {}, farEnd?: string) => {
  const own = describeOpus({ sampleRateHz: 48_000, soundChannels: 1, ...sound });
  const codecs = present.get(engine);
  if (!codecs) throw new Error(`${engine} is not here`);
  return codecs.create(farEnd === undefined ? own : { ...own, formatParameters: farEnd });
};

const sine = (frequencyHz: number, sampleRateHz: number, length: number) =>
  Int16Array.from({ length }, (_, i) =>
    Math.round(9000 * Math.sin((2 * Math.PI * frequencyHz * i) / sampleRateHz)),
  );
const speech = (milliseconds: number, sampleRateHz = 48_000) => {
  const pcm = new Int16Array((milliseconds * sampleRateHz) / 1000);
  new SpeechLikeSource(3, sampleRateHz).read(pcm);
  return pcm;
};
const interleave = (left: Int16Array, right: Int16Array) =>
  Int16Array.from({ length: left.length * 2 }, (_, i) => (i % 2 === 0 ? left : right)[i >> 1] ?? 0);
const channel = (pcm: Int16Array, index: number) => pcm.filter((_, i) => i % 2 === index);
const loudness = (pcm: Int16Array) => Math.sqrt(pcm.reduce((sum, x) => sum + x * x, 0) / pcm.length);
const sound = (decoded: Int16Array | DecodeError | undefined) => {
  if (!(decoded instanceof Int16Array)) throw new Error(`not decoded: ${decoded}`);
  return decoded;
};

/** Signal to noise at the best delay of up to 20 ms, in decibels, after the codec has settled. */
function bestSnr(sent: Int16Array, received: Int16Array, sampleRateHz: number): number {
  let best = Number.NEGATIVE_INFINITY;
  for (let delay = 0; delay <= sampleRateHz / 50; delay += 1) {
    let signal = 0;
    let noise = 0;
    for (let i = Math.round(sampleRateHz / 16); i < received.length; i += 11) {
      const original = sent[i - delay] ?? 0;
      signal += original ** 2;
      noise += (original - (received[i] ?? 0)) ** 2;
    }
    best = Math.max(best, 10 * Math.log10(signal / Math.max(noise, 1)));
  }
  return best;
}

const frameLength = ({ description: { sampleRateHz, soundChannels = 1 } }: Codec, milliseconds = 20) =>
  ((sampleRateHz * milliseconds) / 1000) * soundChannels;

function encodeAll(codec: Codec, pcm: Int16Array, milliseconds = 20): Uint8Array[] {
  const frame = frameLength(codec, milliseconds);
  return Array.from({ length: Math.floor(pcm.length / frame) }, (_, i) =>
    codec.encode(pcm.subarray(i * frame, (i + 1) * frame)),
  );
}

function decodeAll(codec: Codec, payloads: readonly Uint8Array[]): Int16Array {
  const frames = payloads.map((payload) => sound(codec.decode(payload)));
  const pcm = new Int16Array(frames.reduce((sum, frame) => sum + frame.length, 0));
  let at = 0;
  for (const frame of frames) {
    pcm.set(frame, at);
    at += frame.length;
  }
  return pcm;
}

const bitrate = (payloads: readonly Uint8Array[]) =>
  (payloads.reduce((sum, payload) => sum + payload.length, 0) * 8 * 50) / payloads.length;

/** RFC 6716 §3.1: a payload's band, 0 (narrow) to 4 (full). */
function bandOf(payload: Uint8Array): number {
  const config = (payload[0] ?? 0) >> 3;
  if (config < 12) return config >> 2;
  if (config < 16) return config < 14 ? 3 : 4;
  return [0, 2, 3, 4][(config - 16) >> 2] ?? 0;
}

describe.skipIf(engines.length === opusEngines.length)('Opus', () => {
  it.skip(`some engines are not installed here; tested are ${engines.join(', ')}`, () => {});
});

describe.each(engines)('Opus by %s', (engine) => {
  it.each([8000, 12_000, 16_000, 24_000, 48_000])('carries a tone at %i Hz', async (sampleRateHz) => {
    const codec = await create(engine, { sampleRateHz });
    const pcm = sine(440, sampleRateHz, sampleRateHz / 2);
    const received = decodeAll(codec, encodeAll(codec, pcm));
    expect(received).toHaveLength(pcm.length);
    expect(bestSnr(pcm, received, sampleRateHz)).toBeGreaterThan(20);
    codec.close();
  });

  it('carries two channels apart', async () => {
    const codec = await create(engine, { soundChannels: 2 });
    const [left, right] = [sine(440, 48_000, 24_000), sine(700, 48_000, 24_000)];
    const received = decodeAll(codec, encodeAll(codec, interleave(left, right)));
    expect(bestSnr(left, channel(received, 0), 48_000)).toBeGreaterThan(15);
    expect(bestSnr(right, channel(received, 1), 48_000)).toBeGreaterThan(15);
    codec.close();
  });

  it.each([10, 20, 40, 60])('takes frames of %i ms, and gives them back as long', async (milliseconds) => {
    const codec = await create(engine);
    const pcm = sine(440, 48_000, 48 * 600);
    const payloads = encodeAll(codec, pcm, milliseconds);
    expect(codec.decode(payloads[0] ?? new Uint8Array())).toHaveLength(48 * milliseconds);
    expect(bestSnr(pcm, decodeAll(codec, payloads), 48_000)).toBeGreaterThan(15);
    codec.close();
  });

  it.each([1, 2] as const)(
    'decodes 120 ms, the longest packet there is, of %i channels',
    async (soundChannels) => {
      const [codec, alone] = [
        await create(engine, { soundChannels }),
        await create(engine, { soundChannels }),
      ];
      const tone = sine(440, 48_000, 48 * 400);
      const frames = encodeAll(codec, soundChannels === 2 ? interleave(tone, tone) : tone).slice(-6);
      // RFC 6716 §3.2.5: six frames, a size each.
      const packed = Uint8Array.from([
        (frames[0]?.[0] ?? 0) | 3,
        0x86,
        ...frames.slice(0, -1).map((frame) => frame.length - 1),
        ...frames.flatMap((frame) => [...frame.subarray(1)]),
      ]);
      const decoded = sound(codec.decode(packed));
      expect(decoded).toHaveLength(5760 * soundChannels);
      expect(decoded).toEqual(decodeAll(alone, frames));
      codec.close();
      alone.close();
    },
  );

  it('reads a payload in the midst of a datagram', async () => {
    const [codec, twin] = [await create(engine), await create(engine)];
    for (const payload of encodeAll(codec, speech(200))) {
      const datagram = new Uint8Array(payload.length + 100).fill(0xaa);
      datagram.set(payload, 12);
      expect(codec.decode(datagram.subarray(12, 12 + payload.length))).toEqual(twin.decode(payload));
    }
    codec.close();
    twin.close();
  });

  it('keeps a hundred calls apart, each with its own sound', async () => {
    const codecs = await Promise.all(Array.from({ length: 100 }, () => create(engine)));
    const wrong = codecs.filter((codec, i) => {
      const pcm = sine(200 + 10 * i, 48_000, 960 * 8);
      return i % 9 === 0 && bestSnr(pcm, decodeAll(codec, encodeAll(codec, pcm)), 48_000) < 15;
    });
    expect(wrong).toHaveLength(0);
    for (const codec of codecs) codec.close();
  });

  it.each(engines)('is decoded by %s, and decodes it', async (other) => {
    const [ours, theirs] = [await create(engine), await create(other)];
    const pcm = sine(440, 48_000, 24_000);
    expect(bestSnr(pcm, decodeAll(theirs, encodeAll(ours, pcm)), 48_000)).toBeGreaterThan(20);
    expect(bestSnr(pcm, decodeAll(ours, encodeAll(theirs, pcm)), 48_000)).toBeGreaterThan(20);
    ours.close();
    theirs.close();
  });

  describe('what the far end asks for (RFC 7587 §6.1)', () => {
    const bandsSent = async (farEnd: string) => {
      const codec = await create(engine, {}, farEnd);
      codec.tune?.({ bitrateBps: 64_000 });
      const bands = encodeAll(codec, speech(1000)).map(bandOf);
      codec.close();
      return Math.max(...bands);
    };

    it.each([
      { farEnd: 'maxplaybackrate=8000', band: 0 },
      { farEnd: 'maxplaybackrate=16000', band: 2 },
      { farEnd: 'maxplaybackrate=24000', band: 3 },
      { farEnd: '', band: 4 },
    ])('"$farEnd": no wider band', async ({ farEnd, band }) => {
      expect(await bandsSent(farEnd)).toBe(band);
    });

    it.each([
      { farEnd: 'stereo=1', flag: 4 },
      { farEnd: '', flag: 0 },
    ])('"$farEnd": channels', async ({ farEnd, flag }) => {
      const codec = await create(engine, { soundChannels: 2 }, farEnd);
      const pcm = interleave(sine(440, 48_000, 48_000), sine(700, 48_000, 48_000));
      expect((encodeAll(codec, pcm).at(-1)?.[0] ?? 0) & 4).toBe(flag);
      codec.close();
    });

    it('maxaveragebitrate is kept below, whatever is tuned', async () => {
      const codec = await create(engine, {}, 'maxaveragebitrate=16000');
      codec.tune?.({ bitrateBps: 64_000 });
      expect(bitrate(encodeAll(codec, speech(3000)))).toBeLessThan(17_000);
      codec.close();
    });

    it('cbr=1: every payload is as long', async () => {
      const codec = await create(engine, {}, 'cbr=1');
      expect(new Set(encodeAll(codec, speech(1000)).map((payload) => payload.length)).size).toBe(1);
      codec.close();
    });

    it.each([
      { farEnd: 'usedtx=1', isSilent: true },
      { farEnd: '', isSilent: false },
    ])('"$farEnd": silence', async ({ farEnd, isSilent }) => {
      const codec = await create(engine, {}, farEnd);
      encodeAll(codec, speech(1000));
      const payloads = encodeAll(codec, new Int16Array(48_000 * 2));
      const empty = payloads.filter((payload) => payload.length === 0).length;
      if (isSilent) expect(empty / payloads.length).toBeGreaterThan(0.7);
      else expect(empty).toBe(0);
      codec.close();
    });

    it('useinbandfec: copies only for who reads them, and only where loss is expected', async () => {
      const copies = async (farEnd: string, expectedLossRatio: number) => {
        const codec = await create(engine, {}, farEnd);
        codec.tune?.({ expectedLossRatio });
        const packet = new OpusPacket();
        const payloads = encodeAll(codec, speech(2000));
        codec.close();
        return payloads.filter((payload) => !packet.read(payload) && packet.hasLowBitrateCopy).length;
      };
      expect(await copies('useinbandfec=1', 0.1)).toBeGreaterThan(50);
      expect(await copies('useinbandfec=1', 0)).toBe(0);
      expect(await copies('useinbandfec=0', 0.1)).toBe(0);
    });
  });

  it('changes bitrate, complexity, expected loss and DTX in mid-stream', async () => {
    const codec = await create(engine);
    const at = (bitrateBps: number) => {
      codec.tune?.({ bitrateBps, complexity: bitrateBps === 16_000 ? 0 : 10 });
      return bitrate(encodeAll(codec, speech(2000)));
    };
    const [low, high, lowAgain] = [at(16_000), at(64_000), at(16_000)];
    expect(low).toBeLessThan(18_000);
    expect(high).toBeGreaterThan(40_000);
    expect(lowAgain).toBeLessThan(18_000);
    codec.tune?.({ dtx: true });
    expect(encodeAll(codec, new Int16Array(48_000)).some((payload) => payload.length === 0)).toBe(true);
    codec.tune?.({ dtx: false });
    expect(encodeAll(codec, new Int16Array(48_000)).some((payload) => payload.length === 0)).toBe(false);
    codec.close();
  });

  it('takes settings past their range as the nearest allowed', async () => {
    const codec = await create(engine);
    codec.tune?.({ bitrateBps: 1, complexity: -3, expectedLossRatio: -1 });
    codec.tune?.({ bitrateBps: 1e9, complexity: 99.5, expectedLossRatio: 7 });
    expect(codec.decode(codec.encode(new Int16Array(960)))).toHaveLength(960);
    codec.close();
  });

  it('conceals as many samples as are asked for, and fades', async () => {
    const codec = await create(engine);
    decodeAll(codec, encodeAll(codec, sine(440, 48_000, 960 * 4)));
    for (const length of [960, 100, 1, 5760, 12_000]) expect(codec.conceal(length)).toHaveLength(length);
    for (let i = 0; i < 50; i += 1) codec.conceal(960);
    expect(loudness(codec.conceal(960))).toBeLessThan(100);
    codec.close();
  });

  it('conceals the first lost frame by what came before, in mono and stereo', async () => {
    for (const soundChannels of [1, 2] as const) {
      const codec = await create(engine, { soundChannels });
      const tone = sine(200, 48_000, 24_000);
      const pcm = soundChannels === 2 ? interleave(tone, tone) : tone;
      const before = decodeAll(codec, encodeAll(codec, pcm)).subarray(-960);
      const concealed = codec.conceal(960);
      expect(concealed).toHaveLength(960 * soundChannels);
      expect(loudness(concealed) / loudness(before)).toBeGreaterThan(0.5);
      codec.close();
    }
  });

  it.each([1, 2] as const)(
    'recovers or conceals gaps of any length, of %i channels',
    async (soundChannels) => {
      const codec = await create(engine, { soundChannels });
      codec.tune?.({ expectedLossRatio: 0.1 });
      const voice = speech(1000);
      const payloads = encodeAll(codec, soundChannels === 2 ? interleave(voice, voice) : voice);
      const gaps = [960, 480, 100, 960 * 3, 960 * 9];
      for (const [i, payload] of payloads.entries()) {
        const gap = gaps[i % gaps.length] ?? 0;
        if (i % 3 === 1) expect(codec.recover?.(payload, gap)).toHaveLength(gap * soundChannels);
        expect(codec.decode(payload)).toHaveLength(960 * soundChannels);
      }
      codec.close();
    },
  );

  it('answers garbage with a value, and decodes the next packet', async () => {
    const codec = await create(engine);
    const good = encodeAll(codec, sine(440, 48_000, 9600));
    const payload = good[5] ?? new Uint8Array();
    const random = new SeededRandom(5);
    const bad = [
      new Uint8Array(),
      ...Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte)),
      ...Array.from(payload, (_, cut) => payload.subarray(0, cut)),
      ...Array.from(payload, (_, i) => payload.map((byte, at) => (at === i ? byte ^ 0xff : byte))),
      ...Array.from({ length: 100 }, () => random.bytes(1500)),
      random.bytes(60_000),
    ];
    for (const bytes of bad) {
      for (const result of [codec.decode(bytes), codec.recover?.(bytes, 960)]) {
        expect(result instanceof DecodeError || result instanceof Int16Array).toBe(true);
      }
      codec.hasFec?.(bytes);
      if (!(codec.decode(payload) instanceof Int16Array)) throw new Error('decoding does not go on');
    }
    expect(codec.decode(new Uint8Array())).toMatchObject({ code: 'OPUS_EMPTY' });
    expect(codec.decode(Uint8Array.of(255, 255, 255))).toMatchObject({ code: 'OPUS_CORRUPT' });
    const fresh = decodeAll(codec, good);
    expect(bestSnr(sine(440, 48_000, 9600), fresh, 48_000)).toBeGreaterThan(20);
    codec.close();
  });

  it('is closed once, and not used afterwards', async () => {
    const codec = await create(engine);
    codec.close();
    codec.close();
    expect(() => codec.encode(new Int16Array(960))).toThrow(InvariantError);
    expect(() => codec.decode(Uint8Array.of(8, 1, 2))).toThrow(InvariantError);
    expect(() => codec.conceal(960)).toThrow(InvariantError);
  });
});

describe('createOpusCodec()', () => {
  it('knows only the rates of RFC 6716', async () => {
    const codecs = await loadCodecs({ log: silentLog, names: ['opus'] });
    await expect(codecs.create({ ...opusDescription, sampleRateHz: 44_100 })).rejects.toThrow('44100');
  });
});
