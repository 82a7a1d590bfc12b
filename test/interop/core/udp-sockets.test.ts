// UDP on loopback, by node:dgram and by the system calls of the Linux fast path: the same tests for both.
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { addressFamily, type Endpoint, nodeNetwork, type UdpSocket } from '../../../core/index.ts';
import { LOOPBACKS, loadedCalls, missing, startPolled, text } from './sockets.ts';

// A constant of this file, so that a look at its type holds within the tests.
const systemCalls = loadedCalls;
const open: { close(): void }[] = [];

afterEach(() => {
  for (const socket of open.splice(0)) socket.close();
});

function received(socket: UdpSocket): Promise<{ text: string; from: Endpoint }> {
  return new Promise((resolve) => {
    socket.onDatagram = (bytes, address, port) => {
      resolve({ text: Buffer.from(bytes).toString(), from: { address, port } });
    };
  });
}

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
