// The network of this machine, on loopback: TCP, names, clocks and timers. UDP is in udp-sockets.test.ts.
import { afterEach, describe, expect, test } from 'vitest';
import {
  addressFamily,
  createNodeRuntime,
  type Endpoint,
  nodeNetwork,
  sleep,
  systemClock,
  type TcpConnection,
  type TcpListener,
} from '../../../core/index.ts';
import { LOOPBACKS, text } from './sockets.ts';

const open: { close(): void }[] = [];

afterEach(() => {
  for (const socket of open.splice(0)) socket.close();
});

async function listen(endpoint: Endpoint): Promise<TcpListener> {
  const listener = await nodeNetwork.listenTcp(endpoint);
  open.push(listener);
  return listener;
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

test('loopback is among the local addresses and networks', () => {
  expect(nodeNetwork.localAddresses()).toContain('127.0.0.1');
  expect(nodeNetwork.localNetworks()).toContain('127.0.0.1/8');
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
