// `patchcord impair` between two real sockets.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { nodeNetwork, type UdpSocket } from '../../../core/index.ts';
import type { RelayCounts } from '../../../media/index.ts';
import { findFreePorts } from '../../support/peers/free-port.ts';
import { runPatchcord } from '../../support/peers/patchcord.ts';
import type { PeerProcess } from '../../support/peers/peer-process.ts';
import { makeTempFolder } from '../../support/peers/temp-folder.ts';

const ADDRESS = '127.0.0.1';
const PACKETS = 100;

const ends: (() => unknown)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function bind(port = 0): Promise<UdpSocket> {
  const socket = await nodeNetwork.bindUdp({ address: ADDRESS, port });
  ends.push(() => socket.close());
  return socket;
}

function impair(args: readonly string[]): PeerProcess {
  const child = runPatchcord(['impair', ...args]);
  ends.push(() => child.stop());
  return child;
}

/** Two ports, each with a target that sends back what it gets, behind the relay. */
async function relayedEchoes(args: readonly string[]): Promise<{ relay: PeerProcess; first: number }> {
  const first = await findFreePorts(2);
  const target = await findFreePorts(2);
  for (const port of [target, target + 1]) {
    const echo = await bind(port);
    echo.onDatagram = (bytes, address, from) => echo.send(bytes, address, from);
  }
  const range = (port: number) => `${ADDRESS}:${port}-${port + 1}`;
  const relay = impair(['--listen', range(first), '--to', range(target), '--json', ...args]);
  await relay.waitForLog(/"started"/);
  return { relay, first };
}

interface Ended {
  readonly there: RelayCounts;
  readonly back: RelayCounts;
}

async function endOf(relay: PeerProcess): Promise<Ended> {
  relay.signal('SIGINT');
  expect(await relay.waitForExit(5000)).toEqual({ code: 0, signal: null });
  // Cast: the last line of --json is what became of the datagrams.
  return JSON.parse(relay.stdout.trim().split('\n').at(-1) ?? '') as Ended;
}

describe('patchcord impair', () => {
  it('passes what comes to each port both ways, loses by the pattern, and tells of every datagram', async () => {
    const folder = makeTempFolder('impair');
    ends.push(() => folder.remove());
    const pattern = join(folder.path, 'pattern');
    writeFileSync(pattern, '0001');
    const { relay, first } = await relayedEchoes(['--loss', `pattern:${pattern}`, '--back-loss', '0%']);
    const phones = [await bind(), await bind()];
    const heard: number[] = [];
    for (const [i, phone] of phones.entries()) {
      phone.onDatagram = (bytes, _address, port) => {
        expect(port).toBe(first + i);
        heard.push(bytes[0] ?? -1);
      };
    }
    for (let n = 0; n < PACKETS; n += 1) {
      phones[n % 2]?.send(Uint8Array.of(n), ADDRESS, first + (n % 2));
      await delay(2);
    }
    await delay(100);
    // Each once; which ones depends on which of the two ports the kernel served first.
    expect(new Set(heard).size).toBe(75);
    expect(heard).toHaveLength(75);
    const { there, back } = await endOf(relay);
    expect(there).toMatchObject({ received: 100, lost: 25, passed: 75, held: 0 });
    expect(back).toMatchObject({ received: 75, lost: 0, passed: 75, held: 0 });
  });

  it('holds back what passes for as long as it is told to', async () => {
    const { relay, first } = await relayedEchoes(['--delay', '30ms', '--back-delay', '50ms']);
    const phone = await bind();
    const answered = new Promise((resolve) => {
      phone.onDatagram = resolve;
    });
    phone.send(Uint8Array.of(1), ADDRESS, first);
    await answered;
    const { there, back } = await endOf(relay);
    // Held at least so long; how much longer is the machine's business.
    expect(there.maxDelayMs).toBeGreaterThanOrEqual(30);
    expect(back.maxDelayMs).toBeGreaterThanOrEqual(50);
  });

  it.each([
    {
      name: 'a port that is taken',
      args: ['--to', '127.0.0.1:9'],
      says: 'another program has a port of these',
    },
    {
      name: 'ranges of different length',
      args: ['--to', '127.0.0.1:9-10'],
      says: 'they should have as many',
    },
    { name: 'a slip in a value', args: ['--to', '127.0.0.1:9', '--loss', '10'], says: 'as in 10%' },
  ])('refuses $name with status 2', async ({ args, says }) => {
    const taken = await bind();
    const child = impair(['--listen', `${ADDRESS}:${taken.local.port}`, ...args]);
    expect((await child.waitForExit(10_000)).code).toBe(2);
    expect(child.log).toContain(says);
    expect(child.log.trim().split('\n')).toHaveLength(1);
  });
});
