import { describe, expect, test } from 'vitest';
import { type FollowOptions, follow } from '../../../cli/quality-follow.ts';
import { MemoryStore } from '../../../server/index.ts';
import { FakeRuntime } from '../softphone/fake-runtime.ts';
import { RECORD } from './quality-sample.ts';

const LIVE = { ...RECORD, end: null, disposition: null, reason: null };
const OTHER = { ...LIVE, uniqueid: '1700000000.9', src: 'dora', callIds: ['other'] };

function setUp(options: Partial<FollowOptions> & { readonly isTTY?: boolean; readonly columns?: number }) {
  const { isTTY = false, columns = 200, ...rest } = options;
  const runtime = new FakeRuntime();
  const store = new MemoryStore();
  const written: string[] = [];
  const stop = new AbortController();
  const output = { isTTY, columns, rows: 24, write: (text: string) => written.push(text) };
  const over = follow({
    store,
    runtime,
    output,
    signal: stop.signal,
    limit: 20,
    isJson: false,
    id: undefined,
    ...rest,
  });
  /** As a server does. */
  const show = async (...calls: readonly (typeof LIVE)[]) => {
    const at = new Date(runtime.clock.wallClock()).toISOString();
    const value = calls.length === 0 ? '' : JSON.stringify({ at, total: calls.length, calls });
    store.write([{ kind: 'setting', name: 'liveCalls', value }]);
    await runtime.advance(1000);
  };
  return { runtime, store, written, show, stop: () => stop.abort(), over };
}

describe('follow()', () => {
  test('draws live calls anew on a terminal, and ends with the signal', async () => {
    const { written, show, stop, over, runtime } = setUp({ isTTY: true });
    await runtime.advance(5000);
    expect(written).toHaveLength(1);
    expect(written[0]).toMatch(/^\u001b\[H\u001b\[J.*0 calls at/);
    await show(LIVE, OTHER);
    expect(written[1]).toMatch(/2 calls at[^\n]*\n[^\n]*start \(UTC\)[^\n]*\n.*alice[^\n]*\n.*dora[^\n]*\n$/);
    // Nothing new is not drawn again.
    await runtime.advance(3000);
    expect(written).toHaveLength(2);
    await show();
    expect(written[2]).toMatch(/0 calls/);
    stop();
    await over;
    expect(runtime.timerCount).toBe(0);
  });

  test.each([
    { name: 'all calls', columns: 200, id: undefined, lines: 23 },
    { name: 'all calls, each of which takes two rows', columns: 100, id: undefined, lines: 1 + 11 },
    { name: 'one call in all that is known', columns: 200, id: 'last', lines: 23 },
  ])('keeps to the rows of the screen: $name', async ({ columns, id, lines }) => {
    const { written, show, stop } = setUp({ isTTY: true, limit: 100, columns, id });
    await show(...Array<typeof LIVE>(50).fill(LIVE));
    expect(written.at(-1)?.trimEnd().split('\n')).toHaveLength(lines);
    stop();
  });

  test('writes a JSON object a change elsewhere, without colour', async () => {
    const { written, show, stop } = setUp({ isJson: true });
    await show(LIVE);
    expect(written.map((line) => JSON.parse(line))).toMatchObject([
      { type: 'live', total: 0, calls: [] },
      { type: 'live', total: 1, calls: [{ uniqueid: '1700000000.7', directions: [{}, {}, {}, {}] }] },
    ]);
    stop();
  });

  test.for([
    { id: '1700000000.9', expected: ['dora'] },
    { id: 'oth', expected: ['dora'] },
    { id: 'last', expected: ['alice'] },
    { id: 'nothing', expected: [] },
  ])('shows the call $id alone', async ({ id, expected }) => {
    const { written, show, stop } = setUp({ isJson: true, id });
    await show(LIVE, OTHER);
    expect(JSON.parse(written.at(-1) ?? '').calls.map(({ src }: { src: string }) => src)).toEqual(expected);
    stop();
  });

  test('says that it looks, again and again', async () => {
    const { store, runtime, stop } = setUp({});
    await runtime.advance(30_000);
    expect(Number(store.setting('followedUntil'))).toBeGreaterThan(runtime.clock.wallClock());
    stop();
  });
});
