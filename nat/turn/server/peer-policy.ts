// Which peers may be spoken with: nobody is to reach through us what he cannot reach himself (RFC 8656 §21.4).
import {
  AddressPrefix,
  type AddressScope,
  addressBytes,
  addressFromBytes,
  addressScope,
  type Endpoint,
  normalizeAddress,
} from '../../../core/index.ts';
import { LocalPeers } from './local-peers.ts';
import type { RelayPortRange } from './options.ts';

export interface PeerPolicyOptions {
  readonly allowPeers?: readonly string[];
  readonly denyPeers?: readonly string[];
  /** Addresses of this machine: nobody is to reach through us what listens there. */
  readonly ownAddresses: readonly string[];
  /** Those on which relays are, and under which they are reached: of these, relays alone may be spoken with. */
  readonly relayAddresses: readonly string[];
  readonly relayPorts: RelayPortRange;
  /** What else of this machine may be spoken with; nothing where not given. */
  readonly localPeers?: LocalPeers;
}

/** Documentation addresses (RFC 5737, RFC 3849) are nobody's, so that laboratories may use them. */
const ALLOWED_SCOPES: ReadonlySet<AddressScope | undefined> = new Set(['public', 'documentation']);

// RFC 4291 §2.5.5.2: an IPv4 address in disguise; refused whatever it is, for its plain form is there to be used.
const MAPPED = new AddressPrefix('::ffff:0:0/96');
/** RFC 4291 §2.4, IANA: all else of IPv6 is local, of the past (`::/96`, `fec0::/10`), or nobody's. */
const GLOBAL = new AddressPrefix('2000::/3');
/**
 * Ways into IPv4 that lead through whoever is next (RFC 6052, RFC 3056), and where in them the address is, which counts.
 * A network's own ways (RFC 8215: `64:ff9b:1::/48`) are not among them: nobody else can tell where those lead.
 */
const EMBEDDING = [
  { prefix: new AddressPrefix('64:ff9b::/96'), offset: 12 },
  { prefix: new AddressPrefix('2002::/16'), offset: 2 },
];
const TEREDO = new AddressPrefix('2001::/32');

export class PeerPolicy {
  readonly #allowed: readonly AddressPrefix[];
  readonly #denied: readonly AddressPrefix[];
  readonly #own: ReadonlySet<string>;
  readonly #relays: ReadonlySet<string>;
  readonly #relayPorts: RelayPortRange;
  readonly #localPeers: LocalPeers;

  /** @throws UsageError where a prefix is none */
  constructor({ allowPeers = [], denyPeers = [], ...options }: PeerPolicyOptions) {
    this.#allowed = allowPeers.map((text) => new AddressPrefix(text));
    this.#denied = denyPeers.map((text) => new AddressPrefix(text));
    this.#own = new Set(options.ownAddresses.map(normalizeAddress));
    this.#relays = new Set(options.relayAddresses.map(normalizeAddress));
    this.#relayPorts = options.relayPorts;
    this.#localPeers = options.localPeers ?? new LocalPeers();
  }

  /** Whether there may be a permission for the address (RFC 8656 §10.2): some port of it may be spoken with. */
  allowsAddress(address: string): boolean {
    const bytes = addressBytes(address);
    if (!bytes || MAPPED.has(bytes) || isIn(this.#denied, bytes)) return false;
    if (isIn(this.#allowed, bytes) || this.#isShared(address)) return true;
    const hidden = hiddenIn(bytes);
    return hidden ? this.#allowsHidden(hidden) : !this.#own.has(address) && isPublic(bytes);
  }

  /** Whether data may go there. */
  allows({ address, port }: Endpoint): boolean {
    return port > 0 && this.allowsAddress(address) && this.#allowsPort(address, port);
  }

  /** IPv4 in disguise leads to no place that its plain form does not; what is ours has its own. */
  #allowsHidden(bytes: Uint8Array): boolean {
    const address = addressFromBytes(bytes);
    const isOurs = this.#own.has(address) || this.#isShared(address);
    return !isOurs && !isIn(this.#denied, bytes) && isPublic(bytes);
  }

  /** Whether some ports of this machine may be spoken with there, and others not. */
  #isShared(address: string): boolean {
    return this.#relays.has(address) || this.#localPeers.hasAddress(address);
  }

  /** Of our own the relays, so that two clients of ours can speak with each other, and what was admitted. */
  #allowsPort(address: string, port: number): boolean {
    if (!this.#isShared(address) || this.#localPeers.named({ address, port })) return true;
    const { first, last } = this.#relayPorts;
    if (this.#relays.has(address) && port >= first && port <= last) return true;
    const bytes = addressBytes(address);
    return bytes !== undefined && isIn(this.#allowed, bytes);
  }
}

function isIn(prefixes: readonly AddressPrefix[], address: Uint8Array): boolean {
  return prefixes.some((prefix) => prefix.has(address));
}

/** @returns the IPv4 address that counts in place of the other */
function hiddenIn(bytes: Uint8Array): Uint8Array | undefined {
  const embedding = EMBEDDING.find(({ prefix }) => prefix.has(bytes));
  return embedding && bytes.subarray(embedding.offset, embedding.offset + 4);
}

function isPublic(bytes: Uint8Array): boolean {
  if (bytes.length === 16 && (!GLOBAL.has(bytes) || TEREDO.has(bytes))) return false;
  return ALLOWED_SCOPES.has(addressScope(addressFromBytes(bytes)));
}
