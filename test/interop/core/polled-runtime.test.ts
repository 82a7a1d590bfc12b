// The Linux fast path: what it can do besides the sockets that every network has.
import { readdirSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { addressFamily, PolledRuntime, releaseWakeup, silentLog, wake } from '../../../core/index.ts';
import { LOOPBACKS, loadedCalls, missing, startPolled } from './sockets.ts';

// A constant of this file, so that a look at its type holds within the tests.
const systemCalls = loadedCalls;
const open: { close(): void }[] = [];

afterEach(() => {
  for (const socket of open.splice(0)) socket.close();
});

/** Of this process, as the kernel counts them. */
const descriptors = () => readdirSync('/proc/self/fd').length;

describe.skipIf(systemCalls instanceof Error)(`the Linux fast path${missing}`, () => {
  // Narrows; where it is an error, nothing of this runs.
  if (systemCalls instanceof Error) return;

  test.each(LOOPBACKS)(
    'on %s marks what it sends as expedited forwarding, where that is asked for',
    async (address) => {
      const { default: koffi } = await import('koffi');
      const getsockopt = koffi.load(null).func('int getsockopt(int, int, int, void *, void *)');
      const fds: number[] = [];
      const socket = (family: number, type: number, protocol: number) => {
        const fd = systemCalls.socket(family, type, protocol);
        fds.push(fd);
        return fd;
      };
      const { network, close } = startPolled({ ...systemCalls, socket });
      open.push({ close });
      await network.bindUdp({ address, port: 0, dscp: 46 });
      await network.bindUdp({ address, port: 0 });
      // IPPROTO_IPV6 and IPV6_TCLASS, or IPPROTO_IP and IP_TOS.
      const [level, option] = addressFamily(address) === 6 ? [41, 67] : [0, 1];
      const octets = fds.map((fd) => {
        const value = new Int32Array(1);
        expect(getsockopt(fd, level, option, value, new Uint32Array([4]))).toBe(0);
        return value[0];
      });
      expect(octets).toEqual([46 << 2, 0]);
    },
  );

  test('fires timers in their order, none early and none that was cancelled', () => {
    const runtime = new PolledRuntime(systemCalls, silentLog);
    open.push({ close: () => runtime.close() }, { close: () => releaseWakeup(runtime.wakeup.fd) });
    const fired: string[] = [];
    const start = runtime.clock.now();
    const at = (delayMs: number, name: string) =>
      runtime.setTimer(start + delayMs, () => {
        fired.push(name);
        expect(runtime.clock.now()).toBeGreaterThanOrEqual(start + delayMs);
      });
    at(6, 'second');
    at(2, 'first');
    const cancel = at(4, 'never');
    cancel();
    runtime.runFor(10);
    expect(fired).toEqual(['first', 'second']);
  });

  test('timers that take longer than their interval leave a turn to everything else', () => {
    const runtime = new PolledRuntime(systemCalls, silentLog);
    open.push({ close: () => runtime.close() }, { close: () => releaseWakeup(runtime.wakeup.fd) });
    let count = 0;
    const beat = (at: number) => {
      count += 1;
      const { exactNow } = runtime.clock;
      for (const end = at + 2 * count; (exactNow?.() ?? end) < end; );
      if (count < 200) runtime.setTimer(at + 1, () => beat(at + 1));
    };
    const start = runtime.clock.now();
    runtime.setTimer(start, () => beat(start));
    runtime.runFor(5);
    expect(count).toBeLessThan(200);
  });

  test('a wake-up ends the sleep, and is taken once', () => {
    const runtime = new PolledRuntime(systemCalls, silentLog);
    open.push({ close: () => runtime.close() }, { close: () => releaseWakeup(runtime.wakeup.fd) });
    let isOver = false;
    runtime.setTimer(runtime.clock.now() + 60_000, () => {
      isOver = true;
    });
    wake(runtime.wakeup.fd);
    wake(runtime.wakeup.fd);
    // Would last for longer than any test may.
    runtime.runFor(120_000);
    expect([isOver, runtime.wakeup.takeWoken()]).toEqual([false, false]);
  });

  test('leaves no descriptor open when it is closed', async () => {
    const before = descriptors();
    const { network, close } = startPolled(systemCalls);
    for (let i = 0; i < 20; i += 1) await network.bindUdp({ address: '127.0.0.1', port: 0 });
    expect(descriptors()).toBe(before + 22);
    close();
    expect(descriptors()).toBe(before);
  });
});
