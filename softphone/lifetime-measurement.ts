// Measures how long mappings live in the NAT in front of us (RFC 5780 §4.6), on sockets of its own.
import { Driver, type Endpoint, type Runtime, type UdpSocket } from '../core/index.ts';
import { LIFETIME_SOCKETS, LifetimeSearch } from '../nat/index.ts';

/** Nobody gains from keep-alives that are farther apart, and the measurement takes twice as long. */
const LONGEST_AGE_MS = 300_000;

export interface LifetimeMeasurementOptions {
  /** Our address, from which the NAT is asked through. */
  readonly address: string;
  /** A STUN server; one that does not know RESPONSE-PORT ends the measurement without a result. */
  readonly server: Endpoint;
  /** The longest silence that a mapping was seen to live through; not called where that cannot be known. */
  onMeasured(aliveMs: number): void;
}

/** Begins at once. Whoever begins it closes it; closing it twice, or after its end, is harmless. */
export class LifetimeMeasurement {
  readonly #options: LifetimeMeasurementOptions;
  readonly #search: LifetimeSearch;
  readonly #driver: Driver;
  #sockets: readonly UdpSocket[] = [];
  #isClosed = false;

  constructor(runtime: Runtime, options: LifetimeMeasurementOptions) {
    this.#options = options;
    const { server } = options;
    const { random, clock } = runtime;
    this.#search = new LifetimeSearch(clock.now(), { random, server, maxAgeMs: LONGEST_AGE_MS });
    this.#driver = new Driver(runtime, this.#search, (now) => this.#drain(now));
    // Without its sockets nothing is measured, and nothing is lost by that.
    this.#open(runtime).catch(() => this.close());
  }

  close(): void {
    this.#isClosed = true;
    this.#driver.close();
    for (const socket of this.#sockets) socket.close();
    this.#sockets = [];
  }

  async #open({ network }: Runtime): Promise<void> {
    const { address } = this.#options;
    const sockets: UdpSocket[] = [];
    try {
      for (let i = 0; i < LIFETIME_SOCKETS; i += 1) sockets.push(await network.bindUdp({ address, port: 0 }));
    } finally {
      this.#sockets = sockets;
    }
    if (this.#isClosed) return this.close();
    for (const [index, socket] of sockets.entries()) {
      socket.onDatagram = (bytes, from, port) => {
        this.#driver.run((now) =>
          this.#search.handleDatagram(now, index, { bytes, source: { address: from, port } }),
        );
      };
      socket.onError = () => {};
    }
    this.#driver.run(() => {});
  }

  #drain(now: number): void {
    for (const { socket, bytes, remote } of this.#search.takeDatagrams(now))
      this.#sockets[socket]?.send(bytes, remote.address, remote.port);
    for (const event of this.#search.takeEvents()) {
      if (event.type === 'bounds') continue;
      if (event.type === 'done' && event.lifetime.aliveMs > 0)
        this.#options.onMeasured(event.lifetime.aliveMs);
      this.close();
    }
  }
}
