// Our TURN client and our paths against coturn's server: nothing is lost on the way through it.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createNodeRuntime, type Endpoint, sleep, type UdpSocket } from '../../../core/index.ts';
import {
  type IcePath,
  type IcePathOptions,
  openIcePath,
  type TurnService,
  type TurnTransport,
  timeLimitedCredentials,
} from '../../../nat/index.ts';
import { makeCertificate, type TestCertificate } from '../../support/peers/certificate.ts';
import { type Coturn, startCoturn } from '../../support/peers/coturn.ts';
import { missingPeer } from '../../support/peers/require-peer.ts';

const ADDRESS = '127.0.0.1';
const SECRET = 'shared';
const ALICE = { username: 'alice', password: 'secret' };
const PACKETS = 500;
const PACKET_INTERVAL_MS = 2;
const LIMIT_MS = 20_000;

const runtime = createNodeRuntime();

async function until(condition: () => boolean, what: string): Promise<void> {
  const endAt = runtime.clock.now() + LIMIT_MS;
  while (!condition()) {
    if (runtime.clock.now() > endAt) throw new Error(`${what} did not come true`);
    await sleep(runtime, 5);
  }
}

function relayOnly(
  service: TurnService,
  role: IcePathOptions['role'],
  authorities: readonly string[] = [],
): Promise<IcePath> {
  const options = { authorities, role, components: 1, addresses: [ADDRESS], turnServers: [service] } as const;
  return openIcePath(runtime, { ...options, isRelayOnly: true, gatherLimitMs: 5_000 });
}

/** Sends numbered packets of sound, and waits until as many have come. */
async function play(send: (packet: Uint8Array) => void, received: ReadonlySet<number>): Promise<void> {
  for (let number = 0; number < PACKETS; number += 1) {
    const packet = new Uint8Array(172);
    packet[0] = 0x80;
    packet[2] = number >> 8;
    packet[3] = number & 0xff;
    send(packet);
    await sleep(runtime, PACKET_INTERVAL_MS);
  }
  await until(() => received.size === PACKETS, `${PACKETS} packets instead of ${received.size}`);
}

/** The numbers of the packets that came. */
function numbersOf(path: IcePath): Set<number> {
  const numbers = new Set<number>();
  path.onData = (_component, bytes) => numbers.add(((bytes[2] ?? 0) << 8) | (bytes[3] ?? 0));
  return numbers;
}

async function openEcho(): Promise<{ readonly socket: UdpSocket; readonly at: Endpoint }> {
  const socket = await runtime.network.bindUdp({ address: ADDRESS, port: 0 });
  socket.onDatagram = (bytes, address, port) => socket.send(bytes, address, port);
  return { socket, at: { address: ADDRESS, port: socket.local.port } };
}

describe.skipIf(missingPeer('turnserver', 'openssl'))('through coturn', () => {
  let withUsers: Coturn;
  let withSecret: Coturn;

  let certificate: TestCertificate;

  beforeAll(async () => {
    certificate = makeCertificate(ADDRESS);
    const { files: tls } = certificate;
    withUsers = await startCoturn({ users: { alice: 'secret' }, relayPorts: [49_152, 50_151], tls });
    withSecret = await startCoturn({ sharedSecret: SECRET, relayPorts: [50_152, 51_151] });
  });

  afterAll(async () => {
    await withUsers.stop();
    await withSecret.stop();
    certificate.remove();
  });

  const service = (transport: TurnTransport): TurnService => ({
    host: ADDRESS,
    port: transport === 'tls' ? withUsers.tlsPort : withUsers.port,
    transport,
    credentials: ALICE,
  });
  const timeLimited = (): TurnService => ({
    host: ADDRESS,
    port: withSecret.port,
    transport: 'udp',
    credentials: timeLimitedCredentials(SECRET, 'bob', runtime.clock.wallClock() + 3_600_000),
  });

  const cases = [
    { name: 'UDP', serviceOf: () => service('udp') },
    { name: 'TCP', serviceOf: () => service('tcp') },
    { name: 'TLS', serviceOf: () => service('tls') },
    { name: 'UDP, time-limited credentials', serviceOf: timeLimited },
  ];

  test.each(cases)('$name: a peer without ICE gets all, and so do we', async ({ serviceOf }) => {
    const path = await relayOnly(serviceOf(), 'controlling', [certificate.pem]);
    const echo = await openEcho();
    try {
      await path.gathered;
      expect(path.local.candidates).toMatchObject([{ type: 'relayed' }]);
      const received = numbersOf(path);
      await play((packet) => path.send(1, packet, echo.at), received);
    } finally {
      echo.socket.close();
      path.close();
      await path.closed;
    }
  });

  test.each(cases)('$name: two paths find each other by their relays', async ({ serviceOf }) => {
    const a = await relayOnly(serviceOf(), 'controlling', [certificate.pem]);
    const b = await relayOnly(serviceOf(), 'controlled', [certificate.pem]);
    try {
      await Promise.all([a.gathered, b.gathered]);
      a.setRemote(b.local);
      b.setRemote(a.local);
      await until(() => a.state === 'connected' && b.state === 'connected', 'a path for both');
      expect(a.selected(1)).toMatchObject({ localType: 'relayed', remoteType: 'relayed' });
      const [byA, byB] = [numbersOf(a), numbersOf(b)];
      await Promise.all([
        play((packet) => a.send(1, packet, undefined), byB),
        play((packet) => b.send(1, packet, undefined), byA),
      ]);
    } finally {
      a.close();
      b.close();
      await Promise.all([a.closed, b.closed]);
    }
  });

  test('a certificate that nobody vouches for gives no relay', async () => {
    const path = await relayOnly(service('tls'), 'controlling');
    await path.gathered;
    expect(path.local.candidates).toEqual([]);
    path.close();
    await path.closed;
  });

  test('a wrong password gives no relay', async () => {
    const path = await relayOnly(
      { ...service('udp'), credentials: { ...ALICE, password: 'wrong' } },
      'controlling',
    );
    await path.gathered;
    expect(path.local.candidates).toEqual([]);
    path.close();
    await path.closed;
  });
});
