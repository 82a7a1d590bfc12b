import { describe, expect, test } from 'vitest';
import { Emitter } from '../../../core/index.ts';
import {
  createWorld,
  dropText,
  expectEmpty,
  formatLadder,
  playScenario,
  scenario,
  seedsFor,
  type TracedMessage,
  type World,
} from '../../support/index.ts';

const INVITE = 'INVITE sip:bob@example.com SIP/2.0\r\nCSeq: 1 INVITE\r\n\r\n';
const OK = 'SIP/2.0 200 OK\r\nCSeq: 1 INVITE\r\n\r\n';

async function exchange(world: World): Promise<void> {
  const ports = { address: '0.0.0.0', port: 5060 };
  const alice = await world.host('alice', { addresses: ['192.0.2.1'] }).network.bindUdp(ports);
  const bob = await world.host('bob', { addresses: ['192.0.2.2'] }).network.bindUdp(ports);
  bob.onDatagram = (_bytes, address, port) => bob.send(new TextEncoder().encode(OK), address, port);
  alice.send(new TextEncoder().encode(INVITE), '192.0.2.2', 5060);
  await world.run(100);
}

describe('ladder', () => {
  test('has time, way, first line and CSeq of each SIP message, and what was lost', async () => {
    const world = createWorld({ link: { delayMs: 10, loss: dropText(/^SIP\/2\.0 200/) } });
    await exchange(world);
    expect(world.ladder().split('\n')).toEqual([
      '    0.000  alice → bob  INVITE sip:bob@example.com  (1 INVITE)',
      '    0.010  bob → alice  200 OK  (1 INVITE)  ✗ lost by the link',
    ]);
  });

  test('leaves out what is not SIP', async () => {
    const world = createWorld();
    const host = world.host('a', { addresses: ['192.0.2.1'] });
    const socket = await host.network.bindUdp({ address: '0.0.0.0', port: 4000 });
    socket.send(Uint8Array.of(0x80, 0, 1, 2), '192.0.2.1', 4000);
    socket.send(new TextEncoder().encode('\r\n\r\n'), '192.0.2.1', 4000);
    socket.send(new TextEncoder().encode('HTTP/1.1 200 OK\r\n\r\n'), '192.0.2.1', 4000);
    expect(world.ladder()).toBe('no SIP message was sent');
    expect(world.trace.sentCount).toBe(3);
  });

  test('shows the last messages of very many', () => {
    const message: TracedMessage = {
      at: 0,
      protocol: 'tcp',
      from: 'a',
      to: 'b',
      text: OK,
      lost: undefined,
    };
    const lines = formatLadder(Array<TracedMessage>(250).fill(message)).split('\n');
    expect(lines[0]).toBe('… 50 messages earlier');
    expect(lines).toHaveLength(201);
    expect(lines[1]).toMatch(/200 OK {2}\(1 INVITE\) {2}tcp$/);
  });

  test('TCP messages appear when they are written, however they are cut', async () => {
    const world = createWorld({ seed: 4 });
    const a = world.host('a', { addresses: ['192.0.2.1'] });
    const b = world.host('b', { addresses: ['192.0.2.2'] });
    const listener = await b.network.listenTcp({ address: '0.0.0.0', port: 5060 });
    listener.onConnection = () => {};
    const client = await world.complete(a.network.connectTcp({ address: '192.0.2.2', port: 5060 }));
    client.write(new TextEncoder().encode(INVITE));
    expect(world.ladder()).toMatch(/a → b {2}INVITE sip:bob@example\.com {2}\(1 INVITE\) {2}tcp$/);
  });
});

describe('a scenario that fails', () => {
  test('tells its seed and its ladder', async () => {
    const playing = playScenario({ seed: 42 }, async (world) => {
      await exchange(world);
      expect(1).toBe(2);
    });
    await expect(playing).rejects.toThrow(/expected 1 to be 2.*PATCHCORD_SEED=42.*alice → bob {2}INVITE/s);
  });

  test('fails for an exception that was swallowed on the way', async () => {
    const playing = playScenario({}, async (world) => {
      const host = world.host('a', { addresses: ['192.0.2.1'] });
      host.setTimer(world.now(), () => {
        throw new Error('bug in a timer');
      });
      await world.run(10).catch(() => {});
    });
    await expect(playing).rejects.toThrow('bug in a timer');
  });

  test('fails for an exception in a listener of an Emitter, and puts the handler back', async () => {
    const before = Emitter.onListenerError;
    const playing = playScenario({}, () => {
      const emitter = new Emitter<{ done: number }>();
      emitter.on('done', () => {
        throw new Error('bug in a listener');
      });
      emitter.emit('done', 1);
    });
    await expect(playing).rejects.toThrow('bug in a listener');
    expect(Emitter.onListenerError).toBe(before);
  });

  test.each([
    { allowErrorLogs: false, fails: true },
    { allowErrorLogs: true, fails: false },
  ])('an error in a log counts unless allowErrorLogs: $allowErrorLogs', async ({ allowErrorLogs, fails }) => {
    const playing = playScenario({ allowErrorLogs }, (world) => {
      const host = world.host('server', { addresses: ['192.0.2.1'] });
      host.log.error({ error: new Error('cause') }, 'invariant broken');
    });
    if (fails) await expect(playing).rejects.toThrow(/server logged an error: invariant broken.*cause/);
    else await playing;
  });
});

describe('seeds', () => {
  test.each([
    { name: 'its own', environment: {}, expected: [7] },
    { name: 'PATCHCORD_SEED alone', environment: { PATCHCORD_SEED: '99' }, expected: [99] },
    { name: 'PATCHCORD_SEEDS of them', environment: { PATCHCORD_SEEDS: '3' }, expected: [7, 8, 9] },
    {
      name: 'one where both are given',
      environment: { PATCHCORD_SEED: '5', PATCHCORD_SEEDS: '3' },
      expected: [5],
    },
  ])('a scenario runs $name', ({ environment, expected }) => {
    expect(seedsFor(7, environment)).toEqual(expected);
  });

  test('a seed that is no number is refused', () => {
    expect(() => seedsFor(7, { PATCHCORD_SEED: 'x' })).toThrow('PATCHCORD_SEED is "x"');
  });
});

scenario('a scenario gets a world of its seed', { seed: 7, link: { delayMs: 1 } }, async (world) => {
  expect(process.env.PATCHCORD_SEED === undefined ? world.seed >= 7 : true).toBe(true);
  await world.run(10);
});

test('expectEmpty() names what is left', () => {
  expectEmpty({ dialogs: 0, legs: 0 });
  expect(() => expectEmpty({ dialogs: 0, legs: 2 })).toThrow(/not empty: .*legs/);
});
