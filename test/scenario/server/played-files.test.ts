import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { encodeWav } from '../../../media/index.ts';
import type { IncomingSession, OutgoingSession } from '../../../signaling/index.ts';
import { scenario, type World } from '../../support/index.ts';
import { type PhoneSystem, type PhoneSystemOptions, startPhoneSystem } from '../../support/phone-system.ts';
import { mediaAddress, type TestPhone, watchSession } from '../../support/test-phone.ts';

let folder: string;
let file: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'patchcord-played-'));
  file = join(folder, 'sound.wav');
  writeFileSync(file, encodeWav({ sampleRateHz: 8000, channels: 1, pcm: new Int16Array(8000) }));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What a party hears from a file now, by the label of its leg; an announcement lasts until it is ended. */
class Playing {
  readonly now = new Map<string, string>();
  readonly #ends = new Map<string, () => void>();

  constructor({ media }: PhoneSystem) {
    const labels = new Map<number, string>();
    const [openLeg, connect] = [media.openLeg.bind(media), media.connect.bind(media)];
    media.openLeg = async (options) => {
      const leg = await openLeg(options);
      labels.set(leg.legId, options.label);
      return leg;
    };
    media.connect = async (legA, legB) => {
      for (const legId of [legA, legB]) this.end(labels.get(legId) ?? '?');
      await connect(legA, legB);
    };
    media.playFile = async (legId, { path, loop = false }) => {
      const label = labels.get(legId) ?? '?';
      this.now.set(label, `${path}${loop ? ', looped' : ''}`);
      await new Promise<void>((resolve) => this.#ends.set(label, resolve));
    };
  }

  end(label: string): void {
    this.now.delete(label);
    this.#ends.get(label)?.();
  }
}

const directionOf = (sdp: string | undefined) => /^a=(send\w+|recv\w+|inactive)/m.exec(sdp ?? '')?.[1];

interface Stage {
  readonly system: PhoneSystem;
  readonly alice: TestPhone;
  readonly bob: TestPhone;
  readonly call: OutgoingSession;
  readonly incoming: IncomingSession;
  readonly playing: Playing;
  /** Directions that Bob was offered. */
  readonly offered: (string | undefined)[];
}

async function stage(world: World, media: NonNullable<PhoneSystemOptions['media']>): Promise<Stage> {
  const system = await startPhoneSystem(world, { users: { alice: {}, bob: {} }, media });
  const playing = new Playing(system);
  const [alice, bob] = await system.phones('alice', 'bob');
  const { call } = await system.connect(alice, bob);
  const [incoming] = bob.incoming;
  if (!incoming) throw new Error('bob was not called');
  const offered: (string | undefined)[] = [];
  incoming.on('offer', (offer) => {
    offered.push(directionOf(offer.sdp));
    offer.answer(
      bob.sdp(directionOf(offer.sdp) === 'sendonly' ? 'recvonly' : 'sendrecv', 5 + offered.length),
    );
  });
  return { system, alice, bob, call, incoming, playing, offered };
}

describe('with hold music', () => {
  for (const direction of ['sendonly', 'inactive'] as const) {
    scenario(`${direction}: who is held hears it and is told nothing`, { seed: 1 }, async (world) => {
      const { system, alice, bob, call, playing, offered } = await stage(world, { holdMusic: file });
      const held = await world.complete(call.offer(alice.sdp(direction, 2)));
      expect([held.status, directionOf(held.sdp)]).toEqual([
        200,
        direction === 'sendonly' ? 'recvonly' : 'inactive',
      ]);
      expect([...playing.now]).toEqual([['bob', `${file}, looped`]]);
      const resumed = await world.complete(call.offer(alice.sdp('sendrecv', 3)));
      expect([resumed.status, directionOf(resumed.sdp)]).toEqual([200, 'sendrecv']);
      expect([...playing.now]).toEqual([]);
      expect(offered).toEqual([]);
      await system.talk([alice, mediaAddress(resumed.sdp)], [bob, mediaAddress(bob.incoming[0]?.offerSdp)]);
      call.end();
      await system.expectQuiet();
    });
  }

  scenario('the old hold by 0.0.0.0 is one as well', { seed: 2 }, async (world) => {
    const { system, alice, call, playing } = await stage(world, { holdMusic: file });
    const old = alice.sdp('sendrecv', 2).replace(/^c=.*$/m, 'c=IN IP4 0.0.0.0');
    const held = await world.complete(call.offer(old));
    expect(directionOf(held.sdp)).toBe('recvonly');
    expect([...playing.now.keys()]).toEqual(['bob']);
    call.end();
    await system.expectQuiet();
  });

  scenario(
    'two that hold each other hear nothing, and then who is still held hears it',
    { seed: 3 },
    async (world) => {
      const { system, alice, bob, call, incoming, playing, offered } = await stage(world, {
        holdMusic: file,
      });
      await world.complete(call.offer(alice.sdp('sendonly', 2)));
      const both = await world.complete(incoming.offer(bob.sdp('sendonly', 20)));
      expect([directionOf(both.sdp), [...playing.now.keys()]]).toEqual(['recvonly', []]);
      const resumed = await world.complete(call.offer(alice.sdp('sendrecv', 3)));
      expect([directionOf(resumed.sdp), [...playing.now.keys()]]).toEqual(['sendrecv', ['alice']]);
      await world.complete(incoming.offer(bob.sdp('sendrecv', 21)));
      expect([[...playing.now], offered]).toEqual([[], []]);
      call.end();
      await system.expectQuiet();
    },
  );

  scenario('a resume with another codec asks the other phone', { seed: 4 }, async (world) => {
    const { system, alice, call, playing, offered } = await stage(world, { holdMusic: file });
    await world.complete(call.offer(alice.sdp('sendonly', 2)));
    alice.formats = ['8'];
    const resumed = await world.complete(call.offer(alice.sdp('sendrecv', 3)));
    expect([resumed.status, offered, [...playing.now]]).toEqual([200, ['sendrecv'], []]);
    call.end();
    await system.expectQuiet();
  });
});

scenario('without hold music a hold is told to the other phone', { seed: 5 }, async (world) => {
  const { system, alice, call, playing, offered } = await stage(world, {});
  await world.complete(call.offer(alice.sdp('sendonly', 2)));
  expect([offered, [...playing.now]]).toEqual([['sendonly'], []]);
  call.end();
  await system.expectQuiet();
});

describe('an announcement is early sound, and then comes the refusal', () => {
  const ROWS = [
    { name: 'busy', target: 'bob', status: 486, onCall: (session: IncomingSession) => session.reject(486) },
    {
      name: 'noAnswer',
      target: 'bob',
      status: 480,
      onCall: (session: IncomingSession) => session.progress(180),
    },
    { name: 'unknownNumber', target: 'nobody', status: 404, onCall: undefined },
    { name: 'unavailable', target: 'carol', status: 480, onCall: undefined },
  ] as const;
  for (const { name, target, status, onCall } of ROWS) {
    scenario(name, { seed: 6 }, async (world) => {
      const users = { alice: {}, bob: {}, carol: {} };
      const system = await startPhoneSystem(world, {
        users,
        announcements: { [name]: file },
        ringSeconds: 5,
      });
      const playing = new Playing(system);
      const [alice, bob] = await system.phones('alice', 'bob');
      if (onCall) bob.onCall = onCall;
      const log = watchSession(alice.call(target));
      await world.runUntil(() => playing.now.size > 0, { what: 'the announcement' });
      await world.run(3000);
      expect(log.progress.filter(({ sdp }) => sdp !== undefined).map((one) => one.status)).toEqual([183]);
      expect([...playing.now]).toEqual([['alice', file]]);
      expect(log.ended).toEqual([]);
      playing.end('alice');
      await world.runUntil(() => log.ended.length > 0, { what: 'the refusal' });
      expect(log.ended[0]?.status).toBe(status);
      expect(await system.recordOf('alice')).toMatchObject({ status });
      await system.expectQuiet();
    });
  }

  scenario('a caller who hangs up hears it no longer', { seed: 7 }, async (world) => {
    const system = await startPhoneSystem(world, {
      users: { alice: {} },
      announcements: { unknownNumber: file },
    });
    const playing = new Playing(system);
    const [alice] = await system.phones('alice');
    const call = alice.call('nobody');
    await world.runUntil(() => playing.now.size > 0, { what: 'the announcement' });
    call.end();
    expect(await system.recordOf('alice')).toMatchObject({ disposition: 'FAILED' });
    await system.expectQuiet();
  });

  scenario('one that never ends is cut after a minute', { seed: 8 }, async (world) => {
    const system = await startPhoneSystem(world, {
      users: { alice: {} },
      announcements: { unknownNumber: file },
    });
    const playing = new Playing(system);
    const [alice] = await system.phones('alice');
    const log = watchSession(alice.call('nobody'));
    await world.runUntil(() => log.ended.length > 0, { limitMs: 70_000, what: 'the refusal' });
    expect([log.ended[0]?.status, playing.now.size]).toEqual([404, 1]);
    await system.expectQuiet();
  });
});
