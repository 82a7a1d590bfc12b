// A phone and the NAT that it is behind.
import { type Families, hasIpv4, hasIpv6, type Internet } from './internet.ts';
import { NetworkNamespace } from './namespace.ts';
import { INSIDE_DEVICE, type NatKind, natRules } from './nat-rules.ts';

export interface HomeOptions {
  readonly name: string;
  readonly kind: NatKind;
  /** Of the NAT, in the internet. */
  readonly outsideAddress: string;
  /** Of the phone; the NAT has the first of its network. */
  readonly insideAddress: string;
  /** Of NAT and phone; to IPv6 the NAT is but a firewall. */
  readonly families: Families;
}

/** The ports that programs inside are given, and how much higher they are outside after each restart of the NAT. */
const PORTS = [40_000, 40_999] as const;
const FIRST_SHIFT = 10_000;
const SHIFT_STEP = 1_000;

const PHONE_DEVICE = 'eth0';

export class Home {
  readonly options: HomeOptions;
  readonly nat: NetworkNamespace;
  readonly phone: NetworkNamespace;
  #portShift = FIRST_SHIFT;

  private constructor(options: HomeOptions, spaces: { nat: NetworkNamespace; phone: NetworkNamespace }) {
    this.options = options;
    this.nat = spaces.nat;
    this.phone = spaces.phone;
  }

  static async open(internet: Internet, options: HomeOptions): Promise<Home> {
    const [nat, phone] = await Promise.all([
      NetworkNamespace.open(`${options.name} NAT`),
      NetworkNamespace.open(`${options.name} phone`),
    ]);
    const home = new Home(options, { nat, phone });
    home.#wire(internet);
    home.#applyRules();
    return home;
  }

  /** The NAT restarts: mappings and filters are gone, and the next mappings have other ports. */
  forgetMappings(): void {
    this.#portShift += SHIFT_STEP;
    this.#applyRules();
    this.nat.run('conntrack', ['--flush']);
  }

  /** From now on the NAT drops all UDP to others than these addresses, and with `bothWays` all from others. */
  allowOnly(addresses: readonly string[], { bothWays = true } = {}): void {
    const known = `{ ${[this.options.insideAddress, ...addresses].join(', ')} }`;
    const drops = ['ip daddr', ...(bothWays ? ['ip saddr'] : [])].map((end) => `${end} != ${known} drop`);
    const hook = 'type filter hook forward priority -10';
    const rules = [hook, ...drops.map((drop) => `meta l4proto udp ${drop}`)];
    this.nat.run('nft', ['-f', '-'], `table ip narrow { chain forward { ${rules.join('; ')}; }; }\n`);
  }

  async close(): Promise<void> {
    await Promise.all([this.nat.close(), this.phone.close()]);
  }

  #wire(internet: Internet): void {
    const { nat, phone, options } = this;
    const { outsideAddress, families } = options;
    const { insidePrefix } = internet.attach(nat, { addresses: [outsideAddress], families });
    nat.connect(INSIDE_DEVICE, phone, PHONE_DEVICE);
    nat.forwardPackets();
    phone.set('net.ipv4.ip_local_port_range', PORTS.join(' '));
    if (hasIpv4(families)) this.#giveIpv4();
    if (hasIpv6(families)) this.#giveIpv6(insidePrefix);
  }

  #giveIpv4(): void {
    const { insideAddress } = this.options;
    const gateway = insideAddress.replace(/\.\d+$/, '.1');
    this.nat.ip([`address add ${gateway}/24 dev ${INSIDE_DEVICE}`]);
    this.phone.ip([
      `address add ${insideAddress}/24 dev ${PHONE_DEVICE}`,
      `route add default via ${gateway}`,
    ]);
  }

  #giveIpv6(insidePrefix: string): void {
    this.nat.ip([`address add ${insidePrefix}1/64 dev ${INSIDE_DEVICE} nodad`]);
    this.phone.ip([
      `address add ${insidePrefix}2/64 dev ${PHONE_DEVICE} nodad`,
      `route add ::/0 via ${insidePrefix}1`,
    ]);
  }

  #applyRules(): void {
    const rules = natRules({ ...this.options, ports: PORTS, portShift: this.#portShift });
    this.nat.run('nft', ['-f', '-'], rules);
  }
}
