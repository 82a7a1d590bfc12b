// When the RTP packets of a phone left and came: a network that notes it.
import {
  type DatagramHandler,
  type Endpoint,
  type Network,
  nodeNetwork,
  type UdpSocket,
} from '../../core/index.ts';

/** Moments on the clock of `performance.now()`, by RTP sequence number. */
export class PacketWatch {
  readonly sentAt = new Map<number, number>();
  readonly receivedAt = new Map<number, number>();

  /** The network of the machine, watched. */
  readonly network: Network = {
    ...nodeNetwork,
    bindUdp: async (options) => new WatchedSocket(await nodeNetwork.bindUdp(options), this),
  };
}

class WatchedSocket implements UdpSocket {
  onDatagram: DatagramHandler | undefined;
  onError: ((error: Error) => void) | undefined;
  readonly #socket: UdpSocket;
  readonly #watch: PacketWatch;

  constructor(socket: UdpSocket, watch: PacketWatch) {
    this.#socket = socket;
    this.#watch = watch;
    socket.onDatagram = (bytes, address, port) => {
      note(watch.receivedAt, bytes);
      this.onDatagram?.(bytes, address, port);
    };
    socket.onError = (error) => this.onError?.(error);
  }

  get local(): Endpoint {
    return this.#socket.local;
  }

  send(bytes: Uint8Array, address: string, port: number): void {
    note(this.#watch.sentAt, bytes);
    this.#socket.send(bytes, address, port);
  }

  close(): void {
    this.#socket.close();
  }
}

function note(moments: Map<number, number>, bytes: Uint8Array): void {
  const [first = 0, second = 0, high = 0, low = 0] = bytes;
  // RFC 5761 §4: what has version 2 and one of these types is RTCP.
  const isRtcp = second >= 192 && second <= 223;
  if (first >> 6 === 2 && !isRtcp) moments.set((high << 8) | low, performance.now());
}
