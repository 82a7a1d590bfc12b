// Opens what carries TURN messages to a server: by name or address, over UDP, TCP or TLS.
import {
  addressFamily,
  type Endpoint,
  type Network,
  OperationError,
  type TcpConnection,
} from '../../core/index.ts';
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
  /** Certificates that are trusted beside those of the system, as PEM. */
  readonly authorities?: readonly string[];
}

/**
 * Every carrier over UDP has a socket of its own: a server knows one allocation for each address and port of ours
 * (RFC 8656 §3.2), and after one is lost another port gets a new one at once.
 *
 * @throws whatever looking up, binding or connecting throws; OperationError `TURN_UNREACHABLE` where the server has no
 *   address that ours can reach, `TURN_UNSUPPORTED` where there is no TLS
 */
export async function openCarrier(network: Network, question: CarrierQuestion): Promise<OpenedCarrier> {
  const { service } = question;
  const server = question.endpoint ?? (await endpointOf(network, question));
  if (service.transport !== 'udp') {
    return { carrier: new StreamCarrier(await connect(network, question, server), server), server };
  }
  const address = await localAddressFor(network, question.addresses, server.address);
  const socket = await network.bindUdp({ address, port: 0, dscp: DSCP_EF });
  return { carrier: new UdpCarrier(socket, server), server };
}

function connect(
  network: Network,
  { service, authorities = [] }: CarrierQuestion,
  server: Endpoint,
): Promise<TcpConnection> {
  if (service.transport === 'tcp') return network.connectTcp(server);
  if (network.connectTls) return network.connectTls({ ...server, serverName: service.host, authorities });
  throw new OperationError('TURN_UNSUPPORTED', `there is no TLS here to reach "${service.host}" by`);
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
