import { describe, expect, it } from 'vitest';
import { sleep } from '../../../core/index.ts';
import {
  PeerWatch,
  type PingReply,
  PingTally,
  pingRepeatedly,
  pingStatistics,
} from '../../../softphone/ping.ts';
import { FakeRuntime } from './fake-runtime.ts';

const reply = (roundTripMs: number | null) => ({ roundTripMs });

describe('pingStatistics()', () => {
  it.each([
    {
      name: 'nothing',
      replies: [],
      expected: { sent: 0, received: 0, lossRatio: 0, minMs: null, avgMs: null, maxMs: null, mdevMs: null },
    },
    {
      name: 'only losses',
      replies: [null, null],
      expected: { sent: 2, received: 0, lossRatio: 1, minMs: null, avgMs: null, maxMs: null, mdevMs: null },
    },
    {
      name: 'answers and a loss',
      replies: [2, 4, null, 6],
      expected: {
        sent: 4,
        received: 3,
        lossRatio: 0.25,
        minMs: 2,
        avgMs: 4,
        maxMs: 6,
        mdevMs: Math.sqrt(8 / 3),
      },
    },
  ])('counts $name as ping(8) does', ({ replies, expected }) => {
    expect(pingStatistics(replies.map(reply))).toEqual(expected);
  });
});

describe('PingTally', () => {
  it('counts every ping of a heartbeat that runs for days', () => {
    const tally = new PingTally();
    for (let i = 0; i < 200_000; i += 1) tally.add(reply(i % 4 === 3 ? null : 1_000 + (i % 4)));
    const { mdevMs, ...rest } = tally.statistics();
    expect(rest).toMatchObject({
      sent: 200_000,
      received: 150_000,
      lossRatio: 0.25,
      minMs: 1000,
      maxMs: 1002,
    });
    expect(mdevMs).toBeCloseTo(Math.sqrt(2 / 3), 9);
  });
});

describe('PeerWatch', () => {
  it.each([
    {
      name: 'down after three misses',
      misses: 3,
      times: [null, null, null, null],
      states: [undefined, undefined, 'down', undefined],
    },
    { name: 'up with the first answer', misses: 3, times: [1, 1], states: ['up', undefined] },
    {
      name: 'one miss forgiven',
      misses: 2,
      times: [1, null, 1, null, null],
      states: ['up', undefined, undefined, undefined, 'down'],
    },
    { name: 'up again', misses: 1, times: [null, 5], states: ['down', 'up'] },
  ])('$name', ({ misses, times, states }) => {
    const watch = new PeerWatch(misses);
    expect(times.map((time) => watch.observe(reply(time)))).toEqual(states);
  });
});

describe('pingRepeatedly()', () => {
  const run = (options: { count?: number; takesMs: number; signal?: AbortSignal }) => {
    const runtime = new FakeRuntime();
    const sentAt: number[] = [];
    const replies: PingReply[] = [];
    let isOver = false;
    const over = pingRepeatedly(runtime, {
      intervalMs: 1000,
      ...(options.count === undefined ? {} : { count: options.count }),
      ...(options.signal ? { signal: options.signal } : {}),
      ping: async (sequence) => {
        sentAt.push(runtime.clock.now());
        await sleep(runtime, options.takesMs);
        return { sequence, roundTripMs: options.takesMs, status: 200, reason: 'OK', isTimeout: false };
      },
      onReply: (answer) => replies.push(answer),
    }).then(() => {
      isOver = true;
    });
    return { runtime, sentAt, replies, over, isOver: () => isOver };
  };

  it('keeps the rhythm however long an answer takes', async () => {
    const { runtime, sentAt, replies, isOver } = run({ count: 3, takesMs: 300 });
    await runtime.advance(2300);
    expect(sentAt).toEqual([0, 1000, 2000]);
    expect(replies.map((answer) => answer.sequence)).toEqual([1, 2, 3]);
    expect(isOver()).toBe(true);
  });

  it('sends one at a time', async () => {
    const { runtime, sentAt } = run({ count: 3, takesMs: 1500 });
    await runtime.advance(5000);
    expect(sentAt).toEqual([0, 1500, 3000]);
  });

  it('stops at once when it is told to', async () => {
    const stop = new AbortController();
    const { runtime, replies, isOver } = run({ takesMs: 300, signal: stop.signal });
    await runtime.advance(1100);
    stop.abort();
    await runtime.advance(0);
    expect(isOver()).toBe(true);
    expect(replies).toHaveLength(1);
  });
});
