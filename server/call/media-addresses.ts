// From which of our addresses a party is served, and which one its SDP shows.
import { addressFamily, type Runtime } from '../../core/index.ts';

/** The address to bind a leg to, and the one to write into SDP. */
export interface MediaAddress {
  readonly bind: string;
  readonly shown: string;
}

// Bounded, since an address costs a peer nothing.
const MAX_REMEMBERED = 1024;

/** Asks the system's routes once for each peer. */
export class MediaAddresses {
  readonly #runtime: Runtime;
  readonly #advertised: string | undefined;
  readonly #sources = new Map<string, string>();

  constructor(runtime: Runtime, advertised: string | undefined) {
    this.#runtime = runtime;
    this.#advertised = advertised;
  }

  /** @param peer - numeric address or host name of the party */
  async toward(peer: string): Promise<MediaAddress> {
    const bind = this.#sources.get(peer) ?? (await this.#look(peer));
    const sameFamily = this.#advertised && addressFamily(this.#advertised) === addressFamily(bind);
    return { bind, shown: sameFamily && this.#advertised ? this.#advertised : bind };
  }

  async #look(peer: string): Promise<string> {
    const { network } = this.#runtime;
    const bare = peer.replace(/^\[|\]$/g, '');
    const address = addressFamily(bare) ? bare : (await network.resolveHost(bare).catch(() => []))[0];
    const source = address === undefined ? undefined : await network.sourceAddressFor(address);
    // No name or no route: the INVITE will fail by itself and say so better than we could here. The next may not.
    if (source === undefined) return address && addressFamily(address) === 6 ? '::1' : '127.0.0.1';
    if (this.#sources.size >= MAX_REMEMBERED) this.#sources.clear();
    this.#sources.set(peer, source);
    return source;
  }
}
