// Which address of ours a peer sees, so that Via and Contact can name it.
import { addressBytes, addressFamily, type Network, type Runtime } from '../../core/index.ts';

/** How long the list of interfaces is taken for true. */
const REFRESH_MS = 10_000;

/** Peers whose route is remembered; beyond, all are forgotten and asked for anew. */
const MAX_REMEMBERED = 4096;

/** Routes that are asked for at once. */
const MAX_ASKED = 64;

/** Most hosts have one address a family, and answer without asking the kernel. */
export class LocalAddresses {
  readonly #runtime: Runtime;
  readonly #network: Network;
  readonly #known = new Map<string, string>();
  #addresses: readonly string[] = [];
  #readAt = Number.NEGATIVE_INFINITY;
  #asked = 0;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
    this.#network = runtime.network;
  }

  /** The address from which packets to `remote` leave, where that is known without asking. */
  toward(remote: string): string | undefined {
    this.#refresh();
    const known = this.#known.get(remote);
    if (known !== undefined) return known;
    const evident = this.#evident(remote);
    if (evident !== undefined) this.#remember(remote, evident);
    return evident;
  }

  /** Asks the kernel. Resolves to a guess where that cannot tell; never rejects. */
  async ask(remote: string): Promise<string> {
    const known = this.toward(remote);
    if (known !== undefined) return known;
    const source = await this.#network.sourceAddressFor(remote).catch(() => undefined);
    if (source !== undefined) this.#remember(remote, source);
    return source ?? this.#closest(remote);
  }

  /** What is known, or the address of ours that is most like the peer's; the true one is asked for meanwhile. */
  guess(remote: string): string {
    const known = this.toward(remote);
    if (known !== undefined) return known;
    if (this.#asked < MAX_ASKED) {
      this.#asked += 1;
      this.ask(remote).finally(() => {
        this.#asked -= 1;
      });
    }
    return this.#closest(remote);
  }

  #refresh(): void {
    const now = this.#runtime.clock.now();
    if (now - this.#readAt < REFRESH_MS) return;
    this.#readAt = now;
    const addresses = this.#network.localAddresses();
    if (addresses.join() === this.#addresses.join()) return;
    this.#addresses = addresses;
    this.#known.clear();
  }

  #remember(remote: string, local: string): void {
    if (this.#known.size >= MAX_REMEMBERED) this.#known.clear();
    this.#known.set(remote, local);
  }

  #evident(remote: string): string | undefined {
    const candidates = this.#candidates(remote);
    return candidates.includes(remote) ? remote : candidates.length === 1 ? candidates[0] : undefined;
  }

  /** Addresses of ours of the peer's family, and loopback only for loopback. */
  #candidates(remote: string): string[] {
    const family = addressFamily(remote);
    const isNear = isLoopback(remote);
    const isLinkLocal = remote.startsWith('fe80:');
    return this.#addresses.filter(
      (address) =>
        addressFamily(address) === family &&
        isLoopback(address) === isNear &&
        (isLinkLocal || !address.startsWith('fe80:')),
    );
  }

  #closest(remote: string): string {
    const target = addressBytes(remote) ?? new Uint8Array(0);
    let best = addressFamily(remote) === 6 ? '::1' : '127.0.0.1';
    let bestBits = -1;
    for (const address of this.#candidates(remote)) {
      const bits = commonBits(target, addressBytes(address) ?? target);
      if (bits <= bestBits) continue;
      best = address;
      bestBits = bits;
    }
    return best;
  }
}

function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1';
}

/** Length of the common prefix. */
function commonBits(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < Math.min(a.length, b.length); i += 1) {
    const difference = (a[i] ?? 0) ^ (b[i] ?? 0);
    if (difference !== 0) return 8 * i + Math.clz32(difference) - 24;
  }
  return 8 * Math.min(a.length, b.length);
}
