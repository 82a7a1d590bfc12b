import { describe, expect, it } from 'vitest';
import { DecodeError, SeededRandom, silentLog } from '../../../../core/index.ts';
import {
  type CodecName,
  loadCodecs,
  resample,
  type Sound,
  SpeechLikeSource,
} from '../../../../media/index.ts';
import { intelligibility } from '../../../../softphone/audio/intelligibility.ts';

const SPOKEN_HZ = 48_000;
/** More than is measured, and a third of the work to bring it down to that. */
const RATE_HZ = 16_000;

function voice(seed: number, seconds = 6): Sound {
  const spoken = new Int16Array(seconds * SPOKEN_HZ);
  new SpeechLikeSource(seed, SPOKEN_HZ).read(spoken);
  return { sampleRateHz: RATE_HZ, channels: 1, pcm: resample(spoken, SPOKEN_HZ, RATE_HZ) };
}

const like = (sound: Sound, make: (sample: number, i: number) => number): Sound => ({
  ...sound,
  pcm: sound.pcm.map(make),
});

function delayed(sound: Sound, seconds: number): Sound {
  const pcm = new Int16Array(sound.pcm.length + seconds * sound.sampleRateHz);
  pcm.set(sound.pcm, seconds * sound.sampleRateHz);
  return { ...sound, pcm };
}

/** Frames of 20 ms through a codec; those lost at random are concealed, or left silent. */
async function called(
  sound: Sound,
  name: CodecName,
  loss: { readonly ratio: number; readonly isConcealed: boolean } = { ratio: 0, isConcealed: true },
): Promise<Sound> {
  const codecs = await loadCodecs({ log: silentLog, names: [name] });
  const [description] = codecs.descriptions;
  if (!description) throw new Error('no codec');
  const codec = await codecs.create(description);
  const random = new SeededRandom(7);
  const { sampleRateHz } = description;
  const pcm = resample(sound.pcm, sound.sampleRateHz, sampleRateHz);
  const frame = sampleRateHz / 50;
  const heard = new Int16Array(pcm.length);
  for (let i = 0; (i + 1) * frame <= pcm.length; i += 1) {
    const payload = codec.encode(pcm.subarray(i * frame, (i + 1) * frame));
    const isLost = random.float() < loss.ratio;
    const decoded = isLost ? codec.conceal(frame) : codec.decode(payload);
    if (decoded instanceof DecodeError) throw new Error(decoded.reason);
    if (!isLost || loss.isConcealed) heard.set(decoded, i * frame);
  }
  codec.close();
  return { sampleRateHz, channels: 1, pcm: heard };
}

describe('intelligibility()', () => {
  const said = voice(1);

  it('is 1 for the sound itself', () => {
    expect(intelligibility(said, said)).toBeCloseTo(1, 3);
  });

  it('hardly depends on where the sound starts', () => {
    expect(intelligibility(said, delayed(said, 0.8))).toBeGreaterThan(0.93);
  });

  // Each bound is what was seen, 0.92 at 10 % with concealment, 0.76 without, rounded to where they cannot be mixed up.
  it.each([
    { codec: 'opus', ratio: 0, isConcealed: true, above: 0.93, below: 1 },
    { codec: 'pcmu', ratio: 0, isConcealed: true, above: 0.93, below: 1 },
    { codec: 'opus', ratio: 0.1, isConcealed: true, above: 0.85, below: 0.97 },
    { codec: 'pcmu', ratio: 0.1, isConcealed: true, above: 0.85, below: 0.97 },
    { codec: 'pcmu', ratio: 0.1, isConcealed: false, above: 0.65, below: 0.82 },
    { codec: 'opus', ratio: 0.4, isConcealed: false, above: 0.4, below: 0.6 },
  ] as const)(
    '$codec with $ratio lost (concealed: $isConcealed) is between $above and $below',
    async ({ codec, ratio, isConcealed, above, below }) => {
      const score = intelligibility(said, delayed(await called(said, codec, { ratio, isConcealed }), 0.8));
      expect(score).toBeGreaterThan(above);
      expect(score).toBeLessThan(below);
    },
  );

  const random = new SeededRandom(1);
  it.each([
    { name: 'another voice', heard: () => voice(4) },
    { name: 'noise', heard: () => like(said, () => (random.float() - 0.5) * 10_000) },
    { name: 'a tone', heard: () => like(said, (_, i) => 8000 * Math.sin((3 * i) / 20)) },
    { name: 'silence', heard: () => like(said, () => 0) },
    { name: 'nothing', heard: () => ({ ...said, pcm: new Int16Array() }) },
    { name: 'the voice backwards', heard: () => ({ ...said, pcm: said.pcm.slice().reverse() }) },
    { name: 'the first half alone', heard: () => ({ ...said, pcm: said.pcm.slice(0, 3 * RATE_HZ) }) },
  ])('is under 0.5 for $name', ({ heard }) => {
    expect(intelligibility(said, heard())).toBeLessThan(0.5);
  });

  it('falls as noise rises', () => {
    const scores = [1000, 8000, 30_000].map((peak) =>
      intelligibility(
        said,
        like(said, (sample) => sample / 2 + (random.float() - 0.5) * peak),
      ),
    );
    expect(scores).toEqual(scores.toSorted((a, b) => b - a));
    expect(scores[2]).toBeLessThan(0.6);
  });

  it('follows a delay that changes while somebody speaks', () => {
    // 40 ms more in the middle, as a jitter buffer that grows: a pause for listeners, not another sound.
    const heard = delayed(said, 1);
    const middle = 4 * RATE_HZ;
    heard.pcm.copyWithin(middle + RATE_HZ / 25, middle);
    expect(intelligibility(said, heard)).toBeGreaterThan(0.9);
  });

  it('finds again what follows stalls of either process, which nobody takes for another voice', () => {
    const stalled = (sound: Sound) => {
      const heard = delayed(sound, 2);
      // The first holds up all that follows for 300 ms, the second swallows as much.
      heard.pcm.copyWithin(2.3 * RATE_HZ, 2 * RATE_HZ);
      heard.pcm.copyWithin(4.5 * RATE_HZ, 4.8 * RATE_HZ);
      return heard;
    };
    expect(intelligibility(said, stalled(said))).toBeGreaterThan(0.8);
    expect(intelligibility(said, stalled(voice(4)))).toBeLessThan(0.5);
  });
});
