// The four sockets of a server of RFC 5780: two ports on each of two addresses.
import type { Endpoint } from '../../core/index.ts';
import type { ChangeRequest } from './change-request.ts';

/**
 * Two addresses with the same two ports, as clients see them, and a socket on each of the four: what it takes to answer
 * from elsewhere.
 */
export interface AlternateEndpoints {
  readonly addresses: readonly [string, string];
  readonly ports: readonly [number, number];
}

/** One of the four sockets, by its place in {@link AlternateEndpoints}; the first of both where there is only one. */
export interface ServerSocket {
  readonly address: 0 | 1;
  readonly port: 0 | 1;
}

/** All four, the first one first. */
export const SERVER_SOCKETS = [
  { address: 0, port: 0 },
  { address: 0, port: 1 },
  { address: 1, port: 0 },
  { address: 1, port: 1 },
] as const satisfies readonly ServerSocket[];

/** Where a socket is. */
export function endpointAt(
  { addresses, ports }: AlternateEndpoints,
  { address, port }: ServerSocket,
): Endpoint {
  return { address: addresses[address], port: ports[port] };
}

/** From where a request that came to `socket` is answered (RFC 5780 §6.1, table 1): `socket` itself where nothing changes. */
export function changed(socket: ServerSocket, { address, port }: ChangeRequest): ServerSocket {
  if (!address && !port) return socket;
  const other = otherOf(socket);
  return { address: address ? other.address : socket.address, port: port ? other.port : socket.port };
}

/** OTHER-ADDRESS is always the one that differs in both (RFC 5780 §6.1, table 1). */
export function otherOf({ address, port }: ServerSocket): ServerSocket {
  return { address: address === 0 ? 1 : 0, port: port === 0 ? 1 : 0 };
}
