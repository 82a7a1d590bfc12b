// Ports of the loopback interface that nobody uses.
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

// Below the kernel's ephemeral range, so that no outgoing socket takes a port between our look and its use.
const [FIRST_PORT, LAST_PORT] = portsOfWorker(process.env.VITEST_POOL_ID);

let nextPort = FIRST_PORT + 2 * Math.floor(Math.random() * ((LAST_PORT - FIRST_PORT) / 4));

/** Test files that run side by side do not look at the same ports; who is alone has all of them. */
function portsOfWorker(worker: string | undefined): readonly [first: number, last: number] {
  if (worker === undefined) return [21_000, 31_000];
  return Number(worker) % 2 === 1 ? [21_000, 24_500] : [24_500, 28_000];
}

/**
 * A port that is free for UDP and TCP on 127.0.0.1, and so are the `count - 1` after it. Even, so that it also
 * starts an RTP and RTCP pair.
 */
export async function findFreePorts(count = 2): Promise<number> {
  // All of them: a bench beside us has thousands of ports in a row.
  for (let tries = 0; tries < (LAST_PORT - FIRST_PORT) / count; tries += 1) {
    if (nextPort + count >= LAST_PORT) nextPort = FIRST_PORT;
    const first = nextPort;
    nextPort += count + (count % 2);
    if (await areFree(first, count)) return first;
  }
  throw new Error(`no ${count} free ports in a row from ${FIRST_PORT} to ${LAST_PORT}`);
}

async function areFree(first: number, count: number): Promise<boolean> {
  for (let port = first; port < first + count; port += 1) {
    if (!(await isFreeForUdp(port)) || !(await isFreeForTcp(port))) return false;
  }
  return true;
}

function isFreeForUdp(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    socket.once('error', () => {
      socket.close();
      resolve(false);
    });
    socket.bind(port, '127.0.0.1', () => socket.close(() => resolve(true)));
  });
}

function isFreeForTcp(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
