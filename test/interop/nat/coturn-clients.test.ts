// coturn's test client against our server: it must get back every packet that it sends.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createNodeRuntime } from '../../../core/index.ts';
import {
  type RunningTurnServer,
  startTurnServer,
  startTurnWorker,
  type TurnServerOptions,
} from '../../../nat/index.ts';
import { makeCertificate, type TestCertificate } from '../../support/peers/certificate.ts';
import { findFreePorts } from '../../support/peers/free-port.ts';
import { PeerProcess } from '../../support/peers/peer-process.ts';
import { missingPeer, peerPath } from '../../support/peers/require-peer.ts';

const ADDRESS = '127.0.0.1';
const SECRET = 'shared';
const MESSAGES = 100;

type Start = (options: TurnServerOptions) => Promise<RunningTurnServer>;

const inThread =
  (sockets: 'linux' | 'node'): Start =>
  (options) =>
    startTurnWorker(createNodeRuntime(), { ...options, sockets });

describe
  .skipIf(missingPeer('uclient', 'turnpeer'))
  .each<{ name: string; start: Start }>([
    { name: 'our server in this thread', start: (options) => startTurnServer(createNodeRuntime(), options) },
    ...(process.platform === 'linux'
      ? [{ name: 'our server by system calls', start: inThread('linux') }]
      : []),
  ])('turnutils_uclient against $name', ({ start }) => {
  let server: RunningTurnServer;
  let peer: PeerProcess;
  let peerPort: number;
  let certificate: TestCertificate;

  beforeAll(async () => {
    peerPort = await findFreePorts(2);
    peer = new PeerProcess({ command: peerPath('turnpeer'), args: ['-L', ADDRESS, '-p', `${peerPort}`] });
    const port = await findFreePorts(2);
    const listen = [{ address: ADDRESS, port }];
    certificate = makeCertificate(ADDRESS);
    server = await start({
      listen: { udp: listen, tcp: listen, tls: [{ address: ADDRESS, port: port + 1 }] },
      tls: { certificate: certificate.pem, key: certificate.keyPem },
      credentials: { users: { alice: 'secret' }, sharedSecret: SECRET },
      allowPeers: ['127.0.0.0/8'],
    });
  });

  afterAll(async () => {
    await peer.stop();
    await server.close();
    certificate.remove();
  });

  const alice = ['-u', 'alice', '-w', 'secret'];
  const timeLimited = ['-u', 'bob', '-W', SECRET];
  const throughPeer = () => ['-e', ADDRESS, '-r', `${peerPort}`];

  test.concurrent.each([
    { name: 'channels over UDP', args: () => [...alice, '-c', ...throughPeer()] },
    { name: 'channels over UDP, an even port and the next', args: () => [...alice, ...throughPeer()] },
    { name: 'Send and Data over UDP', args: () => [...alice, '-c', '-s', ...throughPeer()] },
    { name: 'time-limited credentials', args: () => [...timeLimited, '-c', ...throughPeer()] },
    { name: 'channels over TCP', args: () => [...alice, '-c', '-t', ...throughPeer()] },
    { name: 'Send and Data over TCP', args: () => [...timeLimited, '-c', '-t', '-s', ...throughPeer()] },
    { name: 'extra requests', args: () => [...alice, '-c', '-G', ...throughPeer()] },
    { name: 'two relays on one server', args: () => [...alice, '-y'] },
    { name: 'two relays, over TCP', args: () => [...alice, '-y', '-t'] },
  ])(
    '$name: nothing is lost',
    async ({ args }) => {
      const { sent, received, log } = await runClient(['-p', `${server.listening.udp[0]?.port}`, ...args()]);
      expect(sent).toBeGreaterThanOrEqual(MESSAGES);
      expect(received).toBe(sent);
      expect(log).toContain('Total lost packets 0 (0.000000%)');
    },
    60_000,
  );

  // Alone, and counted by us: that client reads one TLS record a wake-up and forgets the next, with coturn's own server
  // too, so that on a busy machine it misses some of what it was sent.
  test('channels over TLS: everything is relayed, both ways', async () => {
    const before = await server.report();
    const tls = ['-t', '-S', '-z', '40', '-p', `${server.listening.tls[0]?.port}`];
    const { sent, received } = await runClient([...alice, '-c', ...tls, ...throughPeer()]);
    const after = await server.report();
    expect(sent).toBeGreaterThanOrEqual(MESSAGES);
    expect(received).toBeGreaterThan(0);
    expect(after.sentPackets - before.sentPackets).toBe(sent);
    expect(after.receivedPackets - before.receivedPackets).toBe(sent);
    expect(after.dropped).toEqual(before.dropped);
  }, 60_000);
});

/** @returns what it counted, once it is through */
async function runClient(options: readonly string[]) {
  const args = ['-n', `${MESSAGES}`, '-z', '5', ...options, ADDRESS];
  const client = new PeerProcess({ command: peerPath('uclient'), args });
  await client.waitForExit(40_000);
  const [, sent, received] =
    /tot_send_msgs=(\d+), tot_recv_msgs=(\d+)\s*\n.*tot_send_bytes/.exec(client.log) ?? [];
  return { sent: Number(sent), received: Number(received), log: client.log };
}
