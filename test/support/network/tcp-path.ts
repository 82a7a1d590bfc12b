// The way of one direction of a TCP connection.
import type { Endpoint, Random } from '../../../core/index.ts';
import type { Nat } from '../nat.ts';
import type { Internet } from './internet.ts';

/** Set up once a connection: which hosts and NATs lie on it. */
export class TcpPath {
  readonly from: readonly string[];
  readonly to: readonly string[];
  readonly random: Random;
  readonly #internet: Internet;
  readonly #source: Endpoint;
  readonly #destination: Endpoint;
  readonly #epochs: ReadonlyMap<Nat, number>;

  constructor(
    internet: Internet,
    way: {
      readonly from: readonly string[];
      readonly to: readonly string[];
      readonly source: Endpoint;
      readonly destination: Endpoint;
      readonly nats: readonly Nat[];
      readonly random: Random;
    },
  ) {
    this.#internet = internet;
    this.from = way.from;
    this.to = way.to;
    this.random = way.random;
    this.#source = way.source;
    this.#destination = way.destination;
    this.#epochs = new Map(way.nats.map((nat) => [nat, nat.epoch]));
  }

  /** @returns when a segment arrives, or undefined where it is lost */
  transit(now: number, bytes: Uint8Array): number | undefined {
    // A NAT that was restarted since knows nothing of the connection.
    for (const [nat, epoch] of this.#epochs) if (nat.epoch !== epoch) return undefined;
    const { unplugged } = this.#internet;
    if (unplugged.has(this.from[0] ?? '') || unplugged.has(this.to[0] ?? '')) return undefined;
    const isLocal = this.from[0] === this.to[0];
    if (isLocal) return now;
    const packet = {
      protocol: 'tcp',
      source: this.#source,
      destination: this.#destination,
      bytes,
    } as const;
    const fate = this.#internet.links.between(this.from, this.to).transit(now, packet);
    this.#internet.trace.segment(now, packet, fate);
    return typeof fate === 'string' ? undefined : fate;
  }
}
