// From which of our addresses a party is served, and which one its SDP shows.
import { addressFamily, type Runtime } from '../../core/index.ts';
import type { AdvertisedAddresses } from './advertised-addresses.ts';
import type { OwnAddresses } from './own-addresses.ts';

/** The address to bind a leg to, and the one to write into SDP. */
export interface MediaAddress {
  readonly bind: string;
  readonly shown: string;
}

// Bounded, since an address costs a peer nothing.
const MAX_REMEMBERED = 1024;

export interface MediaAddressesOptions {
  readonly runtime: Runtime;
  readonly own: OwnAddresses;
  /** Where not given, SDP shows what legs are bound to. */
  readonly advertised?: AdvertisedAddresses;
}

/** Asks the system's routes once for each peer, and again when addresses of this machine came or went. */
export class MediaAddresses {
  readonly #options: MediaAddressesOptions;
  readonly #sources = new Map<string, string>();
  #version = 0;

  constructor(options: MediaAddressesOptions) {
    this.#options = options;
  }

  /** @param peer - numeric address or host name of the party */
  async toward(peer: string): Promise<MediaAddress> {
    this.#forgetOld();
    const bare = peer.replace(/^\[|\]$/g, '');
    const address = addressFamily(bare) ? bare : await this.#resolve(bare);
    const bind = this.#sources.get(bare) ?? (await this.#sourceFor(bare, address));
    const shown = address === undefined ? undefined : this.#options.advertised?.addressFor(address);
    return { bind, shown: shown ?? bind };
  }

  #forgetOld(): void {
    const { version } = this.#options.own;
    if (version === this.#version) return;
    this.#version = version;
    this.#sources.clear();
  }

  async #resolve(name: string): Promise<string | undefined> {
    const { network } = this.#options.runtime;
    return (await network.resolveHost(name).catch(() => []))[0];
  }

  async #sourceFor(peer: string, address: string | undefined): Promise<string> {
    const { network } = this.#options.runtime;
    const source = address === undefined ? undefined : await network.sourceAddressFor(address);
    // No name or no route: the INVITE will fail by itself and say so better than we could here. The next may not.
    if (source === undefined) return address && addressFamily(address) === 6 ? '::1' : '127.0.0.1';
    if (this.#sources.size >= MAX_REMEMBERED) this.#sources.clear();
    this.#sources.set(peer, source);
    return source;
  }
}
