import { afterEach, expect, test, vi } from 'vitest';
import { PolledRuntime, silentLog } from '../../../../core/index.ts';
import { FakeSystemCalls } from '../../../support/fake-system-calls.ts';

/** What one call of epoll_wait reports at most. */
const FULL = 64;
const FD = 100;

afterEach(() => vi.restoreAllMocks());

test.each([
  { name: 'rests after it took everything', reported: 1, leftover: false, isResting: true },
  {
    name: 'does not rest where more sockets may be readable',
    reported: FULL,
    leftover: false,
    isResting: false,
  },
  { name: 'does not rest where a socket was left with more', reported: 1, leftover: true, isResting: false },
])('PolledRuntime $name', ({ reported, leftover, isResting }) => {
  const rest = vi.spyOn(Atomics, 'wait').mockReturnValue('timed-out');
  const calls = new FakeSystemCalls();
  const runtime = new PolledRuntime(calls, silentLog);
  runtime.onBatch = () => 1;
  let handled = 0;
  const readable = {
    handleReadable: () => {
      handled += 1;
      return leftover;
    },
    close: () => {},
  };
  const fds = Array.from({ length: reported }, (_, index) => FD + index);
  for (const fd of fds) runtime.watch(fd, readable);
  calls.readable.push(fds);
  runtime.runFor(0);
  expect(handled).toBe(reported);
  expect(rest).toHaveBeenCalledTimes(isResting ? 1 : 0);
});

test('PolledRuntime closes a descriptor that the kernel does not watch', () => {
  const calls = new FakeSystemCalls();
  const runtime = new PolledRuntime(calls, silentLog);
  vi.spyOn(calls, 'epollControl').mockReturnValue(-1);
  const close = vi.spyOn(calls, 'close');
  expect(() => runtime.watch(FD, { handleReadable: () => false, close: () => {} })).toThrow('epoll_ctl');
  expect(close).toHaveBeenCalledWith(FD);
});
