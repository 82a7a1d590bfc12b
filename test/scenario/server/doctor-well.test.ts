// The doctor at good calls of every kind: all is well, and nothing else is said.
import { describe } from 'vitest';
import { dropEvery, scenario, type World } from '../../support/index.ts';
import { startPhoneSystem } from '../../support/phone-system.ts';
import {
  EVENTS,
  expectWell,
  hangUp,
  hangUpSoft,
  type SoftStage,
  type SoftStageOptions,
  type Stage,
  type StageOptions,
  soundOptions,
  startCall,
  startSoftCall,
  talk,
} from './doctor-stage.ts';

const SOFT: readonly {
  readonly name: string;
  readonly options: SoftStageOptions;
  play(stage: SoftStage, world: World): Promise<unknown>;
}[] = [
  {
    name: 'Opus',
    options: { alice: ['opus'], bob: ['opus'] },
    play: (_, world) => world.run(2500),
  },
  {
    name: 'PCMU, with reports',
    options: { alice: ['pcmu'], bob: ['pcmu'] },
    play: (_, world) => world.run(13_000),
  },
  {
    name: 'transcoded',
    options: { alice: ['pcma'], bob: ['g722'] },
    play: (_, world) => world.run(2500),
  },
  {
    name: 'with hold and resume',
    options: { alice: ['pcmu'], bob: ['pcmu'] },
    play: async ({ outgoing }, world) => {
      await world.run(2000);
      await world.complete(outgoing.hold());
      await world.run(2000);
      await world.complete(outgoing.resume());
      await world.run(2000);
    },
  },
  {
    name: 'with digits',
    options: { alice: ['pcmu'], bob: ['opus'] },
    play: async ({ outgoing }, world) => {
      outgoing.sendDigits('12#');
      await world.run(3000);
    },
  },
  {
    name: 'a way of 80 ms',
    options: { alice: ['pcmu'], bob: ['pcmu'] },
    play: (_, world) => {
      world.link('*', 'server', { delayMs: 40 });
      return world.run(6000);
    },
  },
  {
    name: 'a mild jitter and a little loss',
    options: { alice: ['pcmu'], bob: ['pcmu'] },
    play: (_, world) => {
      world.link('*', 'server', { delayMs: 20, jitterMs: 15, loss: dropEvery(250) });
      return world.run(6000);
    },
  },
];

const SCRIPTED: readonly {
  readonly name: string;
  readonly options?: StageOptions;
  play(stage: Stage, world: World): Promise<unknown>;
}[] = [
  { name: 'phones without reports', play: (stage) => talk(stage, 13_000) },
  {
    name: 'a phone behind a NAT, whose own sound shows where it is',
    options: { isBobBehindNat: true },
    play: (stage) => talk(stage, 3000),
  },
  {
    name: 'a clock that is as exact as clocks are',
    play: (stage) => {
      stage.bob.intervalMs = 19.999;
      return talk(stage, 35_000);
    },
  },
  { name: 'a call that is over at once', play: (stage) => talk(stage, 400) },
  {
    name: 'a stranger whose packets are refused',
    play: async (stage, world) => {
      const [eve] = await stage.system.phones('alice');
      stage.alice.start();
      stage.bob.start();
      for (let i = 0; i < 100; i += 1) {
        eve.speak(stage.bob.to, 0x66);
        await world.run(20);
      }
      stage.alice.stop();
      stage.bob.stop();
    },
  },
  {
    name: 'digits as telephone-events',
    play: async (stage, world) => {
      stage.bob.start();
      stage.alice.start();
      for (const digit of [1, 2, 3]) {
        stage.alice.phone.press(stage.alice.to, digit);
        await world.run(1000);
      }
      stage.alice.stop();
      stage.bob.stop();
    },
  },
  {
    name: 'a phone without telephone-events that has tones',
    options: { bobFormats: ['0'], formats: ['0', EVENTS] },
    play: (stage) => talk(stage, 3000),
  },
];

describe('the doctor says that all is well:', () => {
  for (const [index, service] of ['*43', '3000', '*73'].entries()) {
    scenario(`a call of ${service}, which has one phone`, { seed: 340 + index }, async (world) => {
      const system = await startPhoneSystem(world, { users: { alice: {} } });
      const phone = await system.softphone('alice', soundOptions(['pcmu'], 440));
      const call = await world.complete(phone.call(service));
      await world.run(5000);
      call.hangUp();
      const record = await system.recordOf('alice');
      await world.complete(phone.close());
      await system.expectQuiet();
      expectWell(record);
    });
  }

  for (const [index, { name, options, play }] of SOFT.entries()) {
    scenario(name, { seed: 300 + index }, async (world) => {
      const stage = await startSoftCall(world, options);
      await play(stage, world);
      expectWell(await hangUpSoft(stage));
    });
  }

  for (const [index, { name, options, play }] of SCRIPTED.entries()) {
    scenario(name, { seed: 320 + index }, async (world) => {
      const stage = await startCall(world, options);
      await play(stage, world);
      expectWell(await hangUp(stage));
    });
  }
});
