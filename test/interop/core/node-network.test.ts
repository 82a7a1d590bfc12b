// The network of this machine, on loopback: the one place where core meets real sockets.
import { readdirSync } from 'node:fs';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import {
  addressFamily,
  createNodeRuntime,
  type Endpoint,
  loadSystemCalls,
  type Network,
  nodeNetwork,
  PolledRuntime,
  releaseWakeup,
  type SystemCalls,
  silentLog,
  sleep,
  systemClock,
  type TcpConnection,
  type TcpListener,
  type UdpSocket,
  wake,
} from '../../../core/index.ts';

const hasIpv6 = nodeNetwork.localAddresses().includes('::1');
const LOOPBACKS = ['127.0.0.1', '::1'].filter((address) => addressFamily(address) === 4 || hasIpv6);

const systemCalls = await loadSystemCalls().catch((error: Error) => error);
const missing = systemCalls instanceof Error ? ` (skipped: ${systemCalls.message})` : '';

const open: { close(): void }[] = [];

afterEach(() => {
  for (const socket of open.splice(0)) socket.close();
});

/** A network of the Linux fast path, whose thread looks for datagrams in every turn of the event loop. */
function startPolled(calls: SystemCalls): { readonly network: Network; close(): void } {
  const runtime = new PolledRuntime(calls, silentLog);
  const turn = () => {
    runtime.runFor(0);
    next = setImmediate(turn);
  };
  let next = setImmediate(turn);
  const close = () => {
    clearImmediate(next);
    runtime.close();
    releaseWakeup(runtime.wakeup.fd);
  };
  return { network: runtime.network, close };
}

async function listen(endpoint: Endpoint): Promise<TcpListener> {
  const listener = await nodeNetwork.listenTcp(endpoint);
  open.push(listener);
  return listener;
}

function received(socket: UdpSocket): Promise<{ text: string; from: Endpoint }> {
  return new Promise((resolve) => {
    socket.onDatagram = (bytes, address, port) => {
      resolve({ text: Buffer.from(bytes).toString(), from: { address, port } });
    };
  });
}

/** All that a connection hears until it is over. */
function heard(connection: TcpConnection): Promise<{ text: string; error: Error | undefined }> {
  let text = '';
  connection.onData = (bytes) => {
    text += Buffer.from(bytes).toString('latin1');
  };
  return new Promise((resolve) => {
    connection.onClose = (error) => resolve({ text, error });
  });
}

/** Both ends of a connection, neither of which is closed by who asked for it. */
async function connected(address: string): Promise<{ client: TcpConnection; server: TcpConnection }> {
  const listener = await listen({ address, port: 0 });
  const accepted = new Promise<TcpConnection>((resolve) => {
    listener.onConnection = resolve;
  });
  const client = await nodeNetwork.connectTcp(listener.local);
  const server = await accepted;
  open.push({ close: () => client.destroy() }, { close: () => server.destroy() });
  return { client, server };
}

/** Of this process, as the kernel counts them. */
const descriptors = () => readdirSync('/proc/self/fd').length;

const text = (value: string) => new TextEncoder().encode(value);

const NETWORKS = [
  { name: 'node:dgram', start: () => ({ network: nodeNetwork, close: () => {} }) },
  {
    name: `system calls${missing}`,
    start: systemCalls instanceof Error ? undefined : () => startPolled(systemCalls),
  },
].flatMap((network) => LOOPBACKS.map((address) => ({ ...network, address })));

describe.each(NETWORKS)('UDP on $address by $name', ({ address, start }) => {
  describe.skipIf(!start)('a socket', () => {
    const started = start?.();
    const network = started?.network ?? nodeNetwork;

    afterAll(() => started?.close());

    async function bind(endpoint: Endpoint): Promise<UdpSocket> {
      const socket = await network.bindUdp(endpoint);
      open.push(socket);
      return socket;
    }

    test('a datagram arrives as it was sent, from where it was sent', async () => {
      const [sender, receiver] = [await bind({ address, port: 0 }), await bind({ address, port: 0 })];
      expect(sender.local.address).toBe(address);
      expect(sender.local.port).toBeGreaterThan(0);
      const arrival = received(receiver);
      sender.send(text('hello'), address, receiver.local.port);
      expect(await arrival).toEqual({ text: 'hello', from: sender.local });
    });

    test('a socket on every interface hears loopback, of its own family alone', async () => {
      const wildcard = addressFamily(address) === 6 ? '::' : '0.0.0.0';
      const receiver = await bind({ address: wildcard, port: 0 });
      const sender = await bind({ address, port: 0 });
      const arrival = received(receiver);
      sender.send(text('x'), address, receiver.local.port);
      expect((await arrival).from).toEqual(sender.local);
    });

    test('a bound port is EADDRINUSE, and free again after close()', async () => {
      const first = await network.bindUdp({ address, port: 0 });
      await expect(bind(first.local)).rejects.toMatchObject({ code: 'EADDRINUSE' });
      first.close();
      first.close();
      // The handle closes in the next turns of the event loop.
      await new Promise((resolve) => setImmediate(resolve));
      expect((await bind(first.local)).local).toEqual(first.local);
    });

    test('what the kernel refuses to send is reported by onError, never thrown', async () => {
      const socket = await bind({ address, port: 0 });
      const failed = new Promise<Error>((resolve) => {
        socket.onError = resolve;
      });
      socket.send(new Uint8Array(70_000), address, 5060);
      expect(await failed).toMatchObject({ code: 'EMSGSIZE' });
      socket.onError = undefined;
      expect(() => socket.send(text('x'), address, 0)).not.toThrow();
      expect(() => socket.send(text('x'), 'not an address', 5060)).not.toThrow();
      socket.close();
      expect(() => socket.send(text('x'), address, 5060)).not.toThrow();
    });

    test('the sender may reuse its buffer at once', async () => {
      const [sender, receiver] = [await bind({ address, port: 0 }), await bind({ address, port: 0 })];
      const arrival = received(receiver);
      const bytes = text('first');
      sender.send(bytes, address, receiver.local.port);
      bytes.fill(0);
      expect((await arrival).text).toBe('first');
    });

    test('the kernel leaves from the loopback address to loopback', async () => {
      expect(await network.sourceAddressFor(address)).toBe(address);
    });

    test.each([0, 1, 65_507])('a datagram of %i bytes arrives whole', async (length) => {
      const [sender, receiver] = [await bind({ address, port: 0 }), await bind({ address, port: 0 })];
      const arrival = received(receiver);
      sender.send(text('x'.repeat(length)), address, receiver.local.port);
      expect((await arrival).text).toBe('x'.repeat(length));
    });

    test('what is longer than any datagram spoils nothing that is sent after it', async () => {
      const [sender, receiver] = [await bind({ address, port: 0 }), await bind({ address, port: 0 })];
      const arrival = received(receiver);
      for (const length of [65_536, 65_560, 70_000, 1 << 20]) {
        expect(() => sender.send(new Uint8Array(length), address, receiver.local.port)).not.toThrow();
      }
      sender.send(text('after'), address, receiver.local.port);
      expect(await arrival).toEqual({ text: 'after', from: sender.local });
    });

    test('an address of the other family is reported by onError', async () => {
      const socket = await bind({ address, port: 0 });
      const failed = new Promise<Error>((resolve) => {
        socket.onError = resolve;
      });
      socket.send(text('x'), addressFamily(address) === 6 ? '127.0.0.1' : '::1', 5060);
      expect(await failed).toMatchObject({ code: expect.stringMatching(/^E[A-Z]+$/) });
    });

    test('a handler may answer from the bytes that came, and change them first', async () => {
      const [asker, answerer] = [await bind({ address, port: 0 }), await bind({ address, port: 0 })];
      answerer.onDatagram = (bytes, from, port) => {
        bytes[0] = 0x62;
        answerer.send(bytes, from, port);
        answerer.send(bytes.subarray(1), from, port);
      };
      const answers: string[] = [];
      const both = new Promise<void>((resolve) => {
        asker.onDatagram = (bytes) => {
          answers.push(Buffer.from(bytes).toString());
          if (answers.length === 2) resolve();
        };
      });
      asker.send(text('abc'), address, answerer.local.port);
      await both;
      expect(answers).toEqual(['bbc', 'bc']);
    });

    test('a handler may close its socket and others, and bind new ones: nothing comes to those closed', async () => {
      const [sender, first, second] = [
        await bind({ address, port: 0 }),
        await bind({ address, port: 0 }),
        await bind({ address, port: 0 }),
      ];
      const heard: string[] = [];
      const bound = new Promise<UdpSocket>((resolve, reject) => {
        const handle = (name: string) => {
          heard.push(name);
          first.close();
          second.close();
          bind({ address, port: 0 }).then(resolve, reject);
        };
        first.onDatagram = () => handle('first');
        second.onDatagram = () => handle('second');
      });
      for (const { local } of [first, second, first, second]) sender.send(text('x'), address, local.port);
      const later = await bound;
      const arrival = received(later);
      sender.send(text('later'), address, later.local.port);
      expect((await arrival).text).toBe('later');
      expect(heard).toHaveLength(1);
    });
  });
});

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

describe.each(LOOPBACKS)('TCP on %s', (address) => {
  test('bytes go both ways, and both ends agree on their endpoints', async () => {
    const { client, server } = await connected(address);
    expect([client.local, client.remote]).toEqual([server.remote, server.local]);
    expect(client.local.address).toBe(address);
    const [atClient, atServer] = [heard(client), heard(server)];
    client.write(text('ping'));
    server.write(text('pong'));
    client.close();
    expect(await atServer).toEqual({ text: 'ping', error: undefined });
    expect(await atClient).toEqual({ text: 'pong', error: undefined });
  });

  test('close() sends all that was written first, also what the kernel did not take at once', async () => {
    const { client, server } = await connected(address);
    const atServer = heard(server);
    const atClient = heard(client);
    const megabyte = new Uint8Array(1 << 20).fill(0x61);
    for (let i = 0; i < 8; i += 1) client.write(megabyte);
    expect(client.bufferedBytes).toBeGreaterThan(0);
    client.close();
    expect((await atServer).text).toHaveLength(8 << 20);
    await atClient;
    expect(client.bufferedBytes).toBe(0);
  });

  test('destroy() ends both sides, each with one onClose', async () => {
    const { client, server } = await connected(address);
    const ends = [heard(client), heard(server)];
    client.destroy();
    client.write(text('too late'));
    client.close();
    expect((await Promise.all(ends)).map(({ text: all }) => all)).toEqual(['', '']);
  });

  test('a connection that is reset tells why', async () => {
    const { client, server } = await connected(address);
    const atServer = heard(server);
    // What the client never reads makes its kernel answer with a reset.
    server.write(new Uint8Array(4 << 20));
    client.destroy();
    expect((await atServer).error).toMatchObject({ code: expect.stringMatching(/^(ECONNRESET|EPIPE)$/) });
  });

  test('nobody there is ECONNREFUSED, a port in use EADDRINUSE', async () => {
    const listener = await listen({ address, port: 0 });
    await expect(listen(listener.local)).rejects.toMatchObject({ code: 'EADDRINUSE' });
    listener.close();
    await new Promise((resolve) => setImmediate(resolve));
    await expect(nodeNetwork.connectTcp(listener.local)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('a listener that nobody answers for drops who calls', async () => {
    const listener = await listen({ address, port: 0 });
    const client = await nodeNetwork.connectTcp(listener.local);
    expect((await heard(client)).text).toBe('');
  });
});

test('an address that is not ours is EADDRNOTAVAIL', async () => {
  // RFC 5737: documentation addresses are nobody's.
  const endpoint = { address: '192.0.2.1', port: 0 };
  await expect(nodeNetwork.bindUdp(endpoint)).rejects.toMatchObject({ code: 'EADDRNOTAVAIL' });
  await expect(listen(endpoint)).rejects.toMatchObject({ code: 'EADDRNOTAVAIL' });
});

test('names: localhost is loopback, IPv4 first; a numeric address is itself, normalized', async () => {
  const addresses = await nodeNetwork.resolveHost('localhost');
  expect(addresses.length).toBeGreaterThan(0);
  for (const address of addresses) expect(['127.0.0.1', '::1']).toContain(address);
  expect(addresses).toEqual(addresses.toSorted((a, b) => (addressFamily(a) ?? 0) - (addressFamily(b) ?? 0)));
  expect(await nodeNetwork.resolveHost('::FFFF:127.0.0.1')).toEqual(['127.0.0.1']);
  expect(await nodeNetwork.resolveHost('0:0::1')).toEqual(['::1']);
});

test('loopback is among the local addresses', () => {
  expect(nodeNetwork.localAddresses()).toContain('127.0.0.1');
});

describe('the runtime of this machine', () => {
  test('a timer never fires before its time, and a cancelled one never', async () => {
    const runtime = createNodeRuntime();
    const early: number[] = [];
    let cancelled = 0;
    await Promise.all(
      Array.from({ length: 50 }, (_, i) => {
        const at = systemClock.now() + i * 0.7;
        runtime.setTimer(at, () => {
          cancelled += 1;
        })();
        return new Promise<void>((resolve) => {
          runtime.setTimer(at, () => {
            if (systemClock.now() < at) early.push(at - systemClock.now());
            resolve();
          });
        });
      }),
    );
    expect(early).toEqual([]);
    expect(cancelled).toBe(0);
  });

  test('both clocks run at the same pace, the wall clock by the calendar', async () => {
    const runtime = createNodeRuntime();
    const [now, wallClock] = [runtime.clock.now(), runtime.clock.wallClock()];
    await sleep(runtime, 20);
    const elapsedMs = runtime.clock.now() - now;
    expect(elapsedMs).toBeGreaterThanOrEqual(20);
    expect(runtime.clock.wallClock() - wallClock - elapsedMs).toBeLessThan(5);
    expect(wallClock).toBeGreaterThan(Date.UTC(2025, 0, 1));
  });
});
