// The doctor at calls that were not connected, were held, or spoke differently.
import { describe } from 'vitest';
import type { CallRecord } from '../../../server/index.ts';
import { scenario, type World } from '../../support/index.ts';
import { type PhoneSystemOptions, startPhoneSystem } from '../../support/phone-system.ts';
import { type TestPhone, watchSession } from '../../support/test-phone.ts';
import {
  EVENTS,
  expectFinding,
  hangUp,
  type Stage,
  type StageOptions,
  startCall,
  talk,
} from './doctor-stage.ts';

const OPUS = '111 opus/48000/2';
const G729 = '18';

interface Case {
  readonly name: string;
  readonly expected: string;
  readonly options?: StageOptions;
  play(stage: Stage, world: World): Promise<unknown>;
}

const CONNECTED: readonly Case[] = [
  {
    name: 'a phone answers that it only sends',
    expected: 'hold',
    options: { bobDirection: 'sendonly' },
    play: (stage) => talk(stage, 3000),
  },
  {
    name: 'a caller holds, and never comes back',
    expected: 'hold',
    play: async (stage, world) => {
      const { call, incoming, bob, alice } = stage;
      incoming.on('offer', (offer) => offer.answer(bob.phone.sdp('recvonly', 2)));
      await talk(stage, 1000);
      await world.complete(call.offer(alice.phone.sdp('sendonly', 2)));
      await world.run(6000);
    },
  },
  {
    name: 'both hold',
    expected: 'hold',
    options: { bobDirection: 'inactive' },
    play: (_, world) => world.run(3000),
  },
  {
    name: 'a phone sends a codec that was not agreed on',
    expected: 'codec-not-agreed',
    play: async (stage) => {
      stage.bob.phone.formats = [G729];
      await talk(stage, 3000);
    },
  },
  {
    name: 'a phone sends a codec that the other one has not, and that nothing converts',
    expected: 'not-convertible',
    options: { formats: [G729, '0'], bobFormats: [G729] },
    play: async (stage) => {
      stage.alice.phone.formats = ['0'];
      await talk(stage, 3000);
    },
  },
  {
    name: 'a phone encrypts what it sends in a way of its own',
    expected: 'not-rtp',
    play: async ({ alice, bob }, world) => {
      alice.start();
      for (let i = 0; i < 100; i += 1) {
        // A DTLS record (RFC 7983 §7).
        bob.phone.sendRaw(
          bob.to,
          Uint8Array.from({ length: 100 }, (_, at) => (at === 0 ? 22 : i)),
        );
        await world.run(20);
      }
      alice.stop();
    },
  },
  {
    name: 'digits under a number of their own',
    expected: 'digits-not-agreed',
    play: async (stage, world) => {
      const { alice, bob } = stage;
      alice.start();
      bob.start();
      bob.phone.formats = ['0', '97 telephone-event/8000'];
      for (const digit of [4, 2]) {
        bob.phone.press(bob.to, digit);
        await world.run(1000);
      }
      alice.stop();
      bob.stop();
    },
  },
  {
    name: 'a phone refuses digits by INFO, and has no telephone-events',
    expected: 'digits-refused',
    options: { formats: ['0', EVENTS], bobFormats: ['0'] },
    play: async (stage, world) => {
      stage.incoming.on('request', ({ respond }) => respond(415));
      stage.alice.start();
      stage.bob.start();
      stage.alice.phone.press(stage.alice.to, 7);
      await world.run(2000);
      stage.alice.stop();
      stage.bob.stop();
    },
  },
  {
    name: 'INFO without a digit in it',
    expected: 'digits-unreadable',
    play: async (stage, world) => {
      await talk(stage, 1000);
      const contentType = 'application/dtmf-relay';
      await world.complete(stage.call.request('INFO', { body: 'Signal=please', contentType }));
      await talk(stage, 1000);
    },
  },
  {
    name: 'Opus without telephone-events',
    expected: 'digits-lost-in-codec',
    options: { formats: [OPUS, EVENTS], bobFormats: [OPUS] },
    play: (stage) => talk(stage, 3000),
  },
  {
    name: 'numbers that jump about',
    expected: 'bad-numbering',
    play: async (stage, world) => {
      const { alice, bob } = stage;
      alice.start();
      for (let i = 0; i < 150; i += 1) {
        bob.phone.speak(bob.to, 0x55, 1, { sequenceNumber: (i * 7919) & 0xffff });
        await world.run(20);
      }
      alice.stop();
    },
  },
  {
    name: 'sound fails inside the server',
    expected: 'media-failed',
    play: async (stage) => {
      await talk(stage, 2000);
      const reason = 'a worker died';
      stage.system.media.emit('failed', { legIds: [1, 2], reason });
    },
  },
];

describe('the doctor names the cause:', () => {
  for (const [index, { name, expected, options, play }] of CONNECTED.entries()) {
    scenario(`${name} (${expected})`, { seed: 130 + index }, async (world) => {
      const stage = await startCall(world, options);
      await play(stage, world);
      expectFinding(await hangUp(stage), expected);
    });
  }
});

interface Unconnected {
  readonly name: string;
  readonly expected: string;
  readonly options?: Partial<PhoneSystemOptions>;
  readonly callee?: string;
  readonly sdp?: (alice: TestPhone) => string;
  prepare?(bob: TestPhone): void;
}

const UNCONNECTED: readonly Unconnected[] = [
  { name: 'nobody is called that', expected: 'unknown-number', callee: 'nobody' },
  { name: 'no phone is registered', expected: 'no-phone', callee: 'carol' },
  {
    name: 'a phone is registered, and gone',
    expected: 'phone-silent',
    prepare: (bob) => bob.host.unplug(),
  },
  {
    name: 'a phone offers SRTP alone',
    expected: 'encrypted-offer',
    sdp: (alice) => alice.sdp().replace('RTP/AVP', 'RTP/SAVP'),
  },
  {
    name: 'phones without a common codec, and nothing is converted',
    expected: 'no-common-codec',
    options: { media: { transcoding: false } },
    prepare: (bob) => {
      bob.formats = [G729];
      bob.onCall = (session) => session.accept({ sdp: bob.sdp() });
    },
  },
  {
    name: 'no port is left',
    expected: 'ports-exhausted',
    options: { ports: { first: 10_000, last: 10_001 } },
  },
];

describe('the doctor says why there was no call:', () => {
  for (const [index, { name, expected, options, ...rest }] of UNCONNECTED.entries()) {
    scenario(`${name} (${expected})`, { seed: 160 + index }, async (world) => {
      const users = { alice: {}, bob: {}, carol: {} };
      const system = await startPhoneSystem(world, { users, ringSeconds: 20, ...options });
      const [alice, bob] = await system.phones('alice', 'bob');
      rest.prepare?.(bob);
      const call = alice.call(rest.callee ?? 'bob', rest.sdp ? { sdp: rest.sdp(alice) } : {});
      const log = watchSession(call);
      await world.runUntil(() => log.ended.length > 0, { what: 'the refusal' });
      const record = await system.recordOf('alice');
      await system.expectQuiet();
      expectFinding(record as CallRecord, expected);
    });
  }
});
