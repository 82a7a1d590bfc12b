// A call whose direct way dies: the relay takes over before anybody hangs up, and gives it back.
import { expect } from 'vitest';
import { randomLoss, scenario, type World } from '../../support/index.ts';
import { addStunServer, STUN_SERVER } from './ice-stage.ts';
import {
  addTurnServer,
  closeAll,
  connect,
  dataOf,
  kindOf,
  openEnd,
  type PathEnd,
  turnService,
} from './path-stage.ts';

const LINK = { delayMs: 20 };
const DEAD = { loss: randomLoss(1) };
const TALK_INTERVAL_MS = 20;
const SILENCE_MS = 300;

async function openCall(world: World, components: 1 | 2 = 1): Promise<[PathEnd, PathEnd]> {
  await addStunServer(world);
  await addTurnServer(world);
  const open = (name: string, externalAddress: string, role: 'controlling' | 'controlled') =>
    openEnd(
      world,
      world.host(name, { addresses: ['10.0.0.2'], behind: world.nat(`nat of ${name}`, { externalAddress }) }),
      {
        role,
        components,
        stunServers: [{ host: STUN_SERVER.address, port: STUN_SERVER.port }],
        turnServers: [turnService()],
      },
    );
  const ends: [PathEnd, PathEnd] = [
    await open('alice', '203.0.113.1', 'controlling'),
    await open('bob', '192.0.2.2', 'controlled'),
  ];
  await connect(world, ...ends);
  return ends;
}

/** Talks every 20 ms, and looks after the path when nothing was heard for a while. @returns the longest silence so far */
function talk(world: World, { host, path }: PathEnd): { longestMs: () => number; stop: () => void } {
  let [heardAt, longestMs] = [world.now(), 0];
  path.onData = (_component, _bytes, _source, isProven) => {
    if (!isProven) return;
    longestMs = Math.max(longestMs, world.now() - heardAt);
    heardAt = world.now();
  };
  let cancel = () => {};
  const beat = () => {
    cancel = host.setTimer(world.now() + TALK_INTERVAL_MS, beat);
    path.send(1, dataOf('.'), undefined);
    if (world.now() - heardAt > SILENCE_MS) path.probe();
  };
  beat();
  return { longestMs: () => Math.max(longestMs, world.now() - heardAt), stop: () => cancel() };
}

scenario(
  'the relay takes over within a second and a half, and the direct path comes back',
  { link: LINK },
  async (world) => {
    const ends = await openCall(world);
    const talks = ends.map((end) => talk(world, end));
    await world.run(20_000);
    expect(ends.map(kindOf)).toEqual(['serverReflexive-serverReflexive', 'serverReflexive-serverReflexive']);
    expect(talks.map(({ longestMs }) => longestMs())).toEqual([TALK_INTERVAL_MS, TALK_INTERVAL_MS]);

    world.link('alice', 'bob', DEAD);
    await world.run(10_000);
    expect(ends.map(kindOf).every((kind) => kind.includes('relayed'))).toBe(true);
    expect(Math.max(...talks.map(({ longestMs }) => longestMs()))).toBeLessThan(1_500);

    world.link('alice', 'bob', LINK);
    await world.run(60_000);
    expect(ends.map(kindOf).some((kind) => kind.includes('relayed'))).toBe(false);
    expect(Math.max(...talks.map(({ longestMs }) => longestMs()))).toBeLessThan(1_500);
    expect(ends.map(({ path }) => path.state)).toEqual(['connected', 'connected']);
    for (const { stop } of talks) stop();
    await closeAll(world, ends);
  },
);

for (const [deaf, heard] of [
  ['bob', 'alice'],
  ['alice', 'bob'],
] as const) {
  scenario(
    `a direct path on which ${heard} is heard no more, and hears everything, is left as soon`,
    { link: LINK },
    async (world) => {
      const ends = await openCall(world);
      const talks = ends.map((end) => talk(world, end));
      await world.run(20_000);
      world.linkOneWay(heard, deaf, DEAD);
      await world.run(10_000);
      expect(Math.max(...talks.map(({ longestMs }) => longestMs()))).toBeLessThan(1_500);
      for (const { stop } of talks) stop();
      await closeAll(world, ends);
    },
  );
}

scenario('half an hour in which one packet in ten is lost moves no call', { link: LINK }, async (world) => {
  const ends = await openCall(world);
  await world.run(2_000);
  let moves = 0;
  for (const { path } of ends) {
    path.onSelected = () => {
      moves += 1;
    };
  }
  world.link('alice', 'bob', { ...LINK, loss: randomLoss(0.1) });
  await world.run(1_800_000);
  expect(moves).toBe(0);
  expect(ends.map(kindOf)).toEqual(['serverReflexive-serverReflexive', 'serverReflexive-serverReflexive']);
  await closeAll(world, ends);
});

scenario('each component has a path of its own, and a fallback of its own', { link: LINK }, async (world) => {
  const ends = await openCall(world, 2);
  for (const component of [1, 2] as const) ends[0].path.send(component, dataOf(`to ${component}`), undefined);
  await world.run(100);
  expect(ends[1].heard.map(({ text }) => text)).toEqual(['to 1', 'to 2']);
  const [first, second] = ([1, 2] as const).map((component) => ends[0].path.selected(component));
  expect(first?.remote).not.toEqual(second?.remote);
  await world.run(5_000);

  world.link('alice', 'bob', DEAD);
  ends[0].path.probe();
  await world.run(3_000);
  for (const component of [1, 2] as const) {
    const path = ends[0].path.selected(component);
    expect([path?.localType, path?.remoteType]).toContain('relayed');
  }
  await closeAll(world, ends);
});
