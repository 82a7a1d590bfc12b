// Where a request goes, and what it looks like when it goes there: addresses, flow, Via.
import { addressFamily, type Random } from '../../core/index.ts';
import { type HeaderField, type SipRequest, serializeMessage } from '../message/index.ts';
import { MAGIC_COOKIE } from '../transaction/index.ts';
import type { Flow, Transports } from '../transport/index.ts';
import type { Identity } from './identity.ts';
import { nextHopOf, type Resolver, type Target } from './resolver.ts';
import type { TcpInstead } from './tcp-instead.ts';

/** One way to try: a flow that is given, or an address to which one is to be found. */
export type Route = { readonly flow: Flow } | { readonly target: Target };

/** A request ready to leave. */
export interface PreparedRequest {
  readonly request: SipRequest;
  readonly bytes: Uint8Array;
  readonly branch: string;
  readonly flow: Flow;
}

type OnPrepared = (prepared: PreparedRequest | undefined) => void;
type OnFlow = (flow: Flow | undefined) => void;

/** RFC 3261 §18.1.1: beyond, where the path MTU is not known, a transport with congestion control is to be used. */
const MAX_DATAGRAM_REQUEST_BYTES = 1300;

/** 80 bits. */
const BRANCH_LENGTH = 16;

export interface RouterOptions {
  readonly random: Random;
  readonly transports: Transports;
  readonly identity: Identity;
  readonly resolver: Resolver;
  readonly tcpInstead: TcpInstead;
  /** Value of User-Agent. */
  readonly product: string;
}

export class Router {
  readonly #options: RouterOptions;

  constructor(options: RouterOptions) {
    this.#options = options;
  }

  /** The ways to try, in order; at once where no name is to be looked up. The promise never rejects. */
  routesFor(request: SipRequest, flow: Flow | undefined): readonly Route[] | Promise<readonly Route[]> {
    // A connection that is gone leads nowhere: the peer is to be found anew, as if it had never been there.
    if (flow && this.#options.transports.isOpen(flow)) return [{ flow }];
    const targets = this.#options.resolver.resolve(nextHopOf(request));
    return 'then' in targets ? targets.then(asRoutes) : asRoutes(targets);
  }

  /** Finds the flow, and writes Via. Calls back at once where the flow is there; with undefined where none is to be had. */
  prepare(request: SipRequest, route: Route, onPrepared: OnPrepared): void {
    if ('flow' in route)
      return this.#known(route.flow, (flow) => onPrepared(flow && this.#dress(request, flow)));
    const { target } = route;
    this.#flowTo(target, (flow) => {
      const prepared = flow && this.#dress(request, flow);
      if (!prepared || !this.#isTooLarge(prepared, target)) return onPrepared(prepared);
      this.#connectionTo(target, (connection) => {
        // RFC 3261 §18.1.1: where TCP is refused, back to UDP.
        onPrepared(connection ? this.#dress(request, connection) : prepared);
      });
    });
  }

  #isTooLarge(prepared: PreparedRequest, target: Target): boolean {
    if (prepared.flow.protocol !== 'udp' || prepared.bytes.length <= MAX_DATAGRAM_REQUEST_BYTES) return false;
    return (
      target.mayChangeToTcp && this.#options.transports.listening.some(({ protocol }) => protocol === 'tcp')
    );
  }

  #flowTo({ protocol, remote }: Target, onFlow: OnFlow): void {
    const flow = this.#options.transports.flowTo(protocol, remote);
    if (flow) this.#known(flow, onFlow);
    else if (protocol === 'udp') onFlow(undefined);
    else this.#options.transports.connect(remote, onFlow);
  }

  #connectionTo({ remote }: Target, onFlow: OnFlow): void {
    const flow = this.#options.transports.flowTo('tcp', remote);
    if (flow) this.#known(flow, onFlow);
    else this.#options.tcpInstead.connect(remote, onFlow);
  }

  /** Waits until our own address toward the peer is known, which it mostly is. */
  #known(flow: Flow, onFlow: OnFlow): void {
    const { identity } = this.#options;
    if (identity.isKnownToward(flow)) onFlow(flow);
    else identity.learn(flow).then(() => onFlow(flow));
  }

  #dress(request: SipRequest, flow: Flow): PreparedRequest {
    const { identity, random } = this.#options;
    const branch = MAGIC_COOKIE + random.token(BRANCH_LENGTH);
    const sentBy = identity.sentBy(flow);
    // RFC 3581 §3: always, for nobody knows whether there is a NAT on the way.
    const rport = flow.protocol === 'udp' ? ';rport' : '';
    const prepend: HeaderField[] = [
      ['Via', `SIP/2.0/${flow.protocol.toUpperCase()} ${sentBy};branch=${branch}${rport}`],
    ];
    // RFC 3261 §8.1.1.6.
    if (request.header('Max-Forwards') === undefined) prepend.push(['Max-Forwards', '70']);
    const append: HeaderField[] =
      request.header('User-Agent') === undefined ? [['User-Agent', this.#options.product]] : [];
    const dressed = identity.settle(request, flow).with({ prepend, append });
    return { request: dressed, bytes: serializeMessage(dressed), branch, flow };
  }
}

function asRoutes(targets: readonly Target[]): Route[] {
  return targets.map((target) => ({ target }));
}

/** Whether an endpoint with these sockets can send to the family. */
export function canReach(transports: Transports, protocol: 'udp' | 'tcp', family: 4 | 6): boolean {
  if (protocol === 'tcp') return true;
  return transports.listening.some(
    (entry) => entry.protocol === 'udp' && addressFamily(entry.local.address) === family,
  );
}
