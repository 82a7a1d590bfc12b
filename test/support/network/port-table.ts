// Who is bound to which port of a host, for one protocol.
import {
  addressFamily,
  type Endpoint,
  formatEndpoint,
  OperationError,
  type Random,
} from '../../../core/index.ts';

// RFC 6335 §6: the dynamic ports.
const FIRST_DYNAMIC_PORT = 49152;
const DYNAMIC_PORTS = 65536 - FIRST_DYNAMIC_PORT;

/** Bound sockets of one host. A wildcard address takes every address of its family. */
export class PortTable<Socket> {
  readonly #byPort = new Map<number, Map<string, Socket>>();
  #nextDynamic: number;

  constructor(random: Random) {
    this.#nextDynamic = random.uint32() % DYNAMIC_PORTS;
  }

  get size(): number {
    let count = 0;
    for (const sockets of this.#byPort.values()) count += sockets.size;
    return count;
  }

  /** @returns the real port, also where 0 was asked for */
  bind(address: string, port: number, socket: Socket): number {
    const real = port === 0 ? this.freePort(address) : port;
    if (this.#isTaken(address, real)) {
      throw new OperationError('EADDRINUSE', `bind EADDRINUSE ${formatEndpoint({ address, port })}`);
    }
    const sockets = this.#byPort.get(real);
    if (sockets) sockets.set(address, socket);
    else this.#byPort.set(real, new Map([[address, socket]]));
    return real;
  }

  release(endpoint: Endpoint): void {
    const sockets = this.#byPort.get(endpoint.port);
    sockets?.delete(endpoint.address);
    if (sockets?.size === 0) this.#byPort.delete(endpoint.port);
  }

  find(endpoint: Endpoint): Socket | undefined {
    const sockets = this.#byPort.get(endpoint.port);
    return sockets?.get(endpoint.address) ?? sockets?.get(wildcardOf(endpoint.address));
  }

  freePort(address: string): number {
    for (let i = 0; i < DYNAMIC_PORTS; i += 1) {
      const port = FIRST_DYNAMIC_PORT + this.#nextDynamic;
      this.#nextDynamic = (this.#nextDynamic + 1) % DYNAMIC_PORTS;
      if (!this.#isTaken(address, port)) return port;
    }
    throw new OperationError('EADDRINUSE', `no free port at ${address}`);
  }

  #isTaken(address: string, port: number): boolean {
    const sockets = this.#byPort.get(port);
    if (!sockets) return false;
    const wildcard = wildcardOf(address);
    for (const other of sockets.keys()) {
      if (wildcardOf(other) !== wildcard) continue;
      if (other === address || other === wildcard || address === wildcard) return true;
    }
    return false;
  }
}

function wildcardOf(address: string): string {
  return addressFamily(address) === 6 ? '::' : '0.0.0.0';
}
