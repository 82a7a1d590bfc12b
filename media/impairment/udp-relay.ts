// The impairment relay on the sockets of a runtime: two for each port, one facing who sends, one facing the target.
import { Driver, type Endpoint, OperationError, type Runtime, type UdpSocket } from '../../core/index.ts';
import {
  ImpairmentRelay,
  type ImpairmentRelayOptions,
  type RelayCounts,
  type RelayDirection,
} from './relay.ts';

/** Ports in a row at one numeric address. */
export interface EndpointRange extends Endpoint {
  readonly count: number;
}

export interface UdpRelayOptions extends Omit<ImpairmentRelayOptions, 'targetOf'> {
  readonly listen: EndpointRange;
  /** The first of as many ports; the n-th listening port leads to the n-th of these. */
  readonly to: Endpoint;
}

interface PortPair {
  readonly sender: UdpSocket;
  readonly target: UdpSocket;
}

/** Whoever opened it closes it. */
export class UdpRelay {
  readonly #relay: ImpairmentRelay;
  readonly #driver: Driver;
  readonly #pairs: readonly PortPair[];

  /** @throws Error with the system's code where a port is taken */
  static async open(runtime: Runtime, options: UdpRelayOptions): Promise<UdpRelay> {
    const { network } = runtime;
    const { listen, to } = options;
    const facing = await network.sourceAddressFor(to.address);
    if (facing === undefined) throw new OperationError('IMPAIR_NO_ROUTE', `no route to "${to.address}"`);
    const bound: UdpSocket[] = [];
    const bind = async (address: string, port: number): Promise<UdpSocket> => {
      const socket = await network.bindUdp({ address, port });
      bound.push(socket);
      return socket;
    };
    try {
      const pairs: PortPair[] = [];
      for (let i = 0; i < listen.count; i += 1) {
        const sender = await bind(listen.address, listen.port === 0 ? 0 : listen.port + i);
        pairs.push({ sender, target: await bind(facing, 0) });
      }
      return new UdpRelay(runtime, options, pairs);
    } catch (error) {
      for (const socket of bound) socket.close();
      throw error;
    }
  }

  private constructor(runtime: Runtime, options: UdpRelayOptions, pairs: readonly PortPair[]) {
    const { address, port } = options.to;
    const targets = pairs.map((_, i) => ({ address, port: port + i }));
    this.#pairs = pairs;
    this.#relay = new ImpairmentRelay({ ...options, targetOf: (index) => targets[index] ?? options.to });
    this.#driver = new Driver(runtime, this.#relay, () => this.#send());
    for (const [index, { sender, target }] of pairs.entries()) {
      sender.onDatagram = (bytes, from, fromPort) =>
        this.#driver.run((now) =>
          this.#relay.handleFromSender(now, index, { bytes, source: { address: from, port: fromPort } }),
        );
      target.onDatagram = (bytes, from, fromPort) =>
        this.#driver.run((now) =>
          this.#relay.handleFromTarget(now, index, { bytes, source: { address: from, port: fromPort } }),
        );
      // Nobody listens there (yet): that is loss, as it would be without a relay.
      sender.onError = () => {};
      target.onError = () => {};
    }
  }

  /** Where it listens, in the order of the ports. */
  get listening(): readonly Endpoint[] {
    return this.#pairs.map(({ sender }) => sender.local);
  }

  counts(direction: RelayDirection): Readonly<RelayCounts> {
    return this.#relay.counts(direction);
  }

  /** See {@link ImpairmentRelay.strangers}. */
  get strangers(): number {
    return this.#relay.strangers;
  }

  /** See {@link ImpairmentRelay.unharmed}. */
  get unharmed(): number {
    return this.#relay.unharmed;
  }

  /** What is held is lost. */
  close(): void {
    this.#driver.close();
    for (const { sender, target } of this.#pairs) {
      sender.close();
      target.close();
    }
  }

  #send(): void {
    for (const { direction, index, bytes, to } of this.#relay.takeDatagrams()) {
      const pair = this.#pairs[index];
      const socket = direction === 'there' ? pair?.target : pair?.sender;
      socket?.send(bytes, to.address, to.port);
    }
  }
}
