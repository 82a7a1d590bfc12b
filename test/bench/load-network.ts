// The sockets of a load generator: by system calls where that works, for the load must never be the limit.
import {
  codeOf,
  createNodeRuntime,
  loadSystemCalls,
  PolledRuntime,
  silentLog,
  type UdpSocket,
} from '../../core/index.ts';

const ADDRESS = '127.0.0.1';
const REST_MS = 0.5;
/** One packet a socket each: several times what a core can send. */
const MOST_PASSES = 32;
const NEVER = new Int32Array(new SharedArrayBuffer(4));
const RECEIVE_BUFFER_BYTES = 4_000_000;

export interface LoadNetwork {
  bind(port: number): Promise<UdpSocket>;
  /**
   * Rests for a moment, then hands out what has come.
   *
   * @param received - counts what was handed out
   */
  turn(received: () => number): Promise<void>;
  close(): void;
}

export async function openLoadNetwork(): Promise<LoadNetwork> {
  const bindTo =
    ({ network }: Pick<PolledRuntime, 'network'>) =>
    (port: number) =>
      network.bindUdp({ address: ADDRESS, port, receiveBufferBytes: RECEIVE_BUFFER_BYTES });
  try {
    const runtime = new PolledRuntime(await loadSystemCalls(), silentLog);
    const turn = async (received: () => number) => {
      // Not in epoll: to wake this process for every packet would be work of the relay that sends it.
      Atomics.wait(NEVER, 0, 0, REST_MS);
      // Not until nothing comes: while a relay sends there is always more, and our own packets would be late.
      for (let pass = 0, before = -1; pass < MOST_PASSES && before !== received(); pass += 1) {
        before = received();
        runtime.runFor(0);
      }
    };
    return { bind: bindTo(runtime), turn, close: () => runtime.close() };
  } catch {
    const turn = () => new Promise<void>((resolve) => setTimeout(resolve, 1));
    return { bind: bindTo(createNodeRuntime()), turn, close: () => {} };
  }
}

/**
 * A port for RTP, and the next one for RTCP: without a listener there each report would come back as an ICMP error, at
 * the cost of who sent it.
 */
export async function bindRtpPair(
  network: LoadNetwork,
  onRtp: (bytes: Uint8Array) => void,
): Promise<{ readonly rtp: UdpSocket; readonly rtcp: UdpSocket }> {
  for (;;) {
    const rtp = await network.bind(0);
    try {
      const rtcp = await network.bind(rtp.local.port + 1);
      rtp.onDatagram = onRtp;
      return { rtp, rtcp };
    } catch (error) {
      rtp.close();
      if (codeOf(error) !== 'EADDRINUSE') throw error;
    }
  }
}
