// Phones in stereo: what is said on the left is heard on the left.
import { describe, expect } from 'vitest';
import { type CodecName, type Sound, SoundSource } from '../../../media/index.ts';
import { MemorySink } from '../../../softphone/index.ts';
import { expectEmpty, makeTone, scenario, toneLevelDbov, type World } from '../../support/index.ts';
import { closePhones, connect, testPhone } from './phones.ts';

const LEFT_HZ = 440;
const RIGHT_HZ = 1000;
const HEARD_DBOV = -35;

/** One tone on each side. */
function twoTones(sampleRateHz: number): Sound {
  const side = (frequencyHz: number) =>
    makeTone({ frequencyHz, clockRateHz: sampleRateHz, durationMs: 1500 });
  const [left, right] = [side(LEFT_HZ), side(RIGHT_HZ)];
  const pcm = new Int16Array(2 * left.length);
  for (const [frame, sample] of left.entries()) pcm.set([sample, right[frame] ?? 0], 2 * frame);
  return { sampleRateHz, channels: 2, pcm };
}

/** Which of the tones each channel has. */
function heardIn(sink: MemorySink): readonly (readonly number[])[] {
  const { channels, sampleRateHz: clockRateHz, pcm } = sink;
  const last = pcm.slice(-channels * 0.2 * clockRateHz);
  return Array.from({ length: channels }, (_, channel) => {
    const samples = last.filter((_sample, index) => index % channels === channel);
    return [LEFT_HZ, RIGHT_HZ].filter(
      (frequencyHz) => toneLevelDbov(samples, { frequencyHz, clockRateHz }) > HEARD_DBOV,
    );
  });
}

async function call(
  world: World,
  codec: CodecName,
  isStereo: { alice: boolean; bob: boolean },
  rateHz = 48_000,
) {
  const sinks: MemorySink[] = [];
  const alice = await testPhone(world, 'alice', {
    codecs: [codec],
    isStereo: isStereo.alice,
    makeSource: () => new SoundSource(twoTones(rateHz), 2),
  });
  const bob = await testPhone(world, 'bob', {
    isStereo: isStereo.bob,
    makeSink: async (sampleRateHz, channels) => {
      const sink = new MemorySink(sampleRateHz, channels);
      sinks.push(sink);
      return sink;
    },
  });
  const { outgoing, incoming } = await connect(world, alice, bob);
  await world.run(1000);
  outgoing.hangUp();
  await world.complete(incoming.finished);
  expectEmpty(await closePhones(world, alice, bob));
  const [sink] = sinks;
  if (!sink) throw new Error('bob heard nothing');
  return heardIn(sink);
}

describe('a stereo phone', () => {
  scenario('sends and plays two channels by Opus', {}, async (world) => {
    expect(await call(world, 'opus', { alice: true, bob: true })).toEqual([[LEFT_HZ], [RIGHT_HZ]]);
  });

  scenario('keeps them apart where the source has another rate', {}, async (world) => {
    expect(await call(world, 'opus', { alice: true, bob: true }, 16_000)).toEqual([[LEFT_HZ], [RIGHT_HZ]]);
  });

  scenario('sends one channel to a phone that asks for no more', {}, async (world) => {
    expect(await call(world, 'opus', { alice: true, bob: false })).toEqual([[LEFT_HZ, RIGHT_HZ]]);
  });

  scenario('hears a phone with one channel on both sides', {}, async (world) => {
    const both = [LEFT_HZ, RIGHT_HZ];
    expect(await call(world, 'opus', { alice: false, bob: true })).toEqual([both, both]);
  });

  scenario('mixes its source down for a codec that has one channel', {}, async (world) => {
    expect(await call(world, 'g722', { alice: true, bob: true })).toEqual([[LEFT_HZ, RIGHT_HZ]]);
  });
});
