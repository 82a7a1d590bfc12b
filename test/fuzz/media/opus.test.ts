import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DecodeError, silentLog } from '../../../core/index.ts';
import { SpeechLikeSource } from '../../../media/audio/index.ts';
import { type Codec, loadCodecs, opusDescription, opusEngines } from '../../../media/codec/index.ts';

// The engines share the time.
const limitMs = (Number(process.env.PATCHCORD_FUZZ_SECONDS ?? 10) * 1000) / opusEngines.length;
const parameters = { numRuns: Number.MAX_SAFE_INTEGER, interruptAfterTimeLimit: limitMs };

const LARGEST_SAMPLES = 5760;
const speech = new Int16Array(960 * 60);
new SpeechLikeSource(9).read(speech);

/** True payloads with copies for FEC, by the engine that is always there. */
async function truePayloads(): Promise<Uint8Array[]> {
  const codecs = await loadCodecs({ log: silentLog, names: ['opus'] });
  const codec = await codecs.create(opusDescription);
  codec.tune?.({ expectedLossRatio: 0.1 });
  const payloads = Array.from({ length: 60 }, (_, i) =>
    codec.encode(speech.subarray(i * 960, (i + 1) * 960)),
  );
  codec.close();
  return payloads;
}

const payloads = await truePayloads();
const flipped = fc
  .tuple(fc.constantFrom(...payloads), fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { maxLength: 6 }))
  .map(([payload, changes]) => {
    const bytes = payload.slice();
    for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
    return bytes;
  });
/** Any number of frames of any mode, with sizes that may fit. */
const framed = fc
  .tuple(fc.nat(255), fc.nat(255), fc.uint8Array({ maxLength: 400 }))
  .map(([toc, count, rest]) => Uint8Array.of(toc, count, ...rest));
const hostile = fc.oneof(flipped, framed, fc.uint8Array({ maxLength: 1500, size: 'max' }));
const steps = fc.array(fc.tuple(hostile, fc.integer({ min: 1, max: 3000 })), { maxLength: 20 });

for (const engine of opusEngines) {
  const codecs = await loadCodecs({ log: silentLog, names: ['opus'], opusEngine: engine });
  const isHere = codecs.descriptions.length > 0;

  describe.skipIf(!isHere)(`hostile Opus by ${engine} (skipped where it is not installed)`, () => {
    it('decodes to sound or an error, recovers and conceals as much as was asked, and goes on', async () => {
      const codec = await codecs.create(opusDescription);
      fc.assert(
        fc.property(steps, (all) => {
          for (const [payload, sampleCount] of all) misuse(codec, payload, sampleCount);
          for (const payload of payloads.slice(0, 3)) expect(codec.decode(payload)).toHaveLength(960);
        }),
        parameters,
      );
      codec.close();
    });

    it('leaves nothing behind of ten thousand codecs', async () => {
      const useOne = async () => {
        const codec = await codecs.create(opusDescription);
        codec.decode(codec.encode(speech.subarray(0, 960)));
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
