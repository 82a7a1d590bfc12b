// The sockets of a path: one for each address of ours and each component.
import { addressFamily, type Network, OperationError, type UdpSocket } from '../../core/index.ts';
import type { BaseId, ComponentId } from '../ice/index.ts';
import { usefulAddresses } from './host-addresses.ts';
import type { SocketBase } from './path-base.ts';
import type { IcePathOptions } from './types.ts';

/** Expedited forwarding (RFC 3246), as for sound without ICE. */
export const DSCP_EF = 46;

/** A socket that is bound, and what for. */
export interface BoundSocket {
  readonly socket: UdpSocket;
  readonly address: string;
  readonly component: ComponentId;
}

/** Which addresses a path may use now. */
export function addressesFor(network: Network, options: IcePathOptions): readonly string[] {
  return options.addresses ?? usefulAddresses(network.localAddresses());
}

/**
 * Binds the sockets of some addresses. One that cannot be bound is left out: addresses come and go.
 *
 * @throws whatever binding threw where none could be bound for a component; all others are closed
 */
export async function bindSockets(
  network: Network,
  options: IcePathOptions,
  addresses: readonly string[],
): Promise<readonly BoundSocket[]> {
  const bindUdp = options.bindUdp ?? ((address) => network.bindUdp({ address, port: 0, dscp: DSCP_EF }));
  const components: readonly ComponentId[] = options.components === 2 ? [1, 2] : [1];
  const wanted = addresses.flatMap((address) => components.map((component) => ({ address, component })));
  const results = await Promise.allSettled(
    wanted.map(async ({ address, component }) => ({ socket: await bindUdp(address), address, component })),
  );
  const bound = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  if (components.every((component) => bound.some((entry) => entry.component === component))) return bound;
  for (const { socket } of bound) socket.close();
  const [failure] = results.flatMap((result) => (result.status === 'rejected' ? [result] : []));
  throw failure?.reason ?? new OperationError('ICE_NO_ADDRESS', 'this host has no address to be reached at');
}

/** The families that these addresses are of. */
export function familiesOf(addresses: readonly string[]): ReadonlySet<4 | 6> {
  return new Set(addresses.flatMap((address) => addressFamily(address) ?? []));
}

/** Those that are open, by the number of their base. */
export class PathSockets {
  readonly #open = new Map<BaseId, SocketBase>();

  get all(): readonly SocketBase[] {
    return [...this.#open.values()];
  }

  base(id: BaseId): SocketBase | undefined {
    return this.#open.get(id);
  }

  add(base: SocketBase): void {
    this.#open.set(base.id, base);
  }

  /** @returns which were closed */
  closeOthers(addresses: readonly string[]): readonly BaseId[] {
    const gone = this.all.filter(({ endpoint }) => !addresses.includes(endpoint.address));
    for (const { id } of gone) {
      this.#open.get(id)?.close();
      this.#open.delete(id);
    }
    return gone.map(({ id }) => id);
  }

  closeAll(): void {
    this.closeOthers([]);
  }
}
