// A spatial room: a stereo phone hears where others are, and phones with one channel hear all the same.
import { describe, expect } from 'vitest';
import { ToneSource } from '../../../media/index.ts';
import { MemorySink } from '../../../softphone/index.ts';
import { scenario, toneLevelDbov } from '../../support/index.ts';
import { ConferenceStage, TONES_HZ } from './conference-stage.ts';

describe('a spatial room', () => {
  scenario(
    'lets a stereo phone hear on which side a member is, also when the member moves',
    {},
    async (world) => {
      const stage = await ConferenceStage.open(world, { conference: { spatial: true, announce: 'none' } });
      const sinks: MemorySink[] = [];
      const listener = await stage.system.softphone('alice', {
        codecs: ['opus'],
        isStereo: true,
        makeSource: () => new ToneSource(TONES_HZ.alice ?? 0),
        makeSink: async (sampleRateHz, channels) => {
          const sink = new MemorySink(sampleRateHz, channels);
          sinks.push(sink);
          return sink;
        },
      });
      const call = await world.complete(listener.call('3000'));
      await world.runUntil(() => call.state === 'answered');
      const [bob] = await stage.dial('3000', 'bob');
      if (!bob) throw new Error('bob was called');
      const room = stage.system.server.room('3000');
      const [first, second] = room.state?.members ?? [];
      if (!first || !second) throw new Error('two are there');
      /** How much louder bob is on the right, in decibels. */
      const towardsRight = () => {
        const { pcm, sampleRateHz: clockRateHz, channels } = sinks.at(-1) ?? new MemorySink(48_000);
        expect(channels).toBe(2);
        const last = pcm.slice(-2 * 0.2 * clockRateHz);
        const [left = 0, right = 0] = [0, 1].map((channel) =>
          toneLevelDbov(
            last.filter((_sample, index) => index % 2 === channel),
            { frequencyHz: TONES_HZ.bob ?? 0, clockRateHz },
          ),
        );
        expect(Math.max(left, right)).toBeGreaterThan(-35);
        return right - left;
      };
      room.setPosition(first.memberId, { x: 0, y: 0, z: 0 });
      room.setPosition(second.memberId, { x: 2, y: 0, z: 0 });
      await world.run(1000);
      expect(towardsRight()).toBeGreaterThan(3);
      expect(await world.complete(bob.call.room({ command: 'position', x: -2, y: 0 }))).toMatchObject({
        ok: true,
      });
      await world.run(1000);
      expect(towardsRight()).toBeLessThan(-3);
      // Alice turns round.
      room.setPosition(first.memberId, { x: 0, y: 0, z: 0 }, 180);
      await world.run(1000);
      expect(towardsRight()).toBeGreaterThan(3);
      expect(bob.hears).toEqual(['alice']);
      await world.complete(listener.close());
      await stage.expectQuiet();
    },
  );
});
