// One virtual host in the network: its addresses, its sockets, its ports.
import {
  AddressPrefix,
  addressBytes,
  addressFamily,
  addressScope,
  type Endpoint,
  OperationError,
  type Random,
} from '../../../core/index.ts';
import type { Packet } from '../../../media/impairment/index.ts';
import type { Internet } from './internet.ts';
import { PortTable } from './port-table.ts';
import type { Realm } from './realm.ts';
import type { VirtualTcpConnection } from './tcp-connection.ts';
import type { VirtualTcpListener } from './tcp-network.ts';
import type { VirtualUdpSocket } from './udp-socket.ts';

export class HostNode {
  readonly name: string;
  readonly internet: Internet;
  readonly random: Random;
  readonly addresses: readonly string[];
  /** The same, each with the length of its network where it has one. */
  readonly networks: readonly string[];
  readonly udp: PortTable<VirtualUdpSocket>;
  readonly tcp: PortTable<VirtualTcpListener>;
  readonly tcpConnections = new Set<VirtualTcpConnection>();
  readonly #realm: Realm;

  constructor(
    name: string,
    options: {
      internet: Internet;
      realm: Realm;
      addresses: readonly string[];
      networks: readonly string[];
      random: Random;
    },
  ) {
    this.name = name;
    this.internet = options.internet;
    this.random = options.random;
    this.addresses = options.addresses;
    this.networks = options.networks;
    this.#realm = options.realm;
    this.udp = new PortTable(options.random.fork('udp ports'));
    this.tcp = new PortTable(options.random.fork('tcp ports'));
    for (const address of options.addresses) this.realmOf(address).add(address, this);
  }

  /** The NATs of the world translate IPv4 alone: IPv6 is reachable from everywhere. */
  realmOf(address: string): Realm {
    return addressFamily(address) === 6 ? this.internet.realm : this.#realm;
  }

  /** Whether packets to the address stay on this host. */
  owns(address: string): boolean {
    return this.addresses.includes(address) || addressScope(address) === 'loopback';
  }

  /** The address from which packets to `address` leave; undefined where the host lacks that family. */
  sourceFor(address: string): string | undefined {
    if (this.owns(address)) {
      return addressScope(address) === 'loopback' && addressFamily(address) === 4 ? '127.0.0.1' : address;
    }
    const family = addressFamily(address);
    const bytes = addressBytes(address) ?? new Uint8Array();
    const near = this.networks.findIndex((network) => new AddressPrefix(network).has(bytes));
    return this.addresses[near] ?? this.addresses.find((own) => addressFamily(own) === family);
  }

  /** Checks that a socket can be bound to the address. */
  checkBindable(address: string): void {
    if (address === '0.0.0.0' || address === '::' || this.owns(address)) return;
    throw new OperationError('EADDRNOTAVAIL', `bind EADDRNOTAVAIL ${address}`);
  }

  receiveUdp(packet: Packet): void {
    const socket = this.isUnplugged ? undefined : this.udp.find(packet.destination);
    if (!socket) {
      this.internet.trace.dropped(packet, 'no socket');
      return;
    }
    socket.receive(packet);
    // Who keeps the buffer beyond the call, against the contract of DatagramHandler, keeps this.
    packet.bytes.fill(0xdb);
  }

  listenerAt(endpoint: Endpoint): VirtualTcpListener | undefined {
    return this.tcp.find(endpoint);
  }

  get isUnplugged(): boolean {
    return this.internet.unplugged.has(this.name);
  }
}
