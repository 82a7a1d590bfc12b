import { describe, expect, test } from 'vitest';
import { TCP_CLOSE_LIMIT_MS, type TcpConnection } from '../../../core/index.ts';
import {
  createWorld,
  dropNth,
  expectEmpty,
  type LinkOptions,
  randomLoss,
  totalLoss,
  type World,
} from '../../support/index.ts';

const SERVER = { address: '192.0.2.2', port: 5060 };

/** What one end has seen, copied. */
function watch(connection: TcpConnection) {
  const seen = { pieces: [] as string[], closes: [] as (Error | undefined)[] };
  connection.onData = (bytes) => seen.pieces.push(new TextDecoder('latin1').decode(bytes));
  connection.onClose = (error) => seen.closes.push(error);
  return seen;
}

async function connected(world: World) {
  const a = world.host('a', { addresses: ['192.0.2.1'] });
  const b = world.host('b', { addresses: [SERVER.address] });
  const listener = await b.network.listenTcp(SERVER);
  const accepted: TcpConnection[] = [];
  listener.onConnection = (connection) => accepted.push(connection);
  const client = await world.complete(a.network.connectTcp(SERVER));
  const [server] = accepted;
  if (!server) throw new Error('nobody was accepted');
  return { a, b, listener, client, server, atClient: watch(client), atServer: watch(server) };
}

const text = (value: string) => new TextEncoder().encode(value);
const TEXT = 'abcdefghijklmnopqrstuvwxyz'.repeat(40);

describe('connecting', () => {
  test('takes a round trip, and both ends agree on their endpoints', async () => {
    const world = createWorld({ link: { delayMs: 30 } });
    const start = world.now();
    const { client, server } = await connected(world);
    expect(world.now() - start).toBe(60);
    expect(client.remote).toEqual(SERVER);
    expect(server.local).toEqual(SERVER);
    expect(client.local).toEqual(server.remote);
    expect(client.local.address).toBe('192.0.2.1');
  });

  test.each([
    { name: 'nobody listens', address: '192.0.2.2', port: 9, code: 'ECONNREFUSED', tookMs: 10 },
    { name: 'there is no such host', address: '192.0.2.99', port: 5060, code: 'ETIMEDOUT', tookMs: 127_000 },
    {
      name: 'the host has no such family',
      address: '2001:db8::2',
      port: 5060,
      code: 'ENETUNREACH',
      tookMs: 0,
    },
  ])('fails with $code where $name', async ({ address, port, code, tookMs }) => {
    const world = createWorld();
    const { a } = await connected(world);
    const start = world.now();
    const attempt = world.complete(a.network.connectTcp({ address, port }), { limitMs: 300_000 });
    await expect(attempt).rejects.toMatchObject({ code });
    expect(world.now() - start).toBe(tookMs);
  });

  test('repeats a lost SYN after a second', async () => {
    const world = createWorld({ link: { delayMs: 5, loss: dropNth(1) } });
    const start = world.now();
    await connected(world);
    expect(world.now() - start).toBeGreaterThanOrEqual(1_010);
  });

  test('a port that is listened on is EADDRINUSE until its listener closes; connections stay', async () => {
    const world = createWorld();
    const { a, b, listener, client, atServer } = await connected(world);
    const again = b.network.listenTcp({ address: '0.0.0.0', port: 5060 });
    await expect(again).rejects.toMatchObject({ code: 'EADDRINUSE' });
    listener.close();
    const refused = world.complete(a.network.connectTcp(SERVER));
    await expect(refused).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    client.write(text('still here'));
    await world.run(10);
    expect(atServer.pieces.join('')).toBe('still here');
    await b.network.listenTcp(SERVER);
  });

  test('goes over loopback without a link', async () => {
    const world = createWorld({ link: { loss: totalLoss } });
    const { network } = world.host('a', { addresses: ['192.0.2.1'] });
    const listener = await network.listenTcp({ address: '127.0.0.1', port: 0 });
    let received = '';
    listener.onConnection = (connection) => {
      connection.onData = (bytes) => {
        received += new TextDecoder().decode(bytes);
      };
    };
    const client = await world.complete(network.connectTcp(listener.local));
    client.write(text('local'));
    await world.settle();
    expect(received).toBe('local');
  });
});

describe('the stream', () => {
  const worlds: { name: string; link: LinkOptions }[] = [
    { name: 'a plain link', link: {} },
    { name: 'jitter and reordering', link: { jitterMs: 50, reorderRatio: 0.3 } },
    { name: '30 % loss', link: { loss: randomLoss(0.3) } },
    { name: 'a slow link', link: { rateBitsPerSecond: 64_000 } },
  ];
  test.each(worlds)('arrives whole and in order over $name, both ways', async ({ link }) => {
    const world = createWorld({ seed: 5, link });
    const { client, server, atClient, atServer } = await connected(world);
    for (let i = 0; i < 20; i += 1) {
      client.write(text(TEXT));
      server.write(text(TEXT.toUpperCase()));
      await world.run(10);
    }
    await world.run(200_000);
    expect(atServer.pieces.join('')).toBe(TEXT.repeat(20));
    expect(atClient.pieces.join('')).toBe(TEXT.toUpperCase().repeat(20));
    expect(client.bufferedBytes).toBe(0);
  });

  test('is cut anew: messages come joined, whole and in pieces', async () => {
    const world = createWorld({ seed: 3 });
    const { client, atServer } = await connected(world);
    for (let i = 0; i < 100; i += 1) {
      client.write(text('ONE.'));
      client.write(text('TWO.'));
      await world.run(20);
    }
    expect(atServer.pieces.join('')).toBe('ONE.TWO.'.repeat(100));
    expect(atServer.pieces).toContain('ONE.TWO.');
    expect(atServer.pieces.some((piece) => piece.length < 4)).toBe(true);
  });

  test('a buffer is overwritten after the handler, and a writer who reuses his is found out', async () => {
    const world = createWorld();
    const { client, server } = await connected(world);
    const kept: Uint8Array[] = [];
    const seen: number[] = [];
    server.onData = (bytes) => {
      kept.push(bytes);
      seen.push(...bytes);
    };
    const bytes = text('A');
    client.write(bytes);
    bytes[0] = 0x42;
    await world.run(10);
    expect(seen).toEqual([0x42]);
    expect(kept[0]?.[0]).not.toBe(0x42);
  });

  test('a lost segment comes after the retransmission time-out, and holds up what follows', async () => {
    const world = createWorld({ link: { delayMs: 5 } });
    const { client, atServer } = await connected(world);
    world.linkOneWay('a', 'b', { delayMs: 5, loss: dropNth(1) });
    client.write(text('x'));
    await world.run(100);
    client.write(text('y'));
    await world.run(104);
    expect(atServer.pieces).toEqual([]);
    await world.run(1);
    expect(atServer.pieces).toEqual(['x', 'y']);
  });

  test('bufferedBytes grows while the peer hears nothing and falls when it does', async () => {
    const world = createWorld();
    const { client } = await connected(world);
    world.link('a', 'b', { loss: totalLoss });
    client.write(new Uint8Array(1_000));
    await world.run(1_000);
    client.write(new Uint8Array(500));
    expect(client.bufferedBytes).toBe(1_500);
    world.link('a', 'b', {});
    await world.run(2_000);
    expect(client.bufferedBytes).toBe(0);
  });
});

describe('closing', () => {
  test('close() sends what is written first, and ends both sides once, without an error', async () => {
    const world = createWorld();
    const { client, atClient, atServer } = await connected(world);
    client.write(text(TEXT));
    client.close();
    client.write(text('too late'));
    expect(atClient.closes).toEqual([]);
    await world.run(1_000);
    expect(atServer.pieces.join('')).toBe(TEXT);
    expect([atClient.closes, atServer.closes]).toEqual([[undefined], [undefined]]);
  });

  test('after close() what the peer still sends is heard', async () => {
    const world = createWorld();
    const { client, server, atClient } = await connected(world);
    server.write(text('answer'));
    client.close();
    await world.run(1_000);
    expect(atClient.pieces.join('')).toBe('answer');
  });

  test('destroy() ends this side at once, the other after the delay', async () => {
    const world = createWorld({ link: { delayMs: 100 } });
    const { client, atClient, atServer } = await connected(world);
    client.destroy();
    expect(atClient.closes).toEqual([]);
    await world.settle();
    expect(atClient.closes).toEqual([undefined]);
    expect(atServer.closes).toEqual([]);
    await world.run(100);
    expect(atServer.closes).toEqual([undefined]);
  });

  test('destroy() with data on its way here resets the peer', async () => {
    const world = createWorld();
    const { client, server, atClient, atServer } = await connected(world);
    server.write(text('unread'));
    client.destroy();
    await world.run(100);
    expect(atClient.pieces).toEqual([]);
    expect(atServer.closes).toMatchObject([{ code: 'ECONNRESET' }]);
  });

  test('a peer that was unplugged for good ends in ETIMEDOUT for who writes', async () => {
    const world = createWorld();
    const { b, client, atClient, atServer } = await connected(world);
    b.unplug();
    client.write(text('anybody?'));
    await world.run(1_200_000);
    expect(atClient.closes).toMatchObject([{ code: 'ETIMEDOUT' }]);
    expect(atServer.closes).toEqual([]);
  });

  test('a peer that never closes holds a closed connection for 30 seconds, not longer', async () => {
    const world = createWorld();
    const { a, b, client, atClient } = await connected(world);
    b.unplug();
    client.close();
    await world.run(TCP_CLOSE_LIMIT_MS - 1);
    expect(atClient.closes).toEqual([]);
    await world.run(1);
    expect(atClient.closes).toEqual([undefined]);
    expectEmpty(a.tables());
  });

  test('nothing is left over', async () => {
    const world = createWorld();
    const { client, listener } = await connected(world);
    expect(world.tables()['b: TCP connections']).toBe(1);
    client.close();
    listener.close();
    await world.run(1_000);
    expectEmpty(world.tables());
    expect(world.clock.size).toBe(0);
  });
});

test('the same seed gives the same pieces', async () => {
  const run = async (seed: number) => {
    const world = createWorld({ seed });
    const { client, atServer } = await connected(world);
    client.write(text(TEXT));
    client.close();
    await world.run(100);
    return [atServer.pieces, world.trace.digest];
  };
  const first = await run(1);
  expect(await run(1)).toEqual(first);
  expect(await run(2)).not.toEqual(first);
});
