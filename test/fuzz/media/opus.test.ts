// Hostile Opus, by each engine that is installed.
import { describe, expect, it } from 'vitest';
import { DecodeError, silentLog } from '../../../core/index.ts';
import { SpeechLikeSource } from '../../../media/audio/index.ts';
import { type Codec, loadCodecs, opusDescription, opusEngines } from '../../../media/codec/index.ts';
import { type Fed, fuzz } from '../support/fuzz.ts';

const LARGEST_SAMPLES = 5760;
const FRAME = 960;
const speech = new Int16Array(FRAME * 60);
new SpeechLikeSource(9).read(speech);

/** True payloads with copies for FEC, by the engine that is always there. */
async function truePayloads(): Promise<Uint8Array[]> {
  const codecs = await loadCodecs({ log: silentLog, names: ['opus'] });
  const codec = await codecs.create(opusDescription);
  codec.tune?.({ expectedLossRatio: 0.1 });
  const payloads = Array.from({ length: 60 }, (_, i) =>
    codec.encode(speech.subarray(i * FRAME, (i + 1) * FRAME)),
  );
  codec.close();
  return payloads;
}

const corpus = await truePayloads();

for (const engine of opusEngines) {
  const codecs = await loadCodecs({ log: silentLog, names: ['opus'], opusEngine: engine });
  const isHere = codecs.descriptions.length > 0;

  /** Sound or an error, and sound again after whatever came. */
  const open = async (): Promise<Fed> => {
    const codec = await codecs.create(opusDescription);
    return {
      feed: (payload, random) => {
        misuse(codec, payload, 1 + (random.uint32() % 3000));
        if (random.uint32() % 20 === 0) expect(codec.decode(corpus[7] ?? payload)).toHaveLength(FRAME);
      },
      close: () => codec.close(),
    };
  };

  describe.skipIf(!isHere)(`hostile Opus (skipped where the engine is not installed)`, () => {
    fuzz([{ name: `Opus by ${engine}`, corpus, open }]);

    it(`leaves nothing behind of ten thousand codecs by ${engine}`, async () => {
      const useOne = async () => {
        const codec = await codecs.create(opusDescription);
        codec.decode(codec.encode(speech.subarray(0, FRAME)));
        codec.close();
      };
      for (let i = 0; i < 500; i += 1) await useOne();
      const before = process.memoryUsage().rss;
      for (let i = 0; i < 10_000; i += 1) await useOne();
      // One codec takes some 50 kB: a tenth of them forgotten would be more than this.
      expect((process.memoryUsage().rss - before) / 1e6).toBeLessThan(50);
    });
  });
}

function misuse(codec: Codec, payload: Uint8Array, sampleCount: number): void {
  if (codec.hasFec?.(payload)) {
    const recovered = codec.recover?.(payload, sampleCount);
    if (!(recovered instanceof DecodeError)) expect(recovered).toHaveLength(sampleCount);
  } else {
    expect(codec.conceal(sampleCount)).toHaveLength(sampleCount);
  }
  const decoded = codec.decode(payload);
  if (decoded instanceof DecodeError) return;
  expect(decoded.length).toBeGreaterThan(0);
  expect(decoded.length).toBeLessThanOrEqual(LARGEST_SAMPLES);
}
