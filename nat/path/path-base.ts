// What packets of a path leave through.
import { type AddressFamily, addressFamily, type Endpoint, type UdpSocket } from '../../core/index.ts';
import type { BaseId, ComponentId } from '../ice/index.ts';

/** A socket of ours, or an allocation of ours on a TURN server. */
export interface PathBase {
  readonly id: BaseId;
  readonly component: ComponentId;
  /** As peers see it, where nothing is in between. */
  readonly endpoint: Endpoint;
  /** Whether packets to this address can leave here at all. */
  canReach(address: string): boolean;
  /** Sends a copy. Loss is silent. */
  send(now: number, bytes: Uint8Array, remote: Endpoint): void;
}

export interface SocketBaseOptions {
  readonly id: BaseId;
  readonly component: ComponentId;
  /** The address that the socket is for, also where it is bound to all of them. */
  readonly address: string;
  /** Which of our addresses that is: 0 is the preferred one. */
  readonly rank: number;
}

/** One socket. It closes with the path. */
export class SocketBase implements PathBase {
  readonly id: BaseId;
  readonly component: ComponentId;
  readonly endpoint: Endpoint;
  readonly rank: number;
  readonly #socket: UdpSocket;
  readonly #family: AddressFamily | undefined;
  /** Who sent last: in a call that is the same for every packet. */
  #source: Endpoint = { address: '', port: 0 };

  constructor(socket: UdpSocket, { id, component, address, rank }: SocketBaseOptions) {
    this.id = id;
    this.component = component;
    this.endpoint = { address, port: socket.local.port };
    this.rank = rank;
    this.#socket = socket;
    this.#family = addressFamily(address);
  }

  set onDatagram(handler: (bytes: Uint8Array, source: Endpoint) => void) {
    this.#socket.onDatagram = (bytes, address, port) => {
      if (this.#source.port !== port || this.#source.address !== address) this.#source = { address, port };
      handler(bytes, this.#source);
    };
  }

  canReach(address: string): boolean {
    return addressFamily(address) === this.#family;
  }

  send(_now: number, bytes: Uint8Array, { address, port }: Endpoint): void {
    this.#socket.send(bytes, address, port);
  }

  close(): void {
    this.#socket.close();
  }
}
