// Whom a secured path asks for addresses outside of a NAT and for relays, in the words of node-datachannel.
import type { IceServer } from 'node-datachannel';
import { addressScope, type Runtime } from '../../core/index.ts';
import type { IceServers } from '../ice-servers.ts';

export interface SecureServers {
  readonly iceServers: readonly (string | IceServer)[];
  /** The one address to use; all of the host where not given. */
  readonly bindAddress?: string | undefined;
}

/** The package asks for relays over UDP alone. */
export function secureServersOf(servers: IceServers, bindAddress: string | undefined): SecureServers {
  const stun = servers.stunServers.map(({ host, port }) => `stun:${bracketed(host)}:${port}`);
  const turn = servers.turnServers
    .filter(({ transport }) => transport === 'udp')
    .map(
      ({ host, port, credentials }): IceServer => ({
        hostname: host,
        port,
        username: credentials.username,
        password: credentials.password,
        relayType: 'TurnUdp',
      }),
    );
  return { iceServers: [...stun, ...turn], bindAddress };
}

/** It gathers no loopback addresses by itself: on a host without a network that is where the peers are. */
export function bindAddressFor({ network }: Runtime, localAddress: string | undefined): string | undefined {
  if (localAddress !== undefined) return localAddress;
  const addresses = network.localAddresses();
  const isAlone = addresses.every((address) => addressScope(address) === 'loopback');
  return isAlone ? addresses.find((address) => !address.includes(':')) : undefined;
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
