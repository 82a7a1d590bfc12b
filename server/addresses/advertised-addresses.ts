// Which address of ours a peer is told: everywhere where the server says how it is reached, this one rule decides.
import {
  type AddressFamily,
  AddressPrefix,
  addressBytes,
  addressFamily,
  normalizeAddress,
} from '../../core/index.ts';
import { type Reach, reachOf } from './reach.ts';

export interface AdvertisedOptions {
  /** Numeric; of each family one for each reach at most. */
  readonly addresses: readonly string[];
  /**
   * Whose peers reach this machine without the NAT in front of it; undefined: the private networks of its own
   * interfaces, and all other peers with a private address where no private address is advertised.
   */
  readonly insideNetworks: readonly string[] | undefined;
  /** Of the interfaces of this machine, as they are now. */
  localNetworks(): readonly AddressPrefix[];
}

/**
 * The addresses that the configuration advertises, inside and outside.
 *
 * A peer is known by where its packets come from, for that is how a NAT shows it to us. Who is inside is told what the
 * system's routes say, since few routers turn back what is sent from inside to the outside address (RFC 4787 §6).
 */
export class AdvertisedAddresses {
  readonly all: readonly string[];
  readonly #insideNetworks: readonly AddressPrefix[] | undefined;
  readonly #localNetworks: AdvertisedOptions['localNetworks'];

  constructor({ addresses, insideNetworks, localNetworks }: AdvertisedOptions) {
    this.all = addresses.map(normalizeAddress);
    this.#insideNetworks = insideNetworks?.map((text) => new AddressPrefix(text));
    this.#localNetworks = localNetworks;
  }

  /**
   * The address under which a peer reaches us.
   *
   * @param peer - where its packets come from: numeric; a host name counts as somebody on the internet
   * @returns undefined where that is the local address from which packets to it leave
   */
  addressFor(peer: string): string | undefined {
    const bytes = addressBytes(normalizeAddress(peer));
    if (this.all.length === 0) return undefined;
    if (!bytes) return this.outside(4) ?? this.outside(6);
    const family = bytes.length === 4 ? 4 : 6;
    const reach = reachOf(peer);
    if (reach === 'machine') return this.#of(family, reach);
    const network = this.#insideNetworkOf(bytes);
    // One of the peer's own network was meant for it: that of a host that forwards to us, or a shared one.
    if (network) return this.#ofFamily(family).find((address) => isIn(network, address));
    const isPrivate = reach === 'private' && this.#insideNetworks === undefined;
    return isPrivate ? this.#of(family, reach) : this.outside(family);
  }

  /** What who is neither inside nor on this machine is told; where only others are advertised, one of these. */
  outside(family: AddressFamily): string | undefined {
    return this.#of(family, 'internet') ?? this.#of(family, 'private');
  }

  /** What peers of relays are told, who may be anywhere; of each family one at most. */
  get ofRelays(): readonly string[] {
    return ([4, 6] as const).flatMap((family) => this.outside(family) ?? this.#of(family, 'machine') ?? []);
  }

  /** The narrowest one. */
  #insideNetworkOf(peer: Uint8Array): AddressPrefix | undefined {
    const networks = this.#insideNetworks ?? this.#localNetworks().filter(isPrivate);
    const around = networks.filter((network) => network.has(peer));
    return around.toSorted((a, b) => b.lengthBits - a.lengthBits)[0];
  }

  #of(family: AddressFamily, reach: Reach): string | undefined {
    return this.#ofFamily(family).find((address) => reachOf(address) === reach);
  }

  #ofFamily(family: AddressFamily): readonly string[] {
    return this.all.filter((address) => addressFamily(address) === family);
  }
}

function isPrivate({ address }: AddressPrefix): boolean {
  return reachOf(address) === 'private';
}

function isIn(network: AddressPrefix, address: string): boolean {
  const bytes = addressBytes(address);
  return bytes !== undefined && network.has(bytes);
}
