// Opens what carries TURN messages to a server: by name or address, over UDP or TCP.
import { addressFamily, type Endpoint, type Network, OperationError } from '../../core/index.ts';
import type { TurnService } from '../turn/types.ts';
import { DSCP_EF } from './path-sockets.ts';
import { StreamCarrier, type TurnCarrier, UdpCarrier } from './turn-carrier.ts';

export interface OpenedCarrier {
  readonly carrier: TurnCarrier;
  readonly server: Endpoint;
}

export interface CarrierQuestion {
  readonly service: TurnService;
  /** Where the service itself sent us to, in place of its own address. */
  readonly endpoint?: Endpoint;
  /** Addresses of ours, the preferred first. */
  readonly addresses: readonly string[];
}

/**
 * Every carrier over UDP has a socket of its own: a server knows one allocation for each address and port of ours
 * (RFC 8656 §3.2), and after one is lost another port gets a new one at once.
 *
 * @throws whatever looking up, binding or connecting throws; OperationError `TURN_UNREACHABLE` where the server has no
 *   address that ours can reach, `TURN_UNSUPPORTED` for a transport that is not there
 */
export async function openCarrier(network: Network, question: CarrierQuestion): Promise<OpenedCarrier> {
  const { service } = question;
  const server = question.endpoint ?? (await endpointOf(network, question));
  if (service.transport === 'tls') {
    throw new OperationError('TURN_UNSUPPORTED', `TURN over TLS to "${service.host}" is not there yet`);
  }
  if (service.transport === 'tcp') {
    return { carrier: new StreamCarrier(await network.connectTcp(server), server), server };
  }
  const address = await localAddressFor(network, question.addresses, server.address);
  const socket = await network.bindUdp({ address, port: 0, dscp: DSCP_EF });
  return { carrier: new UdpCarrier(socket, server), server };
}

/** The first address of the server of a family that we have too. */
async function endpointOf(network: Network, { service, addresses }: CarrierQuestion): Promise<Endpoint> {
  const families = new Set(addresses.map(addressFamily));
  const found = await network.resolveHost(service.host);
  const address = found.find((candidate) => families.has(addressFamily(candidate)));
  if (address !== undefined) return { address, port: service.port };
  throw new OperationError('TURN_UNREACHABLE', `"${service.host}" has no address that ours can reach`);
}

async function localAddressFor(
  network: Network,
  addresses: readonly string[],
  remote: string,
): Promise<string> {
  const route = await network.sourceAddressFor(remote);
  if (route !== undefined && addresses.includes(route)) return route;
  const similar = addresses.find((address) => addressFamily(address) === addressFamily(remote));
  if (similar !== undefined) return similar;
  throw new OperationError('TURN_UNREACHABLE', `no address of ours reaches "${remote}"`);
}
