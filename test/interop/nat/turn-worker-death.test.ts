// The thread of a TURN server dies, as it does where its memory is full: another one takes over, on the same port.
import type { Worker } from 'node:worker_threads';
import { afterEach, expect, test, vi } from 'vitest';
import { createNodeRuntime, type Endpoint } from '../../../core/index.ts';
import { openIcePath, startTurnWorker } from '../../../nat/index.ts';
import { collectingLog, type LogLine } from '../../support/collecting-log.ts';

const { threads } = vi.hoisted(() => ({ threads: [] as Worker[] }));
vi.mock('node:worker_threads', async (load) => {
  const original = await load<typeof import('node:worker_threads')>();
  return {
    ...original,
    Worker: class extends original.Worker {
      constructor(...[file, options]: ConstructorParameters<typeof Worker>) {
        super(file, options);
        threads.push(this);
      }
    },
  };
});

const ANYWHERE = { address: '127.0.0.1', port: 0 };
const ALICE = { username: 'alice', password: 'secret' };
const LIMIT_MS = 20_000;
const each = process.platform === 'linux' ? (['linux', 'node'] as const) : (['node'] as const);
const runtime = createNodeRuntime();
const open: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const close of open.splice(0)) await close();
  threads.length = 0;
});

/** @returns whether a path finds a relay there */
async function allocates({ address, port }: Endpoint): Promise<boolean> {
  const server = { host: address, port, transport: 'udp', credentials: ALICE } as const;
  const options = {
    role: 'controlling',
    components: 1,
    addresses: [address],
    turnServers: [server],
  } as const;
  const path = await openIcePath(runtime, { ...options, isRelayOnly: true, gatherLimitMs: 5_000 });
  await path.gathered;
  const { candidates } = path.local;
  path.close();
  await path.closed;
  return candidates.length > 0;
}

/** @param nowMs - how old the thread seems to be */
async function startServer(sockets: 'linux' | 'node', nowMs: () => number) {
  const lines: LogLine[] = [];
  const timers: (() => void)[] = [];
  const shell = {
    clock: { ...runtime.clock, now: nowMs },
    log: collectingLog(runtime.clock, lines),
    setTimer: (_at: number, fire: () => void) => {
      timers.push(fire);
      return () => {};
    },
  };
  const server = await startTurnWorker(shell, {
    listen: { udp: [ANYWHERE] },
    credentials: { users: { [ALICE.username]: ALICE.password } },
    sockets,
  });
  open.push(() => server.close());
  const [place] = server.listening.udp;
  if (!place) throw new Error('it listens');
  return { server, place, lines, timers };
}

const errors = (lines: readonly LogLine[]) =>
  lines.filter(({ level }) => level === 'error').map(({ phrase }) => phrase);

test.each(each)('by %s: another one takes over, and clients allocate anew', async (sockets) => {
  let nowMs = 0;
  const { server, place, lines } = await startServer(sockets, () => nowMs);
  expect(await allocates(place)).toBe(true);
  nowMs = 60_000;
  await threads[0]?.terminate();
  await vi.waitFor(async () => expect(await server.report()).toMatchObject({ restarts: 1 }), LIMIT_MS);
  expect(server.listening.udp).toEqual([place]);
  expect(await server.report()).toMatchObject({ allocations: 0, allocated: 0 });
  expect(await allocates(place)).toBe(true);
  expect(errors(lines)).toEqual(['the thread of the TURN server died, and every allocation with it']);
});

test('one that dies soon after its start is replaced later', async () => {
  const { server, place, timers, lines } = await startServer('node', () => 0);
  await threads[0]?.terminate();
  await expect(server.report()).rejects.toThrow('is gone');
  await vi.waitFor(() => expect(timers).toHaveLength(1), LIMIT_MS);
  expect(lines.at(-1)?.fields).toMatchObject({ delayMs: 10_000 });
  timers[0]?.();
  await vi.waitFor(async () => expect(await server.report()).toMatchObject({ restarts: 1 }), LIMIT_MS);
  expect(await allocates(place)).toBe(true);
});

test('one whose port is taken meanwhile is tried again and again', async () => {
  const { server, place, timers, lines } = await startServer('node', () => 0);
  await threads[0]?.terminate();
  await vi.waitFor(() => expect(timers).toHaveLength(1), LIMIT_MS);
  const squatter = await runtime.network.bindUdp(place);
  timers[0]?.();
  await vi.waitFor(() => expect(timers).toHaveLength(2), LIMIT_MS);
  expect(errors(lines).at(-1)).toBe('the TURN server could not be started again');
  squatter.close();
  timers[1]?.();
  await vi.waitFor(async () => expect(await server.report()).toMatchObject({ restarts: 1 }), LIMIT_MS);
  expect(await allocates(place)).toBe(true);
});
