import { describe, expect, test } from 'vitest';
import type { UdpSocket } from '../../../core/index.ts';
import {
  createWorld,
  dropNth,
  expectEmpty,
  type Host,
  type LinkOptions,
  randomLoss,
  totalLoss,
  type World,
} from '../../support/index.ts';

/** What a socket has received, copied. */
function inbox(socket: UdpSocket): { text: string; from: string }[] {
  const got: { text: string; from: string }[] = [];
  socket.onDatagram = (bytes, address, port) => {
    got.push({ text: new TextDecoder().decode(bytes), from: `${address}:${port}` });
  };
  return got;
}

const text = (value: string) => new TextEncoder().encode(value);

async function pair(world: World) {
  const a = world.host('a', { addresses: ['192.0.2.1', '2001:db8::1'] });
  const b = world.host('b', { addresses: ['192.0.2.2', '2001:db8::2'] });
  const sender = await a.network.bindUdp({ address: '0.0.0.0', port: 5060 });
  const receiver = await b.network.bindUdp({ address: '192.0.2.2', port: 5070 });
  return { a, b, sender, receiver, got: inbox(receiver) };
}

/** Sends `count` numbered datagrams, one every 20 ms, over a link. @returns the numbers in order of arrival */
async function stream(link: LinkOptions, options: { count: number; sizeBytes?: number; seed?: number }) {
  const world = createWorld({ seed: options.seed ?? 1, link });
  const { sender, receiver } = await pair(world);
  const arrived: { number: number; delayMs: number }[] = [];
  const sentAt: number[] = [];
  receiver.onDatagram = (bytes) => {
    const number = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
    arrived.push({ number, delayMs: world.now() - (sentAt[number] ?? 0) });
  };
  const bytes = new Uint8Array(options.sizeBytes ?? 172);
  for (let i = 0; i < options.count; i += 1) {
    new DataView(bytes.buffer).setUint32(0, i);
    sentAt.push(world.now());
    sender.send(bytes, '192.0.2.2', 5070);
    await world.run(20);
  }
  await world.run(5_000);
  return { world, arrived, numbers: arrived.map(({ number }) => number) };
}

describe('UDP', () => {
  test('a datagram arrives after the delay of the link, from the address of the route', async () => {
    const world = createWorld({ link: { delayMs: 30 } });
    const { sender, got } = await pair(world);
    sender.send(text('hello'), '192.0.2.2', 5070);
    await world.run(29);
    expect(got).toEqual([]);
    await world.run(1);
    expect(got).toEqual([{ text: 'hello', from: '192.0.2.1:5060' }]);
  });

  test('a datagram is copied when sent, and its buffer overwritten after the handler', async () => {
    const world = createWorld();
    const { sender, receiver } = await pair(world);
    const kept: Uint8Array[] = [];
    const seen: number[] = [];
    receiver.onDatagram = (bytes) => {
      kept.push(bytes);
      seen.push(bytes[0] ?? -1);
    };
    const bytes = Uint8Array.of(7);
    sender.send(bytes, '192.0.2.2', 5070);
    bytes[0] = 8;
    await world.run(10);
    expect(seen).toEqual([7]);
    expect(kept[0]?.[0]).not.toBe(7);
  });

  test('binding: free ports differ, a taken one is EADDRINUSE, a foreign address EADDRNOTAVAIL', async () => {
    const world = createWorld();
    const { network } = world.host('a', { addresses: ['192.0.2.1', '192.0.2.9', '2001:db8::1'] });
    const first = await network.bindUdp({ address: '192.0.2.1', port: 0 });
    const second = await network.bindUdp({ address: '192.0.2.1', port: 0 });
    expect(first.local.port).not.toBe(second.local.port);
    expect(first.local.port).toBeGreaterThan(0);
    await network.bindUdp({ address: '192.0.2.1', port: 5060 });
    await network.bindUdp({ address: '192.0.2.9', port: 5060 });
    await network.bindUdp({ address: '::', port: 5060 });
    for (const address of ['192.0.2.1', '0.0.0.0', '2001:db8::1']) {
      const bind = network.bindUdp({ address, port: 5060 });
      await expect(bind, address).rejects.toMatchObject({ code: 'EADDRINUSE' });
    }
    const foreign = network.bindUdp({ address: '192.0.2.77', port: 5060 });
    await expect(foreign).rejects.toMatchObject({ code: 'EADDRNOTAVAIL' });
  });

  test('a closed socket frees its port, sends nothing and receives nothing', async () => {
    const world = createWorld();
    const { b, sender, receiver, got } = await pair(world);
    sender.send(text('under way'), '192.0.2.2', 5070);
    receiver.close();
    receiver.send(text('late'), '192.0.2.1', 5060);
    await world.run(100);
    expect(got).toEqual([]);
    expect(world.trace.sentCount).toBe(1);
    await b.network.bindUdp({ address: '0.0.0.0', port: 5070 });
  });

  test('loopback is per host, at once and without loss', async () => {
    const world = createWorld({ link: { loss: totalLoss } });
    const { a, got } = await pair(world);
    const here = inbox(await a.network.bindUdp({ address: '127.0.0.1', port: 5070 }));
    const client = await a.network.bindUdp({ address: '127.0.0.1', port: 6000 });
    client.send(text('local'), '127.0.0.1', 5070);
    await world.settle();
    expect(here).toEqual([{ text: 'local', from: '127.0.0.1:6000' }]);
    expect(got).toEqual([]);
  });

  test('IPv6 goes between IPv6 sockets', async () => {
    const world = createWorld();
    const { a, b } = await pair(world);
    const got = inbox(await b.network.bindUdp({ address: '::', port: 5070 }));
    const sender = await a.network.bindUdp({ address: '::', port: 5061 });
    sender.send(text('six'), '2001:db8:0::2', 5070);
    await world.run(10);
    expect(got).toEqual([{ text: 'six', from: '2001:db8::1:5061' }]);
  });

  test.each([
    { name: 'the other family', address: '2001:db8::2', sizeBytes: 1, port: 5070, code: 'EINVAL' },
    { name: 'port 0', address: '192.0.2.2', sizeBytes: 1, port: 0, code: 'EINVAL' },
    { name: 'more than a datagram', address: '192.0.2.2', sizeBytes: 65_508, port: 5070, code: 'EMSGSIZE' },
  ])('sending to $name is reported by onError, later', async ({ address, sizeBytes, port, code }) => {
    const world = createWorld();
    const { sender } = await pair(world);
    const errors: unknown[] = [];
    sender.onError = (error) => errors.push(error);
    sender.send(new Uint8Array(sizeBytes), address, port);
    expect(errors).toEqual([]);
    await world.settle();
    expect(errors).toMatchObject([{ code }]);
  });

  test('what nobody takes is counted by reason', async () => {
    const world = createWorld();
    const { sender } = await pair(world);
    sender.send(text('x'), '192.0.2.2', 9);
    sender.send(text('x'), '192.0.2.99', 5070);
    await world.run(10);
    expect(Object.fromEntries(world.trace.drops)).toEqual({ 'no socket': 1, 'no route': 1 });
  });

  test('an unplugged host neither hears nor is heard, until it is plugged in again', async () => {
    const world = createWorld();
    const { a, b, sender, receiver, got } = await pair(world);
    const back = inbox(sender);
    b.unplug();
    sender.send(text('1'), '192.0.2.2', 5070);
    receiver.send(text('2'), a.address, 5060);
    await world.run(10);
    b.replug();
    sender.send(text('3'), '192.0.2.2', 5070);
    await world.run(10);
    expect(got.map((entry) => entry.text)).toEqual(['3']);
    expect(back).toEqual([]);
  });
});

describe('links', () => {
  test('dropNth() loses exactly those', async () => {
    const { numbers } = await stream({ loss: dropNth(1, 3, 4) }, { count: 8 });
    expect(numbers).toEqual([1, 4, 5, 6, 7]);
  });

  test('jitter keeps the order and the bounds', async () => {
    const { numbers, arrived } = await stream({ delayMs: 40, jitterMs: 80 }, { count: 200 });
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
    expect(numbers).toHaveLength(200);
    const delays = arrived.map(({ delayMs }) => delayMs);
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(40);
    expect(Math.max(...delays)).toBeLessThanOrEqual(120);
    expect(Math.max(...delays) - Math.min(...delays)).toBeGreaterThan(60);
  });

  test('reordered packets arrive late, nothing is lost', async () => {
    const { numbers } = await stream({ reorderRatio: 0.1, reorderMs: 30 }, { count: 200 });
    expect(numbers).not.toEqual(numbers.toSorted((a, b) => a - b));
    expect(new Set(numbers).size).toBe(200);
  });

  test('duplicates arrive twice, with the same bytes', async () => {
    const { numbers } = await stream({ duplicateRatio: 1 }, { count: 3 });
    expect(numbers).toEqual([0, 0, 1, 1, 2, 2]);
  });

  test('a rate spreads a burst, and drops what would wait too long', async () => {
    const world = createWorld({ link: { delayMs: 0, rateBitsPerSecond: 80_000, queueMs: 50 } });
    const { sender, receiver } = await pair(world);
    const at: number[] = [];
    const start = world.now();
    receiver.onDatagram = () => at.push(world.now() - start);
    // 172 bytes and 28 of headers are 20 ms at 80 kbit/s; the fourth and later would wait 60 ms.
    for (let i = 0; i < 5; i += 1) sender.send(new Uint8Array(172), '192.0.2.2', 5070);
    await world.run(1_000);
    expect(at).toEqual([20, 40, 60]);
    expect(world.trace.drops.get('queue of the link full')).toBe(2);
  });

  test.each([
    { fragments: 'deliver', sizeBytes: 1472, arrives: true },
    { fragments: 'deliver', sizeBytes: 1473, arrives: true },
    { fragments: 'drop', sizeBytes: 1472, arrives: true },
    { fragments: 'drop', sizeBytes: 1473, arrives: false },
  ] as const)('a datagram of $sizeBytes bytes where fragments are: $fragments', async (row) => {
    const { fragments, sizeBytes, arrives } = row;
    const { numbers } = await stream({ mtuBytes: 1500, fragments }, { count: 1, sizeBytes });
    expect(numbers).toEqual(arrives ? [0] : []);
  });

  test('each fragment has its own chance to be lost', async () => {
    const { numbers } = await stream({ loss: dropNth(3) }, { count: 2, sizeBytes: 3000 });
    expect(numbers).toEqual([1]);
  });

  test('links change mid-run, one way alone too, and the most specific one counts', async () => {
    const world = createWorld({ link: { delayMs: 1 } });
    const { sender, receiver, got } = await pair(world);
    const back = inbox(sender);
    const exchange = async () => {
      got.length = 0;
      back.length = 0;
      sender.send(text('there'), '192.0.2.2', 5070);
      receiver.send(text('back'), '192.0.2.1', 5060);
      await world.run(10);
      return [got.length, back.length];
    };
    expect(await exchange()).toEqual([1, 1]);
    world.linkOneWay('b', 'a', { loss: totalLoss });
    expect(await exchange()).toEqual([1, 0]);
    world.link('a', '*', { loss: totalLoss });
    expect(await exchange()).toEqual([0, 0]);
    world.link('a', 'b', {});
    expect(await exchange()).toEqual([1, 1]);
  });
});

describe('names', () => {
  test('a host resolves names and services of the world, numeric addresses, and nothing else', async () => {
    const world = createWorld();
    const { network } = world.host('a', { addresses: ['192.0.2.1'] });
    const record = { name: 'sip.example.com', port: 5060, priority: 1, weight: 1 };
    world.names.hosts.set('sip.example.com', ['2001:db8::5', '192.0.2.5']);
    world.names.services.set('_sip._udp.example.com', [record]);
    world.names.failures.set('broken.example.com', 'EAI_AGAIN');
    expect(await network.resolveHost('SIP.example.com')).toEqual(['192.0.2.5', '2001:db8::5']);
    expect(await network.resolveHost('192.0.2.9')).toEqual(['192.0.2.9']);
    expect(await network.resolveHost('localhost')).toEqual(['127.0.0.1', '::1']);
    expect(await network.resolveHost('nowhere.example.com')).toEqual([]);
    expect(await network.resolveSrv('_sip._udp.example.com')).toEqual([record]);
    expect(await network.resolveSrv('_sip._tcp.example.com')).toEqual([]);
    await expect(network.resolveHost('broken.example.com')).rejects.toMatchObject({ code: 'EAI_AGAIN' });
  });

  test('sourceAddressFor() follows the family and stays on the host where it can', async () => {
    const world = createWorld();
    const { network } = world.host('a', { addresses: ['192.0.2.1', '192.0.2.9'] });
    expect(network.localAddresses()).toEqual(['127.0.0.1', '::1', '192.0.2.1', '192.0.2.9']);
    expect(await network.sourceAddressFor('198.51.100.1')).toBe('192.0.2.1');
    expect(await network.sourceAddressFor('192.0.2.9')).toBe('192.0.2.9');
    expect(await network.sourceAddressFor('127.0.0.1')).toBe('127.0.0.1');
    expect(await network.sourceAddressFor('2001:db8::1')).toBeUndefined();
  });

  test('sourceAddressFor() prefers the address whose network the peer is in', async () => {
    const { network } = createWorld().host('a', { addresses: ['192.0.2.1', '10.0.0.5/24'] });
    expect(network.localAddresses()).toEqual(['127.0.0.1', '::1', '192.0.2.1', '10.0.0.5']);
    expect(network.localNetworks()).toEqual(['127.0.0.1/8', '::1/128', '192.0.2.1', '10.0.0.5/24']);
    expect(await network.sourceAddressFor('10.0.0.20')).toBe('10.0.0.5');
    expect(await network.sourceAddressFor('10.0.1.20')).toBe('192.0.2.1');
  });
});

describe('a seed', () => {
  const noisy = { delayMs: 20, jitterMs: 30, loss: randomLoss(0.3), reorderRatio: 0.1, duplicateRatio: 0.05 };
  const digestOf = async (seed: number) => (await stream(noisy, { count: 200, seed })).world.trace.digest;

  test('gives the same bytes again, and another seed gives others', async () => {
    const digest = await digestOf(1);
    expect(await digestOf(1)).toBe(digest);
    expect(await digestOf(2)).not.toBe(digest);
  });

  test('the digest depends on a single bit of a datagram, and on when it was sent', async () => {
    const run = async (bytes: Uint8Array, waitMs: number) => {
      const world = createWorld();
      const { sender } = await pair(world);
      await world.run(waitMs);
      sender.send(bytes, '192.0.2.2', 5070);
      return world.trace.digest;
    };
    const digests = [
      await run(Uint8Array.of(1, 2, 3), 0),
      await run(Uint8Array.of(1, 2, 2), 0),
      await run(Uint8Array.of(1, 2, 3), 1),
    ];
    expect(new Set(digests).size).toBe(3);
  });

  test('losing is exact: sent = arrived + lost', async () => {
    const { world, numbers } = await stream({ loss: randomLoss(0.3) }, { count: 1_000 });
    const lost = world.trace.drops.get('lost by the link') ?? 0;
    expect(numbers.length + lost).toBe(1_000);
    expect(lost).toBeGreaterThan(250);
    expect(lost).toBeLessThan(350);
  });
});

test('what a host holds open is counted', async () => {
  const world = createWorld();
  const host: Host = world.host('a', { addresses: ['192.0.2.1'] });
  const socket = await host.network.bindUdp({ address: '0.0.0.0', port: 0 });
  const listener = await host.network.listenTcp({ address: '0.0.0.0', port: 0 });
  const cancel = host.setTimer(world.now() + 10, () => {});
  expect(Object.values(host.tables())).toEqual([1, 1, 1, 0]);
  expect(() => expectEmpty(host.tables())).toThrow('a: timers');
  socket.close();
  listener.close();
  cancel();
  expectEmpty(host.tables());
});
