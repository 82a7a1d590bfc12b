// From a SIP URI to the addresses that may serve it (RFC 3263 §4).
import {
  addressFamily,
  type Endpoint,
  type Network,
  normalizeAddress,
  type Random,
} from '../../core/index.ts';
import type { SipRequest, SipUri, Uri } from '../message/index.ts';
import { DEFAULT_SIP_PORT, unbracketed } from '../transport/index.ts';
import { orderSrvRecords } from './srv-order.ts';

/** One address to try. */
export interface Target {
  readonly protocol: 'udp' | 'tcp';
  readonly remote: Endpoint;
  /** Whether nobody asked for UDP by name: a large request may go over TCP (RFC 3261 §18.1.1). */
  readonly mayChangeToTcp: boolean;
}

export interface ResolverOptions {
  readonly network: Network;
  readonly random: Random;
  /** Whether we can send to this family over UDP; where we cannot, TCP may still go. */
  readonly canReach: (protocol: 'udp' | 'tcp', family: 4 | 6) => boolean;
}

/** More addresses than these are not tried for one request. */
const MAX_TARGETS = 8;

/** RFC 3261 §8.1.2: the topmost Route, or the Request-URI where there is none or it names a strict router. */
export function nextHopOf(request: SipRequest): Uri {
  const [route] = request.routes;
  if (!route || route.uri.scheme === 'tel' || route.uri.scheme === 'other') return request.requestUri;
  return route.uri.parameters.has('lr') ? route.uri : request.requestUri;
}

export class Resolver {
  readonly #options: ResolverOptions;

  constructor(options: ResolverOptions) {
    this.#options = options;
  }

  /**
   * The addresses to try, in order; at once where the host is numeric, else after DNS. Empty where there is none, or
   * where the URI asks for what we do not speak. The promise never rejects.
   */
  resolve(uri: Uri): readonly Target[] | Promise<readonly Target[]> {
    // RFC 3261 §26.2.2: sips asks for TLS on every hop; it must not be sent in the clear.
    if (uri.scheme !== 'sip') return [];
    const transport = uri.parameters.get('transport')?.toLowerCase();
    if (transport !== undefined && transport !== 'udp' && transport !== 'tcp') return [];
    const host = unbracketed(uri.parameters.get('maddr') ?? uri.host);
    if (addressFamily(host) === undefined) return this.#lookUp(uri, host, transport);
    // RFC 3263 §4.1: a numeric address is sent to over UDP, where the URI does not say otherwise.
    return this.#usable([{ host, port: uri.port ?? DEFAULT_SIP_PORT, protocol: transport }]);
  }

  async #lookUp(uri: SipUri, host: string, transport: 'udp' | 'tcp' | undefined): Promise<readonly Target[]> {
    try {
      // RFC 3263 §4.2: with a port, no SRV.
      const services = uri.port === undefined ? await this.#services(host, transport) : [];
      const hosts =
        services.length > 0 ? services : [{ host, port: uri.port ?? DEFAULT_SIP_PORT, protocol: transport }];
      const found: Candidate[] = [];
      for (const candidate of hosts) {
        const addresses = await this.#options.network.resolveHost(candidate.host);
        found.push(...addresses.map((address) => ({ ...candidate, host: address })));
        if (found.length >= MAX_TARGETS) break;
      }
      return this.#usable(found);
    } catch {
      // A name server that fails is a name without addresses: the caller can do nothing else about it.
      return [];
    }
  }

  /** RFC 3263 §4.1: without NAPTR, the services of the transports that we speak, UDP first. */
  async #services(host: string, transport: 'udp' | 'tcp' | undefined): Promise<Candidate[]> {
    const { network, random } = this.#options;
    const protocols = transport === undefined ? (['udp', 'tcp'] as const) : [transport];
    for (const protocol of protocols) {
      const records = await network.resolveSrv(`_sip._${protocol}.${host}`);
      const ordered = orderSrvRecords(records, random);
      if (ordered.length > 0) return ordered.map(({ name, port }) => ({ host: name, port, protocol }));
    }
    return [];
  }

  #usable(candidates: readonly Candidate[]): Target[] {
    const targets: Target[] = [];
    for (const { host, port, protocol } of candidates) {
      const address = normalizeAddress(host);
      const family = addressFamily(address);
      if (!family || port === 0 || !isUnicast(address)) continue;
      if (!this.#options.canReach(protocol ?? 'udp', family)) continue;
      const remote = { address, port };
      targets.push({ protocol: protocol ?? 'udp', remote, mayChangeToTcp: protocol === undefined });
    }
    return targets.slice(0, MAX_TARGETS);
  }
}

interface Candidate {
  readonly host: string;
  readonly port: number;
  readonly protocol: 'udp' | 'tcp' | undefined;
}

/** A Contact may name any address: one that stands for many hosts, or for none, is not sent to. */
function isUnicast(address: string): boolean {
  if (address.includes(':')) return address !== '::' && !address.startsWith('ff');
  const first = Number.parseInt(address, 10);
  return first > 0 && first < 224;
}
