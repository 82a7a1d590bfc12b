// How many packets of sound a host gets, by the address that they come from.
import type { NetworkNamespace } from './namespace.ts';

const TABLE = 'sound_counter';

/**
 * RTP and what TURN clients wrap (RFC 7983: first bytes 128 to 191, and 64 to 79), counted by the kernel; neither SIP
 * nor STUN nor RTCP.
 */
export class SoundCounter {
  readonly #host: NetworkNamespace;

  constructor(host: NetworkNamespace) {
    this.#host = host;
    host.run('nft', ['-f', '-'], RULES);
  }

  /** @returns packets so far */
  from(address: string): number {
    // Cast: what nftables prints of the set in RULES.
    const { nftables } = JSON.parse(this.#host.run('nft', ['-j', 'list', 'set', 'ip', TABLE, 'sources'])) as {
      nftables: readonly { readonly set?: { readonly elem?: readonly CountedElement[] } }[];
    };
    const elements = nftables.flatMap(({ set }) => set?.elem ?? []);
    return elements.find(({ elem }) => elem.val === address)?.elem.counter.packets ?? 0;
  }
}

interface CountedElement {
  readonly elem: { readonly val: string; readonly counter: { readonly packets: number } };
}

// The payload of UDP begins 64 bits into its header.
const RULES = `
table ip ${TABLE} {
  set sources { type ipv4_addr; flags dynamic; size 1000; }
  chain input {
    type filter hook input priority filter
    meta l4proto udp @th,64,8 128-191 @th,72,8 != 192-223 update @sources { ip saddr counter }
    udp dport 3478 @th,64,8 64-79 update @sources { ip saddr counter }
  }
}
`;
