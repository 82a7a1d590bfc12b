import { describe, expect, it } from 'vitest';
import type { Network } from '../../../../core/index.ts';
import { PortAllocator, type PortRange } from '../../../../media/engine/index.ts';

const ADDRESS = '192.0.2.9';

/** Sockets are names in a set; ports in `foreign` belong to another program. */
function createLab(range: PortRange, foreign: readonly number[] = [], code = 'EADDRINUSE') {
  const open = new Set<number>();
  const tried: number[] = [];
  const bindUdp = async ({ port }: { port: number }) => {
    tried.push(port);
    if (foreign.includes(port) || open.has(port)) throw Object.assign(new Error(code), { code });
    open.add(port);
    return { local: { address: ADDRESS, port }, close: () => open.delete(port) };
  };
  // Cast: the allocator uses no more of the network than this.
  const ports = new PortAllocator({ bindUdp } as unknown as Network, range);
  const take = async () => {
    const { rtp, rtcp } = await ports.take(ADDRESS);
    return {
      pair: [rtp.local.port, rtcp.local.port],
      close: () => [rtp, rtcp].map((socket) => socket.close()),
    };
  };
  return { ports, open, tried, take };
}

describe('PortAllocator', () => {
  it.each([
    { name: 'whole pairs', range: { first: 10_000, last: 10_003 }, pairs: 2 },
    { name: 'an odd start', range: { first: 10_001, last: 10_005 }, pairs: 2 },
    { name: 'an even end, whose next port is not ours', range: { first: 10_000, last: 10_002 }, pairs: 1 },
    { name: 'a single port', range: { first: 10_000, last: 10_000 }, pairs: 0 },
    { name: 'a single odd port', range: { first: 10_001, last: 10_001 }, pairs: 0 },
    { name: 'a range that is upside down', range: { first: 10_010, last: 10_000 }, pairs: 0 },
    { name: 'the last ports there are', range: { first: 65_532, last: 65_535 }, pairs: 2 },
  ])('makes pairs of an even port and the next of $name (RFC 3550 §11)', async ({ range, pairs }) => {
    const { ports, open, take } = createLab(range);
    expect(ports.available).toBe(pairs);
    for (let i = 0; i < pairs; i += 1) {
      const [rtp = 0, rtcp] = (await take()).pair;
      expect([rtp % 2, rtcp]).toEqual([0, rtp + 1]);
    }
    expect([...open].every((port) => port >= range.first && port <= range.last)).toBe(true);
    await expect(take()).rejects.toMatchObject({ code: 'MEDIA_PORTS_EXHAUSTED' });
  });

  it('lets a port rest as long as possible: given back, it is the last in turn', async () => {
    const { ports, take } = createLab({ first: 10_000, last: 10_005 });
    const first = await take();
    first.close();
    ports.give(first.pair[0] ?? 0);
    const next = [await take(), await take(), await take()].map(({ pair }) => pair[0]);
    expect(next).toEqual([10_002, 10_004, 10_000]);
  });

  it('never has a pair twice or loses one over many turns', async () => {
    const { ports, open, take } = createLab({ first: 10_000, last: 10_009 });
    let held: Awaited<ReturnType<typeof take>>[] = [];
    for (let turn = 0; turn < 50; turn += 1) {
      held.push(await take());
      if (turn % 3 === 0 || held.length === 5) {
        const [oldest, ...others] = held;
        oldest?.close();
        ports.give(oldest?.pair[0] ?? 0);
        held = others;
      }
      expect(ports.available + held.length).toBe(5);
      expect(open.size).toBe(2 * held.length);
    }
  });

  it.each([
    { name: 'the RTP port', foreign: [10_000] },
    { name: 'the RTCP port', foreign: [10_001] },
    { name: 'a port that only root may have', foreign: [10_000], code: 'EACCES' },
  ])(
    'passes over a pair where another program has $name, and leaves nothing open',
    async ({ foreign, code }) => {
      const { ports, open, take } = createLab({ first: 10_000, last: 10_003 }, foreign, code);
      expect((await take()).pair).toEqual([10_002, 10_003]);
      expect([...open]).toEqual([10_002, 10_003]);
      expect(ports.available).toBe(1);
    },
  );

  it('tries each pair once where all are foreign, and keeps them for later', async () => {
    const { ports, tried, take } = createLab({ first: 10_000, last: 10_005 }, [10_000, 10_003, 10_004]);
    await expect(take()).rejects.toMatchObject({ code: 'MEDIA_PORTS_EXHAUSTED' });
    expect(tried).toEqual([10_000, 10_002, 10_003, 10_004]);
    expect(ports.available).toBe(3);
  });

  it('gives up after 64 foreign pairs', async () => {
    const foreign = Array.from({ length: 500 }, (_, index) => 10_000 + 2 * index);
    const { tried, take } = createLab({ first: 10_000, last: 10_999 }, foreign);
    await expect(take()).rejects.toMatchObject({ code: 'MEDIA_PORTS_EXHAUSTED' });
    expect(tried).toHaveLength(64);
  });

  it('tries no other port where the address itself cannot be bound, and says why', async () => {
    const { ports, open, tried, take } = createLab(
      { first: 10_000, last: 10_005 },
      [10_000],
      'EADDRNOTAVAIL',
    );
    await expect(take()).rejects.toMatchObject({
      code: 'MEDIA_PORTS_EXHAUSTED',
      cause: { code: 'EADDRNOTAVAIL' },
    });
    expect([tried, ports.available, open.size]).toEqual([[10_000], 3, 0]);
  });

  it('keeps the pairs of takes that run at once apart', async () => {
    const { take } = createLab({ first: 10_000, last: 10_007 });
    const taken = await Promise.all([take(), take(), take(), take()]);
    expect(new Set(taken.flatMap(({ pair }) => pair)).size).toBe(8);
  });
});
