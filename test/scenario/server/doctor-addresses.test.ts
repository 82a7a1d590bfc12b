// The doctor at calls whose sound does not arrive.
import { describe } from 'vitest';
import { scenario, type World } from '../../support/index.ts';
import {
  BOB_HOST,
  expectFinding,
  hangUp,
  type Stage,
  type StageOptions,
  soundBlocked,
  startCall,
  talk,
} from './doctor-stage.ts';

const BEHIND_NAT: StageOptions = { isBobBehindNat: true };

interface Case {
  readonly name: string;
  readonly expected: string;
  readonly options?: StageOptions;
  play(stage: Stage, world: World): Promise<void>;
}

const CASES: readonly Case[] = [
  {
    name: 'a firewall takes what one phone sends',
    expected: 'nothing-arrives',
    play: async (stage, world) => {
      world.linkOneWay(BOB_HOST, 'server', { loss: soundBlocked });
      await talk(stage, 3000);
    },
  },
  {
    name: 'a firewall of the server takes all sound',
    expected: 'ports-blocked',
    play: async (stage, world) => {
      world.linkOneWay('*', 'server', { loss: soundBlocked });
      await talk(stage, 3000);
    },
  },
  {
    name: 'the server tells an address of its own network to phones on the internet',
    expected: 'advertised-address-private',
    options: { advertisedAddress: '10.0.0.5' },
    play: (stage) => talk(stage, 3000),
  },
  {
    name: 'the advertised address leads elsewhere',
    expected: 'advertised-address-unreached',
    options: { advertisedAddress: '198.51.100.77' },
    play: (stage) => talk(stage, 3000),
  },
  {
    name: 'a phone behind a NAT asks for sound at its private address, and is muted',
    expected: 'nothing-arrives',
    options: BEHIND_NAT,
    play: async ({ alice }, world) => {
      alice.start();
      await world.run(3000);
      alice.stop();
    },
  },
  {
    name: 'a stranger is faster than a phone behind a NAT',
    expected: 'stranger-taken',
    options: BEHIND_NAT,
    play: async (stage, world) => {
      const { system, bob } = stage;
      const [eve] = await system.phones('alice');
      for (let i = 0; i < 20; i += 1) {
        eve.speak(bob.to, 0x66);
        await world.run(20);
      }
      await talk(stage, 3000);
    },
  },
  {
    name: 'the router of a phone restarts, and gives it another port',
    expected: 'source-moved',
    options: BEHIND_NAT,
    play: async (stage) => {
      await talk(stage, 2000);
      stage.nat?.restart();
      await talk(stage, 3000);
      // A BYE would not find the way to Bob any more.
      stage.incoming.end();
    },
  },
  {
    name: 'a phone stops to send',
    expected: 'sound-stopped',
    play: async (stage, world) => {
      await talk(stage, 2000);
      stage.alice.start();
      await world.run(8000);
      stage.alice.stop();
    },
  },
  {
    name: 'a phone dies, and the server ends the call',
    expected: 'sound-stopped',
    options: { media: { inactivitySeconds: 20 } },
    play: async (stage, world) => {
      await talk(stage, 2000);
      stage.alice.start();
      await world.run(21_000);
      stage.alice.stop();
    },
  },
];

describe('the doctor names the cause:', () => {
  for (const [index, { name, expected, options, play }] of CASES.entries()) {
    scenario(`${name} (${expected})`, { seed: 100 + index }, async (world) => {
      const stage = await startCall(world, options);
      await play(stage, world);
      expectFinding(await hangUp(stage), expected);
    });
  }
});
