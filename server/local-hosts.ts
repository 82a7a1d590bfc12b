// Which hosts in a URI mean this server.
import { normalizeAddress, type Runtime } from '../core/index.ts';

/** Interfaces come and go: their addresses are asked for again after so long. */
const REFRESH_MS = 5000;

/** The realm, the configured domains, the advertised address, and every address of this machine. */
export class LocalHosts {
  readonly #runtime: Runtime;
  readonly #names: ReadonlySet<string>;
  #addresses: ReadonlySet<string> = new Set();
  #refreshedAt = Number.NEGATIVE_INFINITY;

  constructor(runtime: Runtime, names: readonly (string | undefined)[]) {
    this.#runtime = runtime;
    this.#names = new Set(['localhost', ...names].flatMap((name) => (name ? [plainHost(name)] : [])));
  }

  /** @param host - of a URI: a name, or an address, IPv6 in brackets */
  isLocal(host: string): boolean {
    const plain = plainHost(host);
    return this.#names.has(plain) || this.#ownAddresses().has(plain);
  }

  #ownAddresses(): ReadonlySet<string> {
    const now = this.#runtime.clock.now();
    if (now - this.#refreshedAt < REFRESH_MS) return this.#addresses;
    this.#refreshedAt = now;
    this.#addresses = new Set(this.#runtime.network.localAddresses().map(normalizeAddress));
    return this.#addresses;
  }
}

function plainHost(host: string): string {
  return normalizeAddress(host.replace(/^\[|\]$/g, '').toLowerCase()).replace(/\.$/, '');
}
