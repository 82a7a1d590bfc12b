// A virtual UDP socket.
import {
  addressFamily,
  addressScope,
  type DatagramHandler,
  type Endpoint,
  normalizeAddress,
  OperationError,
  type UdpSocket,
} from '../../../core/index.ts';
import type { Packet } from '../../../media/impairment/index.ts';
import type { HostNode } from './host-node.ts';

/** The largest payload of an IPv4 datagram. */
const MAX_DATAGRAM_BYTES = 65_507;

export class VirtualUdpSocket implements UdpSocket {
  onDatagram: DatagramHandler | undefined;
  onError: ((error: Error) => void) | undefined;
  readonly local: Endpoint;
  readonly #host: HostNode;
  #isClosed = false;

  constructor(host: HostNode, options: { readonly address: string; readonly port: number }) {
    const address = normalizeAddress(options.address);
    this.#host = host;
    host.checkBindable(address);
    this.local = { address, port: host.udp.bind(address, options.port, this) };
  }

  send(bytes: Uint8Array, address: string, port: number): void {
    if (this.#isClosed) return;
    const destination = { address: normalizeAddress(address), port };
    const failure = this.#whyNot(bytes, destination);
    if (failure) {
      this.#fail(failure);
      return;
    }
    const source = this.#isWildcard() ? this.#host.sourceFor(destination.address) : this.local.address;
    if (source === undefined) {
      this.#fail('ENETUNREACH');
      return;
    }
    this.#host.internet.sendUdp(this.#host, {
      protocol: 'udp',
      source: { address: source, port: this.local.port },
      destination,
      bytes: new Uint8Array(bytes),
    });
  }

  /** Takes a datagram from the network. */
  receive(packet: Packet): void {
    this.onDatagram?.(packet.bytes, packet.source.address, packet.source.port);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#host.udp.release(this.local);
  }

  #whyNot(bytes: Uint8Array, { address, port }: Endpoint): string | undefined {
    if (bytes.length > MAX_DATAGRAM_BYTES) return 'EMSGSIZE';
    if (addressFamily(address) !== addressFamily(this.local.address)) return 'EINVAL';
    if (!Number.isInteger(port) || port < 1 || port > 65535) return 'EINVAL';
    const isLoopback = addressScope(this.local.address) === 'loopback';
    return isLoopback && !this.#host.owns(address) ? 'EINVAL' : undefined;
  }

  #isWildcard(): boolean {
    return this.local.address === '0.0.0.0' || this.local.address === '::';
  }

  /** As a kernel does it: later, and never by throwing. */
  #fail(code: string): void {
    const { scheduler } = this.#host.internet;
    scheduler.schedule(scheduler.now(), () => {
      if (!this.#isClosed) this.onError?.(new OperationError(code, `send ${code}`));
    });
  }
}
