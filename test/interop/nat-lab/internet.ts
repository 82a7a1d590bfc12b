// What lies between all that is attached: one router, to which private addresses lead nowhere.
import { NetworkNamespace } from './namespace.ts';
import { OUTSIDE_DEVICE } from './nat-rules.ts';

/** Addresses for documentation (RFC 5737, RFC 3849): none of them is anybody's. */
const ROUTER = '198.51.100.1';
/** Dropped without a word (RFC 1918, RFC 6598, RFC 4193), as providers do it. */
const NOWHERE = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7'];

/** Which of IPv4 and IPv6 a host has. */
export type Families = 'IPv4' | 'IPv6' | 'both';

export function hasIpv4(families: Families): boolean {
  return families !== 'IPv6';
}

export function hasIpv6(families: Families): boolean {
  return families !== 'IPv4';
}

/** What an attached host is reached at. Its device is {@link OUTSIDE_DEVICE}. */
export interface Attachment {
  /** Of IPv4, at least one, where it has that; those of IPv6 are given out. */
  readonly addresses: readonly string[];
  readonly families: Families;
}

/** The IPv6 of an attached host: a network on the cable, and one of its own behind it. */
export interface Ipv6Networks {
  readonly address: string;
  /** `2001:db8:1:1::`, routed to the host: append what is on the inside. */
  readonly insidePrefix: string;
}

export class Internet {
  readonly #router: NetworkNamespace;
  #attached = 0;

  private constructor(router: NetworkNamespace) {
    this.#router = router;
  }

  static async open(): Promise<Internet> {
    const router = await NetworkNamespace.open('internet');
    router.forwardPackets();
    router.ip(NOWHERE.map((network) => `route add blackhole ${network}`));
    return new Internet(router);
  }

  /** Lays a cable to a host, and routes to and from it. */
  attach(host: NetworkNamespace, { addresses, families }: Attachment): Ipv6Networks {
    this.#attached += 1;
    const device = `host${this.#attached}`;
    host.connect(OUTSIDE_DEVICE, this.#router, device);
    if (hasIpv4(families)) this.#attachIpv4(host, device, addresses);
    const prefix = `2001:db8:${this.#attached}`;
    const networks = { address: `${prefix}::2`, insidePrefix: `${prefix}:1::` };
    if (hasIpv6(families)) this.#attachIpv6(host, device, { router: `${prefix}::1`, ...networks });
    return networks;
  }

  async close(): Promise<void> {
    await this.#router.close();
  }

  #attachIpv4(host: NetworkNamespace, device: string, addresses: readonly string[]): void {
    host.ip([
      ...addresses.map((address) => `address add ${address}/32 dev ${OUTSIDE_DEVICE}`),
      `route add ${ROUTER} dev ${OUTSIDE_DEVICE}`,
      `route add default via ${ROUTER} src ${addresses[0]}`,
    ]);
    this.#router.ip([
      `address add ${ROUTER}/32 dev ${device}`,
      ...addresses.map((address) => `route add ${address} dev ${device}`),
    ]);
  }

  #attachIpv6(host: NetworkNamespace, device: string, networks: Ipv6Networks & { router: string }): void {
    const { router, address, insidePrefix } = networks;
    // Nobody else can have the address: there is no need to ask for a second.
    host.ip([`address add ${address}/64 dev ${OUTSIDE_DEVICE} nodad`, `route add ::/0 via ${router}`]);
    this.#router.ip([
      `address add ${router}/64 dev ${device} nodad`,
      `route add ${insidePrefix}/64 via ${address}`,
    ]);
  }
}
