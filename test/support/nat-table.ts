// The mappings of one NAT, by RFC 4787: a pure table, `now` comes in.
import { type Endpoint, formatEndpoint, type Random } from '../../core/index.ts';

/** RFC 4787 §4.1 and §5: what of the remote endpoint a mapping, or a filter, looks at. */
export type NatBehaviour = 'endpoint-independent' | 'address-dependent' | 'address-and-port-dependent';

export const NAT_BEHAVIOURS: readonly NatBehaviour[] = [
  'endpoint-independent',
  'address-dependent',
  'address-and-port-dependent',
];

export interface NatTableOptions {
  readonly externalAddress: string;
  /** Default `endpoint-independent` (RFC 4787 REQ-1). */
  readonly mapping?: NatBehaviour;
  /** Default `address-dependent` (RFC 4787 REQ-8, for who wants security). */
  readonly filtering?: NatBehaviour;
  /** How long a mapping lives without traffic. Default {@link DEFAULT_MAPPING_LIFETIME_MS}. */
  readonly mappingLifetimeMs?: number;
  /** Whether packets from outside prolong a mapping too (RFC 4787 REQ-6b). Default false. */
  readonly inboundRefresh?: boolean;
  /** Whether the inside port is kept where it is free (RFC 4787 §4.2.1). Default false. */
  readonly portPreservation?: boolean;
  /** Default {@link DEFAULT_MAX_MAPPINGS}. */
  readonly maxMappings?: number;
}

/** RFC 4787 REQ-5: not less than two minutes. */
export const DEFAULT_MAPPING_LIFETIME_MS = 120_000;

export const DEFAULT_MAX_MAPPINGS = 4096;

const FIRST_PORT = 1024;
const PORTS = 65536 - FIRST_PORT;

interface Mapping {
  readonly key: string;
  readonly inside: Endpoint;
  readonly externalPort: number;
  /** When each remote (as the filter sees it) was last sent to. */
  readonly sentAt: Map<string, number>;
  usedAt: number;
}

/** The table of one NAT for one protocol. */
export class NatTable {
  readonly #options: Required<NatTableOptions>;
  readonly #random: Random;
  readonly #byKey = new Map<string, Mapping>();
  readonly #byPort = new Map<number, Mapping>();
  readonly #forwards = new Map<number, Endpoint>();
  /** The same the other way round. */
  readonly #forwarded = new Map<string, number>();

  constructor(random: Random, options: NatTableOptions) {
    this.#random = random;
    this.#options = {
      mapping: 'endpoint-independent',
      filtering: 'address-dependent',
      mappingLifetimeMs: DEFAULT_MAPPING_LIFETIME_MS,
      inboundRefresh: false,
      portPreservation: false,
      maxMappings: DEFAULT_MAX_MAPPINGS,
      ...options,
    };
  }

  /** @returns the external endpoint as which the packet goes on, or undefined where no port is left */
  outbound(now: number, inside: Endpoint, remote: Endpoint): Endpoint | undefined {
    const forwarded = this.#forwarded.get(formatEndpoint(inside));
    if (forwarded !== undefined) return this.#external(forwarded);
    const key = `${formatEndpoint(inside)} ${aspectOf(this.#options.mapping, remote)}`;
    let mapping = this.#byKey.get(key);
    if (mapping && !this.#isAlive(now, mapping)) {
      this.#remove(mapping);
      mapping = undefined;
    }
    mapping ??= this.#add(now, key, inside);
    if (!mapping) return undefined;
    mapping.usedAt = now;
    mapping.sentAt.set(aspectOf(this.#options.filtering, remote), now);
    return this.#external(mapping.externalPort);
  }

  /** @returns the inside endpoint to which the packet goes on, or undefined where the filter drops it */
  inbound(now: number, externalPort: number, remote: Endpoint): Endpoint | undefined {
    const forward = this.#forwards.get(externalPort);
    if (forward) return forward;
    const mapping = this.#byPort.get(externalPort);
    if (!mapping || !this.#isAlive(now, mapping)) return undefined;
    const sentAt = mapping.sentAt.get(aspectOf(this.#options.filtering, remote));
    if (sentAt === undefined || now - sentAt >= this.#options.mappingLifetimeMs) {
      // Endpoint-independent filtering asks only for a living mapping (RFC 4787 §5).
      if (this.#options.filtering !== 'endpoint-independent') return undefined;
    }
    if (this.#options.inboundRefresh) {
      mapping.usedAt = now;
      mapping.sentAt.set(aspectOf(this.#options.filtering, remote), now);
    }
    return mapping.inside;
  }

  /** Who is behind a port, whatever the filter says of it. Changes nothing. */
  peek(externalPort: number): Endpoint | undefined {
    return this.#forwards.get(externalPort) ?? this.#byPort.get(externalPort)?.inside;
  }

  /** Opens a port to one inside endpoint for good, for everybody. */
  forward(externalPort: number, inside: Endpoint): void {
    this.#forwards.set(externalPort, inside);
    this.#forwarded.set(formatEndpoint(inside), externalPort);
  }

  /** Forgets every mapping, as at a restart. */
  clear(): void {
    this.#byKey.clear();
    this.#byPort.clear();
  }

  /** Number of living mappings. */
  sizeAt(now: number): number {
    let count = 0;
    for (const mapping of this.#byKey.values()) if (this.#isAlive(now, mapping)) count += 1;
    return count;
  }

  #add(now: number, key: string, inside: Endpoint): Mapping | undefined {
    if (this.#byKey.size >= this.#options.maxMappings) this.#removeExpired(now);
    const externalPort = this.#freePort(now, inside.port);
    if (this.#byKey.size >= this.#options.maxMappings || externalPort === undefined) return undefined;
    const mapping = { key, inside, externalPort, sentAt: new Map<string, number>(), usedAt: now };
    this.#byKey.set(key, mapping);
    this.#byPort.set(externalPort, mapping);
    return mapping;
  }

  #freePort(now: number, insidePort: number): number | undefined {
    if (this.#options.portPreservation && this.#isFree(now, insidePort)) return insidePort;
    const start = this.#random.uint32() % PORTS;
    for (let i = 0; i < PORTS; i += 1) {
      const port = FIRST_PORT + ((start + i) % PORTS);
      // A NAT that does not preserve ports never does so by chance: tests shall not depend on it.
      if (port !== insidePort && this.#isFree(now, port)) return port;
    }
    return undefined;
  }

  #isFree(now: number, port: number): boolean {
    if (this.#forwards.has(port)) return false;
    const taken = this.#byPort.get(port);
    if (taken && !this.#isAlive(now, taken)) {
      this.#remove(taken);
      return true;
    }
    return !taken;
  }

  #isAlive(now: number, mapping: Mapping): boolean {
    return now - mapping.usedAt < this.#options.mappingLifetimeMs;
  }

  #removeExpired(now: number): void {
    for (const mapping of [...this.#byKey.values()]) {
      if (!this.#isAlive(now, mapping)) this.#remove(mapping);
    }
  }

  #remove(mapping: Mapping): void {
    this.#byKey.delete(mapping.key);
    this.#byPort.delete(mapping.externalPort);
  }

  #external(port: number): Endpoint {
    return { address: this.#options.externalAddress, port };
  }
}

function aspectOf(behaviour: NatBehaviour, remote: Endpoint): string {
  if (behaviour === 'endpoint-independent') return '';
  return behaviour === 'address-dependent' ? remote.address : formatEndpoint(remote);
}
