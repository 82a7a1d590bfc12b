// Which hosts in a URI mean this server.
import { normalizeAddress } from '../core/index.ts';
import type { OwnAddresses } from './addresses/index.ts';

/** The realm, the configured domains, the advertised addresses, and every address of this machine. */
export class LocalHosts {
  readonly #own: OwnAddresses;
  readonly #names: ReadonlySet<string>;

  constructor(own: OwnAddresses, names: readonly (string | undefined)[]) {
    this.#own = own;
    this.#names = new Set(['localhost', ...names].flatMap((name) => (name ? [plainHost(name)] : [])));
  }

  /** @param host - of a URI: a name, or an address, IPv6 in brackets */
  isLocal(host: string): boolean {
    const plain = plainHost(host);
    return this.#names.has(plain) || this.#own.all.has(plain);
  }
}

function plainHost(host: string): string {
  return normalizeAddress(host.replace(/^\[|\]$/g, '').toLowerCase()).replace(/\.$/, '');
}
