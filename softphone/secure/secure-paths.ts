// Opens the secured paths of one phone: with its servers, and from its address.
import type { Runtime } from '../../core/index.ts';
import { iceServersFor, usesServers } from '../ice-servers.ts';
import type { SoftphoneOptions } from '../options.ts';
import type { RegistrarRelays } from '../registrar-relays.ts';
import { loadLibrary } from './library.ts';
import { openSecurePeer, type SecurePeerOptions } from './open-secure-peer.ts';
import type { SecurePeer } from './secure-peer.ts';
import { bindAddressFor, secureServersOf } from './secure-servers.ts';

export interface SecurePathsParts {
  readonly options: SoftphoneOptions;
  /** Numeric address of ours toward the server, or the wildcard. */
  readonly address: string;
  readonly relays: RegistrarRelays;
}

export class SecurePaths {
  readonly #runtime: Runtime;
  readonly #parts: SecurePathsParts;

  constructor(runtime: Runtime, parts: SecurePathsParts) {
    this.#runtime = runtime;
    this.#parts = parts;
  }

  /** @throws OperationError as `openSecurePeer` does */
  async open(request: Omit<SecurePeerOptions, 'servers'>): Promise<SecurePeer> {
    const { options, address, relays } = this.#parts;
    // At the same time: what is loaded is waited for below, and fails there.
    loadLibrary().catch(() => {});
    const registered = usesServers(options, address) ? await relays.ask() : [];
    const servers = iceServersFor({ options, registered, address, server: undefined });
    const bindAddress = bindAddressFor(this.#runtime, options.localAddress);
    return openSecurePeer(this.#runtime, {
      ...request,
      servers: secureServersOf(servers, bindAddress),
    });
  }
}
