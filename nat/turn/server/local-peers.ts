// Sockets of this machine with which relays may speak: of all that listens here, those alone.
import { type Endpoint, formatEndpoint } from '../../../core/index.ts';

/** A socket of this machine, as clients name it and as it is bound. */
export interface LocalPeer {
  /** What clients were told, in SDP for instance: another than `local` where a NAT is in front of the server. */
  readonly peer: Endpoint;
  /** Numeric, and no wildcard. Datagrams for `peer` go there without leaving the machine. */
  readonly local: Endpoint;
}

/** Whoever admits a peer dismisses it, before its socket is closed. */
export class LocalPeers {
  readonly #byPeer = new Map<string, LocalPeer>();
  readonly #byLocal = new Map<string, LocalPeer>();
  /** Of all that were ever here: addresses of this machine, so that they are few. */
  readonly #addresses = new Set<string>();

  get size(): number {
    return this.#byPeer.size;
  }

  admit(peer: LocalPeer): void {
    this.#byPeer.set(formatEndpoint(peer.peer), peer);
    this.#byLocal.set(formatEndpoint(peer.local), peer);
    this.#addresses.add(peer.peer.address);
  }

  dismiss({ peer, local }: LocalPeer): void {
    this.#byPeer.delete(formatEndpoint(peer));
    this.#byLocal.delete(formatEndpoint(local));
  }

  /**
   * Whether a socket is or was there. A permission lasts longer than a call and lets nothing through by itself, so that
   * it need not be refused between two of them.
   */
  hasAddress(address: string): boolean {
    return this.#addresses.has(address);
  }

  /** The one that a client means. */
  named(peer: Endpoint): LocalPeer | undefined {
    return this.#byPeer.get(formatEndpoint(peer));
  }

  /** The one whose datagrams come from there. */
  boundTo(local: Endpoint): LocalPeer | undefined {
    return this.#byLocal.get(formatEndpoint(local));
  }
}
