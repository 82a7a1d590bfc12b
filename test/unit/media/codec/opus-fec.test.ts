import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DecodeError, SeededRandom, silentLog } from '../../../../core/index.ts';
import { parseWav, remix, resample, SpeechLikeSource } from '../../../../media/audio/index.ts';
import { loadCodecs, type OpusEngine, opusDescription } from '../../../../media/codec/index.ts';
import { measureFecGain } from '../../../bench/opus-fec.ts';

const folder = resolve(
  process.env.PATCHCORD_DATA ?? resolve(import.meta.dirname, '../../../../../shared/data'),
  'speech',
);

const makerOf = async (opusEngine: OpusEngine) => {
  const codecs = await loadCodecs({ log: silentLog, names: ['opus'], opusEngine });
  return codecs.descriptions.length > 0 ? () => codecs.create(opusDescription) : undefined;
};
const makers = [
  { engine: 'libopus-wasm', create: await makerOf('libopus-wasm') },
  { engine: 'system', create: await makerOf('system') },
];

function speechLike(seconds: number): Int16Array {
  const pcm = new Int16Array(seconds * opusDescription.sampleRateHz);
  new SpeechLikeSource(3).read(pcm);
  return pcm;
}

let recorded: Int16Array | undefined;

/** Read and brought to one rate once. */
function recordedSpeech(): Int16Array {
  recorded ??= readRecordings();
  return recorded;
}

function readRecordings(): Int16Array {
  const names = ['visqol/CA01_01.wav', 'pjsua/input.48.wav', 'talking.wav'];
  const sounds = names.map((name) => {
    const sound = parseWav(readFileSync(resolve(folder, name)), name);
    return resample(remix(sound.pcm, sound.channels, 1), sound.sampleRateHz, opusDescription.sampleRateHz);
  });
  return Int16Array.from(sounds.flatMap((pcm) => [...pcm]));
}

describe.each(makers)('FEC of Opus by $engine, one packet in ten lost by chance:', ({ create }) => {
  const gainOf = (speech: Int16Array) => {
    if (!create) throw new Error('skipped without the engine');
    return measureFecGain({ create, speech, random: new SeededRandom(21), lossRatio: 0.1, rounds: 6 });
  };

  it.skipIf(!create)('brings lost frames of syllables 5 dB nearer than concealment', async () => {
    const { gainDb, lostFrames } = await gainOf(speechLike(12));
    expect(lostFrames).toBeGreaterThan(300);
    expect(gainDb).toBeGreaterThan(5);
  });

  it.skipIf(!create || !existsSync(folder))(
    'brings lost frames of recorded speech 5 dB nearer than concealment (skipped without the data)',
    async () => {
      expect((await gainOf(recordedSpeech())).gainDb).toBeGreaterThan(5);
    },
  );
});

describe('FEC of Opus by opusscript', () => {
  it('is not in the package: no payload is said to carry it, and lost frames are concealed', async () => {
    const create = await makerOf('opusscript');
    if (!create) throw new Error('opusscript is a dependency');
    const [codec, twin] = [await create(), await create()];
    codec.tune?.({ expectedLossRatio: 0.1 });
    const speech = speechLike(1);
    const payloads = Array.from({ length: 50 }, (__, i) =>
      codec.encode(speech.subarray(i * 960, (i + 1) * 960)),
    );
    expect(payloads.some((payload) => codec.hasFec?.(payload))).toBe(false);
    for (const payload of payloads) {
      expect(codec.decode(payload)).not.toBeInstanceOf(DecodeError);
      twin.decode(payload);
    }
    expect(codec.recover?.(payloads[20] ?? new Uint8Array(), 960)).toEqual(twin.conceal(960));
    codec.close();
    twin.close();
  });
});
