// The virtual internet: address spaces, routes through NATs, links, and what arrives where.
import { type Endpoint, formatEndpoint, type Random } from '../../../core/index.ts';
import type { Packet } from '../../../media/impairment/index.ts';
import { Nat } from '../nat.ts';
import type { Scheduler } from '../scheduler.ts';
import type { Trace } from '../trace.ts';
import type { HostNode } from './host-node.ts';
import { Links } from './links.ts';
import { NameTable } from './names.ts';
import type { LossReason } from './packet.ts';
import { Realm } from './realm.ts';

/** A packet at the last hop before the link: rewritten by the NATs on its way out. */
export interface Departure {
  readonly packet: Packet;
  /** The host or NAT that owns the destination address. */
  readonly node: HostNode | Nat;
  /** The sending host, then the NATs passed. */
  readonly path: readonly string[];
  readonly nats: readonly Nat[];
}

/** A packet at the receiving host: rewritten by the NATs on its way in. */
export interface Arrival {
  readonly packet: Packet;
  readonly host: HostNode;
  readonly nats: readonly Nat[];
}

export class Internet {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly trace: Trace;
  readonly links: Links;
  readonly names = new NameTable();
  readonly realm = new Realm();
  /** Names of the hosts that are off the network: nothing leaves or reaches them, and they hear nothing of it. */
  readonly unplugged = new Set<string>();

  constructor(scheduler: Scheduler, random: Random, trace: Trace) {
    this.scheduler = scheduler;
    this.random = random;
    this.trace = trace;
    this.links = new Links(random.fork('links'));
  }

  /** Sends a datagram; `packet.bytes` belongs to the network from here on. */
  sendUdp(host: HostNode, packet: Packet): void {
    const now = this.scheduler.now();
    if (host.owns(packet.destination.address)) {
      this.trace.sent(now, packet, { from: host.name, to: host.name, fate: now });
      this.scheduler.schedule(now, () => host.receiveUdp(packet));
      return;
    }
    const departure = this.depart(now, host, packet);
    if (typeof departure === 'string') {
      const to = formatEndpoint(packet.destination);
      this.trace.sent(now, packet, { from: host.name, to, fate: departure });
      return;
    }
    const names = this.namesAt(departure.node, departure.packet);
    const link = this.links.between(departure.path, names);
    const fate = link.transit(now, departure.packet);
    this.trace.sent(now, departure.packet, { from: host.name, to: names[0] ?? '', fate });
    if (typeof fate === 'string') return;
    this.scheduler.schedule(fate, () => this.#deliverUdp(departure));
    if (link.isDuplicated()) {
      const bytes = departure.packet.bytes.slice();
      const copy = { ...departure, packet: { ...departure.packet, bytes } };
      this.scheduler.schedule(fate, () => this.#deliverUdp(copy));
    }
  }

  /** Follows a packet outwards, through the NATs that its host is behind, to who owns its destination. */
  depart(now: number, host: HostNode, packet: Packet): Departure | LossReason {
    if (host.isUnplugged) return 'no route';
    const path = [host.name];
    const nats: Nat[] = [];
    let source = packet.source;
    let realm = host.realmOf(packet.destination.address);
    for (;;) {
      const node = realm.find(packet.destination.address);
      if (node) {
        const isHairpin = node === nats.at(-1);
        if (isHairpin && node instanceof Nat && !node.hairpinning) return 'no hairpinning';
        return { packet: { ...packet, source }, node, path, nats };
      }
      const nat = realm.gateway;
      if (!nat) return 'no route';
      const mapped = nat.table(packet.protocol).outbound(now, source, packet.destination);
      if (!mapped) return 'NAT has no port left';
      source = mapped;
      realm = nat.outside;
      path.push(nat.name);
      nats.push(nat);
    }
  }

  /** Follows a packet inwards, through the NATs before its host. */
  arrive(now: number, departure: Departure): Arrival | LossReason {
    let { node, packet } = departure;
    const nats: Nat[] = [];
    while (node instanceof Nat) {
      const table = node.table(packet.protocol);
      const inside: Endpoint | undefined = table.inbound(now, packet.destination.port, packet.source);
      if (!inside) return 'filtered by a NAT';
      packet = { ...packet, destination: inside };
      nats.push(node);
      const next: HostNode | Nat | undefined = node.inside.find(inside.address);
      if (!next) return 'no such host';
      node = next;
    }
    return { packet, host: node, nats };
  }

  /** The host that a packet would reach, then the NATs before it; the node itself where that is not known. */
  namesAt(node: HostNode | Nat, packet: Packet): readonly string[] {
    const names = [node.name];
    let inner: HostNode | Nat | undefined = node;
    let port = packet.destination.port;
    while (inner instanceof Nat) {
      const inside: Endpoint | undefined = inner.table(packet.protocol).peek(port);
      inner = inside && inner.inside.find(inside.address);
      if (inner) names.unshift(inner.name);
      port = inside?.port ?? port;
    }
    return names;
  }

  #deliverUdp(departure: Departure): void {
    const arrival = this.arrive(this.scheduler.now(), departure);
    if (typeof arrival === 'string') this.trace.dropped(departure.packet, arrival);
    else arrival.host.receiveUdp(arrival.packet);
  }
}
