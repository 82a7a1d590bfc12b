// A relayed transport address (RFC 8656 §3): a port of this machine that peers speak with.
import { type AddressFamily, addressFamily, type Endpoint } from '../../../core/index.ts';
import type { Allocation } from './allocation.ts';
import { LocalPeers } from './local-peers.ts';
import type { RelayAddress, RelaySocket } from './types.ts';

/** Bound by the shell, closed by the core. */
export class Relay {
  readonly family: AddressFamily;
  /** Where it is bound. */
  readonly local: Endpoint;
  /** How peers reach it. */
  readonly relayed: Endpoint;
  /** Undefined while it is not bound. */
  socket: RelaySocket | undefined;
  /** Undefined while it is reserved. */
  allocation: Allocation | undefined;
  expiresAt = Number.POSITIVE_INFINITY;

  constructor(family: AddressFamily, { local, advertised }: RelayAddress, port: number) {
    this.family = family;
    this.local = { address: local, port };
    this.relayed = { address: advertised, port };
  }
}

/** The addresses that relays have, at most one of each family, and where from there the peers are. */
export class RelayAddresses {
  readonly #byFamily = new Map<AddressFamily, RelayAddress>();
  readonly #localPeers: LocalPeers;

  constructor(addresses: readonly RelayAddress[], localPeers = new LocalPeers()) {
    this.#localPeers = localPeers;
    for (const address of addresses) {
      const family = addressFamily(address.local);
      if (family) this.#byFamily.set(family, address);
    }
  }

  get families(): readonly AddressFamily[] {
    return [...this.#byFamily.keys()];
  }

  of(family: AddressFamily): RelayAddress | undefined {
    return this.#byFamily.get(family);
  }

  /**
   * Where datagrams for a peer are sent: what is on this machine is spoken with directly, for few NATs that translate our
   * address one to one would turn the datagram back.
   */
  targetOf(peer: Endpoint): Endpoint {
    const here = this.#localPeers.named(peer);
    if (here) return here.local;
    const own = this.of(peer.address.includes(':') ? 6 : 4);
    return own && own.advertised === peer.address ? { address: own.local, port: peer.port } : peer;
  }

  /** The peer whose datagrams come from there: the other way round. */
  peerAt(source: Endpoint): Endpoint {
    const here = this.#localPeers.boundTo(source);
    if (here) return here.peer;
    const own = this.of(source.address.includes(':') ? 6 : 4);
    return own && own.local === source.address ? { address: own.advertised, port: source.port } : source;
  }
}
