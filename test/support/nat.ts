// A NAT: a table between an address space inside and the one outside.
import type { Endpoint, Random } from '../../core/index.ts';
import { NatTable, type NatTableOptions } from './nat-table.ts';
import { Realm } from './network/realm.ts';

export interface NatOptions extends NatTableOptions {
  /** Whether an inside host reaches another by its external endpoint (RFC 4787 REQ-9). Default true. */
  readonly hairpinning?: boolean;
  /** The NAT that this one is itself behind. */
  readonly behind?: Nat;
}

/** A NAT of the world. Its inside is an address space of its own: private addresses may repeat. */
export class Nat {
  readonly name: string;
  readonly externalAddress: string;
  readonly hairpinning: boolean;
  readonly outside: Realm;
  readonly inside: Realm;
  readonly udp: NatTable;
  readonly tcp: NatTable;
  #epoch = 0;

  constructor(name: string, outside: Realm, random: Random, options: NatOptions) {
    this.name = name;
    this.externalAddress = options.externalAddress;
    this.hairpinning = options.hairpinning ?? true;
    this.outside = outside;
    this.inside = new Realm(this);
    this.udp = new NatTable(random.fork('udp'), options);
    // RFC 5382 §5: two hours and four minutes for an established connection.
    this.tcp = new NatTable(random.fork('tcp'), { ...options, mappingLifetimeMs: 7_440_000 });
    outside.add(options.externalAddress, this);
  }

  table(protocol: 'udp' | 'tcp'): NatTable {
    return protocol === 'udp' ? this.udp : this.tcp;
  }

  /** Opens an external port to one inside endpoint, for UDP and TCP. */
  forward(externalPort: number, inside: Endpoint): void {
    this.udp.forward(externalPort, inside);
    this.tcp.forward(externalPort, inside);
  }

  /** The same for all ports of a range, each to the same port of the host: as one to one. */
  forwardRange(range: { readonly first: number; readonly last: number }, address: string): void {
    for (let port = range.first; port <= range.last; port += 1) this.forward(port, { address, port });
  }

  /** Loses every mapping; TCP connections through it hear nothing more. */
  restart(): void {
    this.udp.clear();
    this.tcp.clear();
    this.#epoch += 1;
  }

  /** Grows with each restart. */
  get epoch(): number {
    return this.#epoch;
  }
}
