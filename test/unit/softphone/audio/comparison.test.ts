import { describe, expect, it } from 'vitest';
import { DecodeError, SeededRandom, silentLog } from '../../../../core/index.ts';
import {
  type CodecName,
  loadCodecs,
  resample,
  type Sound,
  SpeechLikeSource,
} from '../../../../media/index.ts';
import { compareSounds, isSameSound } from '../../../../softphone/audio/comparison.ts';

const SPOKEN_HZ = 48_000;
/** More than is compared, and a third of the work to bring it down to that. */
const RATE = 16_000;

function voice(seed: number): Sound {
  const spoken = new Int16Array(5 * SPOKEN_HZ);
  new SpeechLikeSource(seed, SPOKEN_HZ).read(spoken);
  return { sampleRateHz: RATE, channels: 1, pcm: resample(spoken, SPOKEN_HZ, RATE) };
}

const like = (sound: Sound, make: (sample: number, i: number) => number): Sound => ({
  ...sound,
  pcm: sound.pcm.map(make),
});

/** A call: a delay, a codec, and every `lossEvery`th packet lost. */
async function called(sound: Sound, name: CodecName, lossEvery = Number.POSITIVE_INFINITY): Promise<Sound> {
  const codecs = await loadCodecs({ log: silentLog, names: [name] });
  const [description] = codecs.descriptions;
  if (!description) throw new Error('no codec');
  const codec = await codecs.create(description);
  const { sampleRateHz } = description;
  const pcm = resample(sound.pcm, sound.sampleRateHz, sampleRateHz);
  const frame = sampleRateHz / 50;
  const heard = new Int16Array(pcm.length + 40 * frame);
  for (let i = 0; (i + 1) * frame <= pcm.length; i += 1) {
    const payload = codec.encode(pcm.subarray(i * frame, (i + 1) * frame));
    const decoded = i % lossEvery === lossEvery - 1 ? codec.conceal(frame) : codec.decode(payload);
    if (decoded instanceof DecodeError) throw new Error(decoded.reason);
    heard.set(decoded, (i + 40) * frame);
  }
  codec.close();
  return { sampleRateHz, channels: 1, pcm: heard };
}

describe('compareSounds()', () => {
  it.each([
    { codec: 'opus', lossEvery: undefined },
    { codec: 'opus', lossEvery: 10 },
    { codec: 'pcmu', lossEvery: undefined },
    { codec: 'pcma', lossEvery: 20 },
  ] as const)(
    'finds a voice again behind $codec with every $lossEvery. packet lost',
    async ({ codec, lossEvery }) => {
      const said = voice(1);
      const comparison = compareSounds(said, await called(said, codec, lossEvery));
      expect(isSameSound(comparison)).toBe(true);
      expect(comparison.delayMs).toBeGreaterThan(780);
      expect(comparison.delayMs).toBeLessThan(840);
    },
  );

  const random = new SeededRandom(1);
  it.each([
    { name: 'silence', heard: (said: Sound) => like(said, () => 0) },
    { name: 'nothing', heard: (said: Sound) => ({ ...said, pcm: new Int16Array() }) },
    { name: 'noise', heard: (said: Sound) => like(said, () => (random.float() - 0.5) * 10_000) },
    { name: 'a tone', heard: (said: Sound) => like(said, (_, i) => 8000 * Math.sin((3 * i) / 20)) },
    { name: 'another voice', heard: () => voice(2) },
    {
      name: 'the voice under noise as loud',
      heard: (said: Sound) => like(said, (s) => s / 2 + (random.float() - 0.5) * 8000),
    },
    {
      name: 'the first half alone',
      heard: (said: Sound) => ({ ...said, pcm: said.pcm.slice(0, 2.5 * RATE) }),
    },
    { name: 'the voice backwards', heard: (said: Sound) => ({ ...said, pcm: said.pcm.slice().reverse() }) },
  ])('is not deceived by $name', ({ heard }) => {
    const said = voice(1);
    expect(isSameSound(compareSounds(said, heard(said)))).toBe(false);
  });

  it('calls nothing the same as silence', () => {
    const silence = like(voice(1), () => 0);
    expect(isSameSound(compareSounds(silence, silence))).toBe(false);
  });
});
