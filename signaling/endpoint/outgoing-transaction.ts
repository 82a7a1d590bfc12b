// A request of ours under way: finds where to, sends, and goes on to the next address where one fails (RFC 3263 §4.3).
import type { HeaderField, SipRequest, SipResponse } from '../message/index.ts';
import type { ClientRecord, ClientUser, TransactionFailure } from '../transaction/index.ts';
import type { Flow } from '../transport/index.ts';
import type { PreparedRequest, Route, Router } from './router.ts';
import type { ClientHandlers, ClientTransaction } from './types.ts';

/** What the endpoint does for its client transactions. */
export interface ClientLayer {
  readonly router: Router;
  start(prepared: PreparedRequest, user: ClientUser): ClientRecord;
  cancel(record: ClientRecord, headers: readonly HeaderField[]): void;
}

/** RFC 3263 §4.3: a server that is overloaded or in maintenance; another one may not be. */
const SERVICE_UNAVAILABLE = 503;

export class OutgoingTransaction implements ClientTransaction, ClientUser {
  request: SipRequest;
  readonly #layer: ClientLayer;
  readonly #handlers: ClientHandlers;
  readonly #original: SipRequest;
  #routes: readonly Route[] = [];
  #record: ClientRecord | undefined;
  #isCancelled = false;
  /** Whether anything was answered, were it 100. */
  #isHeard = false;
  #isFoundAnew = false;
  #isOver = false;

  constructor(layer: ClientLayer, request: SipRequest, handlers: ClientHandlers) {
    this.#layer = layer;
    this.#handlers = handlers;
    this.#original = request;
    this.request = request;
  }

  /** Handlers are never called within it. */
  start(flow: Flow | undefined): void {
    const routes = this.#layer.router.routesFor(this.#original, flow);
    if ('then' in routes) routes.then((found) => this.#begin(found));
    else this.#begin(routes);
  }

  cancel(headers: readonly HeaderField[] = []): void {
    if (this.#original.method !== 'INVITE' || this.#isCancelled || this.#isOver) return;
    this.#isCancelled = true;
    if (this.#record) this.#layer.cancel(this.#record, headers);
    // Nobody has heard of the request yet, so nobody needs to hear of its end.
    else this.#failSoon('timeout');
  }

  handleResponse(response: SipResponse, flow: Flow): void {
    this.#isHeard = true;
    if (response.status === 100 || this.#isOver) return;
    if (response.status === SERVICE_UNAVAILABLE && this.#tryNext()) return;
    this.#handlers.onResponse(response, flow);
  }

  handleFailure(reason: TransactionFailure): void {
    if (this.#isOver || this.#tryNext()) return;
    if (reason === 'transport' && this.#mayFindAnew()) return this.#findAnew();
    // A send can fail at once, and then its caller does not hold this object yet.
    this.#failSoon(reason);
  }

  #begin(routes: readonly Route[]): void {
    if (this.#isOver) return;
    this.#routes = routes;
    if (!this.#tryNext()) this.#failSoon('unresolvable');
  }

  /** @returns whether there is an address left to try */
  #tryNext(): boolean {
    const [route, ...others] = this.#routes;
    if (!route || this.#isCancelled) return false;
    this.#routes = others;
    this.#record = undefined;
    this.#layer.router.prepare(this.#original, route, (prepared) => this.#transmit(prepared));
    return true;
  }

  /**
   * Where the peer's machine or a NAT forgot a connection, the next request on it is the first to learn of that, and
   * nobody has read it. Departs from RFC 3261 §8.1.3.1: the peer is tried once more before that counts as 503.
   */
  #mayFindAnew(): boolean {
    return (
      this.#record?.flow.connectionId !== undefined &&
      !this.#isHeard &&
      !this.#isCancelled &&
      !this.#isFoundAnew
    );
  }

  #findAnew(): void {
    this.#isFoundAnew = true;
    this.start(undefined);
  }

  #transmit(prepared: PreparedRequest | undefined): void {
    if (this.#isOver) return;
    if (!prepared) return this.handleFailure('transport');
    this.request = prepared.request;
    this.#record = this.#layer.start(prepared, this);
  }

  #failSoon(reason: TransactionFailure | 'unresolvable'): void {
    this.#isOver = true;
    queueMicrotask(() => this.#handlers.onFailure(reason));
  }
}
