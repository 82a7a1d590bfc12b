// How we call ourselves: sent-by in Via, host and port in Contact.
import { addressFamily, type Endpoint, formatHost, type Runtime } from '../../core/index.ts';
import { type NameAddr, NO_PARAMETERS, type SipRequest, sipUri } from '../message/index.ts';
import type { Flow, Listening, TransportProtocol } from '../transport/index.ts';
import { LocalAddresses } from './local-addresses.ts';
import type { EndpointOptions } from './types.ts';

/** RFC 2606 §2: stands in a Contact for our host as long as the peer is a name, or nobody yet. */
const UNSETTLED = 'unsettled.invalid';

export class Identity {
  readonly #listening: readonly Listening[];
  readonly #advertisedToward: (peer: string) => string | undefined;
  readonly #contactAt: (flow: Flow) => Endpoint | undefined;
  readonly #addresses: LocalAddresses;
  /** Every host that we ever put into a Via. They are addresses of this machine, so few. */
  readonly #sentByHosts = new Set<string>();

  constructor(
    runtime: Runtime,
    listening: readonly Listening[],
    { advertisedHost, contactAt }: Pick<EndpointOptions, 'advertisedHost' | 'contactAt'>,
  ) {
    this.#listening = listening;
    this.#contactAt = contactAt ?? (() => undefined);
    this.#advertisedToward = typeof advertisedHost === 'function' ? advertisedHost : () => advertisedHost;
    this.#addresses = new LocalAddresses(runtime);
  }

  /** Whether {@link Identity.sentBy} can be told at once; else {@link Identity.learn} first. */
  isKnownToward(flow: Flow): boolean {
    return (
      this.#advertisedToward(flow.remote.address) !== undefined ||
      !isUnspecified(flow.local.address) ||
      this.#addresses.toward(flow.remote.address) !== undefined
    );
  }

  /** Finds out our address toward the peer. Never rejects. */
  async learn(flow: Flow): Promise<void> {
    await this.#addresses.ask(flow.remote.address);
  }

  /** `host:port` for the Via of a request that leaves over the flow (RFC 3261 §18.1.1). */
  sentBy(flow: Flow): string {
    const host = this.#hostToward(flow);
    this.#sentByHosts.add(host);
    return `${host}:${this.#portFor(flow)}`;
  }

  /** RFC 3261 §18.1.2: whether a response with this host in its topmost Via can be to a request of ours. */
  isOurSentBy(host: string): boolean {
    return this.#sentByHosts.has(host);
  }

  /**
   * The Contact by which the peer reaches us. Where the peer is a name it goes into requests alone, which
   * {@link Identity.settle} sees.
   */
  contactFor(peer: Flow | Endpoint, user: string | undefined): NameAddr {
    const flow = 'remote' in peer ? peer : this.#datagramFlowTo(peer);
    const parameters: [string, string][] = flow.protocol === 'udp' ? [] : [['transport', flow.protocol]];
    const isSettled = addressFamily(flow.remote.address) !== undefined;
    const { host, port } = isSettled
      ? this.#placeToward(flow)
      : { host: UNSETTLED, port: this.#portFor(flow) };
    const uri = sipUri({ user, host, port, parameters: new Map(parameters) });
    return { displayName: undefined, uri, parameters: NO_PARAMETERS };
  }

  /** Puts our host into the Contact of a request, where that waited for the address of the peer. */
  settle(request: SipRequest, flow: Flow): SipRequest {
    const contact = request.header('Contact');
    if (!contact?.includes(UNSETTLED)) return request;
    const { host, port } = this.#placeToward(flow);
    const settled = contact.replace(`${UNSETTLED}:${this.#portFor(flow)}`, `${host}:${port}`);
    return request.with({ set: [['Contact', settled.replace(UNSETTLED, host)]] });
  }

  #placeToward(flow: Flow): { readonly host: string; readonly port: number } {
    const mapped = this.#contactAt(flow);
    if (mapped) return { host: formatHost(mapped.address), port: mapped.port };
    return { host: this.#hostToward(flow), port: this.#portFor(flow) };
  }

  #hostToward(flow: Flow): string {
    const advertised = this.#advertisedToward(flow.remote.address);
    if (advertised !== undefined) return formatHost(advertised).toLowerCase();
    const { address } = flow.local;
    return formatHost(isUnspecified(address) ? this.#addresses.guess(flow.remote.address) : address);
  }

  /** The port that listens, also where the flow is a connection that we opened from another one. */
  #portFor(flow: Flow): number {
    if (flow.protocol === 'udp') return flow.local.port;
    return this.#listeningOn(flow.protocol, flow.remote.address)?.port ?? flow.local.port;
  }

  #listeningOn(protocol: TransportProtocol, remoteAddress: string): Endpoint | undefined {
    const family = addressFamily(remoteAddress);
    const entries = this.#listening.filter((entry) => entry.protocol === protocol);
    return (entries.find(({ local }) => addressFamily(local.address) === family) ?? entries[0])?.local;
  }

  #datagramFlowTo(remote: Endpoint): Flow {
    const local = this.#listeningOn('udp', remote.address);
    if (local) return { protocol: 'udp', local, remote, connectionId: undefined };
    const fallback = { address: '0.0.0.0', port: 0 };
    return { protocol: 'tcp', local: fallback, remote, connectionId: undefined };
  }
}

function isUnspecified(address: string): boolean {
  return address === '0.0.0.0' || address === '::';
}
