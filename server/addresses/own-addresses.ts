// The addresses of this machine, and the networks that they are in, as they are now.
import { AddressPrefix, normalizeAddress, type Runtime } from '../../core/index.ts';

/** Interfaces come and go: their addresses are asked for again after so long. */
const REFRESH_MS = 5000;

export class OwnAddresses {
  readonly #runtime: Runtime;
  #all: ReadonlySet<string> = new Set();
  #networks: readonly AddressPrefix[] = [];
  #version = 0;
  #seen = '';
  #refreshedAt = Number.NEGATIVE_INFINITY;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  /** Loopback included. */
  get all(): ReadonlySet<string> {
    this.#refresh();
    return this.#all;
  }

  /** Loopback included. */
  get networks(): readonly AddressPrefix[] {
    this.#refresh();
    return this.#networks;
  }

  /** Grows whenever one comes or goes: what was learnt of routes before is not true any more. */
  get version(): number {
    this.#refresh();
    return this.#version;
  }

  #refresh(): void {
    const now = this.#runtime.clock.now();
    if (now - this.#refreshedAt < REFRESH_MS) return;
    this.#refreshedAt = now;
    const { network } = this.#runtime;
    const [addresses, networks] = [network.localAddresses(), network.localNetworks()];
    const seen = [...addresses, ...networks].join();
    if (seen === this.#seen) return;
    this.#seen = seen;
    this.#version += 1;
    this.#all = new Set(addresses.map(normalizeAddress));
    this.#networks = networks.map((text) => new AddressPrefix(text));
  }
}
