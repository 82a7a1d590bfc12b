// The sockets of a load generator: by system calls where that works, for the load must never be the limit.
import {
  createNodeRuntime,
  loadSystemCalls,
  PolledRuntime,
  silentLog,
  type UdpSocket,
} from '../../core/index.ts';

const ADDRESS = '127.0.0.1';
const RECEIVE_BUFFER_BYTES = 4_000_000;

export interface LoadNetwork {
  bind(port: number): Promise<UdpSocket>;
  /** Hands out what has come, and rests for at most a millisecond. */
  turn(): Promise<void>;
  close(): void;
}

export async function openLoadNetwork(): Promise<LoadNetwork> {
  const bindTo =
    ({ network }: Pick<PolledRuntime, 'network'>) =>
    (port: number) =>
      network.bindUdp({ address: ADDRESS, port, receiveBufferBytes: RECEIVE_BUFFER_BYTES });
  try {
    const runtime = new PolledRuntime(await loadSystemCalls(), silentLog);
    const turn = async () => runtime.runFor(1);
    return { bind: bindTo(runtime), turn, close: () => runtime.close() };
  } catch {
    const turn = () => new Promise<void>((resolve) => setTimeout(resolve, 1));
    return { bind: bindTo(createNodeRuntime()), turn, close: () => {} };
  }
}
