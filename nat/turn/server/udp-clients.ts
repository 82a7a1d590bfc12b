// Clients over UDP: all of them on one socket, told apart by where their datagrams come from.
import { type Endpoint, formatEndpoint, type Network, type UdpSocket } from '../../../core/index.ts';
import type { TurnClient, TurnSockets, UdpClientPort } from './types.ts';

/** Every client comes to one socket: a second of a thousand calls, by what the kernel counts for a short datagram. */
export const CLIENT_BUFFER_BYTES = 32_000_000;

/** The sockets of any network. */
export function networkSockets(network: Network): TurnSockets {
  return {
    openClientPort: async (endpoint, onMessage) => {
      const socket = await network.bindUdp({ ...endpoint, receiveBufferBytes: CLIENT_BUFFER_BYTES });
      return new UdpClients(socket, onMessage);
    },
    openRelay: async ({ local }, onDatagram) => {
      const socket = await network.bindUdp(local);
      socket.onDatagram = onDatagram;
      // What cannot be sent is lost, as any datagram may be.
      socket.onError = () => {};
      return socket;
    },
  };
}

class UdpClients implements UdpClientPort {
  readonly #socket: UdpSocket;
  /** Those that have an allocation. */
  readonly #clients = new Map<string, UdpClient>();

  /** Closes the socket when it is closed. */
  constructor(socket: UdpSocket, onMessage: (client: TurnClient, bytes: Uint8Array) => void) {
    this.#socket = socket;
    socket.onDatagram = (bytes, address, port) => onMessage(this.#clientAt({ address, port }), bytes);
    // What cannot be sent is lost, as any datagram may be.
    socket.onError = () => {};
  }

  get local(): Endpoint {
    return this.#socket.local;
  }

  get size(): number {
    return this.#clients.size;
  }

  send(bytes: Uint8Array, { address, port }: Endpoint): void {
    this.#socket.send(bytes, address, port);
  }

  close(): void {
    this.#socket.close();
  }

  #clientAt(remote: Endpoint): UdpClient {
    const at = formatEndpoint(remote);
    return this.#clients.get(at) ?? new UdpClient(this, remote, { at, clients: this.#clients });
  }
}

class UdpClient implements TurnClient {
  readonly key: string;
  readonly transport = 'udp';
  readonly remote: Endpoint;
  readonly port: UdpClientPort;
  readonly #table: { readonly at: string; readonly clients: Map<string, UdpClient> };

  constructor(
    port: UdpClientPort,
    remote: Endpoint,
    table: { readonly at: string; readonly clients: Map<string, UdpClient> },
  ) {
    this.key = `udp ${formatEndpoint(port.local)} ${table.at}`;
    this.remote = remote;
    this.port = port;
    this.#table = table;
  }

  send(bytes: Uint8Array): boolean {
    this.port.send(bytes, this.remote);
    return true;
  }

  handleAllocated(): void {
    this.#table.clients.set(this.#table.at, this);
  }

  handleFreed(): void {
    this.#table.clients.delete(this.#table.at);
  }
}
