// The network as one virtual host sees it.
import type { Network } from '../../../core/index.ts';
import type { HostNode } from './host-node.ts';
import { connectTcp, VirtualTcpListener } from './tcp-network.ts';
import { VirtualUdpSocket } from './udp-socket.ts';

export function networkOf(host: HostNode): Network {
  const { names } = host.internet;
  return {
    bindUdp: async (options) => new VirtualUdpSocket(host, options),
    listenTcp: async (options) => new VirtualTcpListener(host, options),
    connectTcp: (remote, options) => connectTcp(host, remote, options),
    resolveHost: (name) => names.resolveHost(name),
    resolveSrv: (name) => names.resolveSrv(name),
    localAddresses: () => ['127.0.0.1', '::1', ...host.addresses],
    localNetworks: () => ['127.0.0.1/8', '::1/128', ...host.networks],
    sourceAddressFor: async (address) => host.sourceFor(address),
  };
}
