// The doctor at calls that sounded bad: what the network does, on which way, and what clocks do.
import { describe } from 'vitest';
import { anyLoss, patternLoss, randomLoss, scenario, type World } from '../../support/index.ts';
import {
  ALICE_HOST,
  BOB_HOST,
  expectFinding,
  hangUp,
  hangUpSoft,
  type SoftStage,
  type SoftStageOptions,
  type Stage,
  soundBlocked,
  soundWithoutReports,
  startCall,
  startSoftCall,
  talk,
} from './doctor-stage.ts';

const CASES: readonly {
  readonly name: string;
  readonly expected: string;
  play(stage: Stage, world: World): Promise<unknown>;
}[] = [
  {
    name: 'single packets are lost',
    expected: 'loss-random',
    play: (stage, world) => {
      world.linkOneWay(ALICE_HOST, 'server', { loss: randomLoss(0.08) });
      return talk(stage, 8000);
    },
  },
  {
    name: 'several in a row are lost',
    expected: 'loss-bursty',
    play: (stage, world) => {
      const loss = patternLoss(Array.from({ length: 100 }, (_, at) => at >= 50 && at < 57));
      world.linkOneWay(ALICE_HOST, 'server', { loss });
      return talk(stage, 8000);
    },
  },
  {
    name: 'a queue delays, and runs over',
    expected: 'loss-congestion',
    play: (stage, world) => {
      world.linkOneWay(ALICE_HOST, 'server', { loss: randomLoss(0.06), jitterMs: 240, delayMs: 20 });
      return talk(stage, 6000);
    },
  },
  {
    name: 'packets come unsteadily',
    expected: 'jitter',
    play: (stage, world) => {
      world.linkOneWay(ALICE_HOST, 'server', { reorderRatio: 0.5, reorderMs: 130, delayMs: 20 });
      return talk(stage, 6000);
    },
  },
  {
    name: 'packets overtake each other',
    expected: 'disorder',
    play: (stage, world) => {
      world.linkOneWay(ALICE_HOST, 'server', { reorderRatio: 0.08, reorderMs: 30 });
      return talk(stage, 6000);
    },
  },
  {
    name: 'packets come twice',
    expected: 'disorder',
    play: (stage, world) => {
      world.linkOneWay(ALICE_HOST, 'server', { duplicateRatio: 0.1 });
      return talk(stage, 6000);
    },
  },
  {
    name: 'the clock of a phone is fast',
    expected: 'clock-drift',
    play: (stage) => {
      stage.bob.intervalMs = 19.98;
      return talk(stage, 40_000);
    },
  },
];

const SOFT: readonly {
  readonly name: string;
  readonly expected: string;
  readonly options: SoftStageOptions;
  play(stage: SoftStage, world: World): Promise<unknown>;
}[] = [
  {
    name: 'what goes to a phone is lost',
    expected: 'loss-random',
    options: { alice: ['pcmu'], bob: ['pcmu'] },
    play: (_, world) => {
      world.linkOneWay('server', BOB_HOST, { loss: randomLoss(0.08) });
      return world.run(10_000);
    },
  },
  {
    name: 'what goes to a phone is blocked',
    expected: 'unheard',
    options: { alice: ['pcmu'], bob: ['pcmu'] },
    play: (_, world) => {
      world.linkOneWay('server', BOB_HOST, { loss: anyLoss(soundBlocked) });
      return world.run(9000);
    },
  },
  {
    name: 'packets come too late for the buffer of a phone',
    expected: 'late-loss',
    options: { alice: ['pcmu'], bob: ['pcmu'] },
    play: async (_, world) => {
      await world.run(4000);
      world.linkOneWay('server', BOB_HOST, { reorderRatio: 0.1, reorderMs: 450 });
      await world.run(6000);
    },
  },
  {
    name: 'a phone sends reports and no sound',
    expected: 'sends-no-sound',
    options: {
      alice: ['pcmu'],
      bob: ['pcmu'],
      before: (world) => world.linkOneWay(BOB_HOST, 'server', { loss: soundWithoutReports }),
    },
    play: (_, world) => world.run(7000),
  },
  {
    name: 'a queue fills up at times',
    expected: 'round-trip-spikes',
    options: { alice: ['pcmu'], bob: ['pcmu'] },
    play: async (_, world) => {
      await world.run(5000);
      world.linkOneWay('server', BOB_HOST, { delayMs: 240 });
      await world.run(5000);
      world.linkOneWay('server', BOB_HOST, { delayMs: 5 });
      await world.run(5000);
    },
  },
  {
    name: 'the way is very long',
    expected: 'long-delay',
    options: { alice: ['pcmu'], bob: ['pcmu'] },
    play: (_, world) => {
      world.link(BOB_HOST, 'server', { delayMs: 420 });
      return world.run(9000);
    },
  },
];

describe('the doctor names the cause:', () => {
  for (const [index, { name, expected, play }] of CASES.entries()) {
    scenario(`${name} (${expected})`, { seed: 200 + index }, async (world) => {
      const stage = await startCall(world);
      await play(stage, world);
      expectFinding(await hangUp(stage), expected);
    });
  }

  for (const [index, { name, expected, options, play }] of SOFT.entries()) {
    scenario(`${name} (${expected})`, { seed: 240 + index }, async (world) => {
      const stage = await startSoftCall(world, options);
      await play(stage, world);
      expectFinding(await hangUpSoft(stage), expected);
    });
  }
});
