// Opens the secured paths of one phone: with its servers, and from its address.
import type { Runtime } from '../../core/index.ts';
import type { TurnService } from '../../nat/index.ts';
import { iceServersFor } from '../ice-servers.ts';
import type { SoftphoneOptions } from '../options.ts';
import { openSecurePeer, type SecurePeer, type SecurePeerOptions } from './secure-peer.ts';
import { bindAddressFor, secureServersOf } from './secure-servers.ts';

export interface SecurePathsParts {
  readonly options: SoftphoneOptions;
  /** Numeric address of ours toward the server, or the wildcard. */
  readonly address: string;
  /** What the registrar gave. */
  readonly registered: () => readonly TurnService[];
}

export class SecurePaths {
  readonly #runtime: Runtime;
  readonly #parts: SecurePathsParts;

  constructor(runtime: Runtime, parts: SecurePathsParts) {
    this.#runtime = runtime;
    this.#parts = parts;
  }

  /** @throws OperationError as `openSecurePeer` does */
  open(request: Omit<SecurePeerOptions, 'servers'>): Promise<SecurePeer> {
    const { options, address, registered } = this.#parts;
    const servers = iceServersFor({ options, registered: registered(), address, server: undefined });
    const bindAddress = bindAddressFor(this.#runtime, options.localAddress);
    const isRelayOnly = options.ice === 'relay';
    return openSecurePeer(this.#runtime, {
      ...request,
      servers: secureServersOf(servers, { bindAddress, isRelayOnly }),
    });
  }
}
