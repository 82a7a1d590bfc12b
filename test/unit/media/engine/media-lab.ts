// A media engine on sockets that keep what is sent, and on time that a test moves.
import {
  type DatagramHandler,
  type Runtime,
  SeededRandom,
  silentLog,
  type UdpSocket,
} from '../../../../core/index.ts';
import { InlineMediaEngine } from '../../../../media/engine/index.ts';
import type { Direction, PayloadFormat, RemoteMedia } from '../../../../media/engine/types.ts';
import { demultiplexMedia, encodeRtp } from '../../../../media/rtp/index.ts';

export const PCMU: PayloadFormat = { payloadType: 0, encoding: 'pcmu', clockRateHz: 8000, channels: 1 };
export const opusAs = (payloadType: number): PayloadFormat => ({
  payloadType,
  encoding: 'opus',
  clockRateHz: 48_000,
  channels: 2,
});

export interface Sent {
  readonly fromPort: number;
  readonly bytes: Uint8Array;
  readonly toPort: number;
}

export function createLab() {
  let now = 1000;
  let timers: { at: number; fire: () => void }[] = [];
  const sent: Sent[] = [];
  const sockets = new Map<number, { onDatagram: DatagramHandler | undefined; isClosed: boolean }>();
  const bindUdp = async ({ address, port }: { address: string; port: number }) => {
    const socket = {
      local: { address, port },
      onDatagram: undefined,
      onError: undefined,
      isClosed: false,
      send: (bytes: Uint8Array, _address: string, toPort: number) =>
        sent.push({ fromPort: port, bytes: bytes.slice(), toPort }),
      close: () => {
        socket.isClosed = true;
      },
    };
    sockets.set(port, socket);
    return socket as UdpSocket;
  };
  // Cast: the engine uses no more of the network than this.
  const runtime = {
    clock: { now: () => now, wallClock: () => 1.7e12 + now },
    random: new SeededRandom(1),
    log: silentLog,
    network: { bindUdp },
    setTimer: (at: number, fire: () => void) => {
      const timer = { at, fire };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
  } as unknown as Runtime;
  const advance = (ms: number) => {
    const end = now + ms;
    for (;;) {
      const [first] = timers.toSorted((a, b) => a.at - b.at);
      if (!first || first.at > end) break;
      timers = timers.filter((other) => other !== first);
      now = Math.max(now, first.at);
      first.fire();
    }
    now = end;
  };
  return {
    engine: new InlineMediaEngine(runtime, { ports: { first: 10_000, last: 10_007 } }),
    sent,
    sockets,
    advance,
    deliver: (port: number, bytes: Uint8Array, address: string, fromPort: number) =>
      sockets.get(port)?.onDatagram?.(bytes, address, fromPort),
    rtpFrom: (port: number) =>
      sent
        .filter(({ fromPort, bytes }) => fromPort === port && demultiplexMedia(bytes) === 'rtp')
        .map(({ bytes }) => bytes),
  };
}

export function remoteAt(address: string, format = PCMU, direction: Direction = 'sendrecv'): RemoteMedia {
  return {
    rtp: { address, port: 4000 },
    rtcp: { address, port: 4001 },
    rtcpMux: false,
    formats: [format],
    direction,
    ptimeMs: 20,
  };
}

/** SSRC of {@link packet}s. */
export const PARTY_SSRC = 77;

export function packet(sequenceNumber: number, payloadType = 0): Uint8Array {
  const timestamp = 160 * sequenceNumber;
  return encodeRtp(
    { payloadType, marker: false, sequenceNumber, timestamp, ssrc: PARTY_SSRC },
    new Uint8Array(160),
  );
}

/** Two connected legs: alice at 192.0.2.1 and bob at 192.0.2.2. */
export async function createCall(aliceFormat = PCMU, bobFormat = PCMU) {
  const lab = createLab();
  const open = (label: string) => lab.engine.openLeg({ callKey: 'call', localAddress: '192.0.2.9', label });
  const [alice, bob] = [await open('alice'), await open('bob')];
  await lab.engine.setRemote(alice.legId, remoteAt('192.0.2.1', aliceFormat));
  await lab.engine.setRemote(bob.legId, remoteAt('192.0.2.2', bobFormat));
  await lab.engine.connect(alice.legId, bob.legId);
  const fromAlice = (bytes: Uint8Array) => lab.deliver(alice.rtpPort, bytes, '192.0.2.1', 4000);
  return { ...lab, alice, bob, fromAlice };
}

/** Lets what is pending in promises happen. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 200; i += 1) await Promise.resolve();
}
