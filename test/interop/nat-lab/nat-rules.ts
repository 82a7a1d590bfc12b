// The kinds of NAT by RFC 4787, as rules of nftables.
import { NAT_BEHAVIOURS, type NatBehaviour } from '../../support/nat-table.ts';

/** What a NAT of the lab does. One that maps by remote endpoint filters by it, too. */
export interface NatKind {
  readonly mapping: Exclude<NatBehaviour, 'address-dependent'>;
  readonly filtering: NatBehaviour;
}

/** The four of RFC 3489 §5; the README of this folder has the old names. */
export const NAT_KINDS: readonly NatKind[] = [
  ...NAT_BEHAVIOURS.map((filtering) => ({ mapping: 'endpoint-independent' as const, filtering })),
  { mapping: 'address-and-port-dependent', filtering: 'address-and-port-dependent' },
];

/** `EIM/ADF`: endpoint-independent mapping, address-dependent filtering. */
export function shortNameOf({ mapping, filtering }: NatKind): string {
  return `${initialsOf(mapping)}M/${initialsOf(filtering)}F`;
}

function initialsOf(behaviour: NatBehaviour): string {
  const words = behaviour.split('-').filter((word) => word !== 'and');
  return words.map((word) => word.charAt(0).toUpperCase()).join('');
}

/** `address-and-port-dependent` as coturn writes it: `Address and Port Dependent`. */
export function inWords(behaviour: string): string {
  const words = behaviour
    .split('-')
    .map((word) => (word === 'and' ? word : word[0]?.toUpperCase() + word.slice(1)));
  return words.join(' ');
}

/**
 * Whether two phones behind such NATs can reach each other without a relay: a mapping that depends on the remote
 * endpoint cannot be foretold, so the other side's filter must not ask for the port.
 */
export function isDirectPossible(one: NatKind, other: NatKind): boolean {
  return canReach(one, other) && canReach(other, one);
}

function canReach(from: NatKind, to: NatKind): boolean {
  return from.mapping === 'endpoint-independent' || to.filtering !== 'address-and-port-dependent';
}

export interface NatRulesOptions {
  readonly kind: NatKind;
  readonly outsideAddress: string;
  readonly insideAddress: string;
  /** The inside ports that are mapped alike for every remote endpoint. */
  readonly ports: readonly [first: number, last: number];
  /** How much higher the port outside is than the one inside. */
  readonly portShift: number;
}

/** RFC 4787 REQ-5 asks for two minutes at least. */
const LIFETIME_SECONDS = 120;

/** Devices of a NAT: to the one host inside, and to the world. */
export const INSIDE_DEVICE = 'inside';
export const OUTSIDE_DEVICE = 'outside';

/** The whole ruleset, in place of what was there. */
export function natRules(options: NatRulesOptions): string {
  return `
flush ruleset
table ip nat {
${options.kind.mapping === 'endpoint-independent' ? independentMapping(options) : DEPENDENT_MAPPING}
  # What nobody asked for must leave no trace: else the port it came from counts as taken, and a mapping moves.
  chain input {
    type filter hook input priority filter
    iifname "${OUTSIDE_DEVICE}" drop
  }
}
# IPv6 needs no NAT; what comes unasked is dropped, as by any router at home.
table ip6 firewall {
  chain forward {
    type filter hook forward priority filter
    iifname "${OUTSIDE_DEVICE}" ct state != established icmpv6 type != { packet-too-big } drop
    iifname "${OUTSIDE_DEVICE}" ct state != established meta l4proto != icmpv6 drop
  }
}
`;
}

/** Linux keeps to the tuple of each connection; a port drawn for each makes the mapping one of its own. */
const DEPENDENT_MAPPING = `
  chain postrouting {
    type nat hook postrouting priority srcnat
    oifname "${OUTSIDE_DEVICE}" masquerade fully-random
  }
  chain forward {
    type filter hook forward priority filter
    iifname "${OUTSIDE_DEVICE}" ct state != established drop
  }`;

/** Ports are shifted by a table, both ways; the filter remembers who was sent to. */
function independentMapping({ outsideAddress, insideAddress, ports, ...options }: NatRulesOptions): string {
  const [first, last] = ports;
  const inside = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  const pairs = inside.map((port) => [port, port + options.portShift] as const);
  const filter = FILTERS[options.kind.filtering];
  return `
  map outside { type inet_service : inet_service; elements = { ${pairs.map(([a, b]) => `${a} : ${b}`).join(', ')} }; }
  map inside { type inet_service : inet_service; elements = { ${pairs.map(([a, b]) => `${b} : ${a}`).join(', ')} }; }
  set asked { type ${filter.type}; flags dynamic, timeout; timeout ${LIFETIME_SECONDS}s; }
  chain prerouting {
    type nat hook prerouting priority dstnat
    iifname "${OUTSIDE_DEVICE}" meta l4proto udp dnat to ${insideAddress} : udp dport map @inside
  }
  chain postrouting {
    type nat hook postrouting priority srcnat
    oifname "${OUTSIDE_DEVICE}" meta l4proto udp snat to ${outsideAddress} : udp sport map @outside
    oifname "${OUTSIDE_DEVICE}" masquerade
  }
  chain forward {
    type filter hook forward priority filter
    iifname "${INSIDE_DEVICE}" update @asked { ${filter.sentTo} }
    iifname "${OUTSIDE_DEVICE}" ${filter.cameFrom} @asked accept
    iifname "${OUTSIDE_DEVICE}" ct state != established drop
  }`;
}

/** What is remembered of a packet that goes out, and asked of one that comes in: its inside port, and the remote. */
const FILTERS: Readonly<Record<NatBehaviour, { type: string; sentTo: string; cameFrom: string }>> = {
  'endpoint-independent': { type: 'inet_service', sentTo: 'udp sport', cameFrom: 'udp dport' },
  'address-dependent': {
    type: 'ipv4_addr . inet_service',
    sentTo: 'ip daddr . udp sport',
    cameFrom: 'ip saddr . udp dport',
  },
  'address-and-port-dependent': {
    type: 'ipv4_addr . inet_service . inet_service',
    sentTo: 'ip daddr . udp dport . udp sport',
    cameFrom: 'ip saddr . udp sport . udp dport',
  },
};
