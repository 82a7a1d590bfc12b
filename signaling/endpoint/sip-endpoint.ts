// Transports and transactions under one roof: feeds the transaction layer, drains it, and tells the user.
import { Driver, Emitter, type Endpoint, type Runtime } from '../../core/index.ts';
import {
  createResponse,
  type HeaderField,
  type NameAddr,
  type SipRequest,
  type SipResponse,
} from '../message/index.ts';
import {
  type ClientRecord,
  type ClientUser,
  ServerRecord,
  TransactionLayer,
  type TransactionOutput,
} from '../transaction/index.ts';
import { type Flow, type Listening, Transports } from '../transport/index.ts';
import { Identity } from './identity.ts';
import { IncomingTransaction, type Responder } from './incoming-transaction.ts';
import { type ClientLayer, OutgoingTransaction } from './outgoing-transaction.ts';
import { Resolver } from './resolver.ts';
import { canReach, type PreparedRequest, Router } from './router.ts';
import { TcpInstead } from './tcp-instead.ts';
import type {
  ClientHandlers,
  ClientTransaction,
  EndpointCounters,
  EndpointEvents,
  EndpointOptions,
  SendOptions,
  ServerTransaction,
  SipEndpoint,
} from './types.ts';

/**
 * Binds the sockets and begins to receive.
 *
 * @throws OperationError `SIP_LISTEN_FAILED` where a socket cannot be bound
 */
export async function openSipEndpoint(runtime: Runtime, options: EndpointOptions): Promise<SipEndpoint> {
  // The sockets call back from the next tick on: by then there is somebody to call.
  let endpoint: BoundSipEndpoint | undefined;
  const transports = await Transports.open(runtime, {
    listen: options.listen,
    product: options.product,
    onNonSip: options.onNonSip ?? ((bytes, flow) => endpoint?.emit('nonSip', { bytes, flow })),
    onKeepAlive: (flow) => endpoint?.emit('keepAlive', flow),
    onPong: (flow) => endpoint?.emit('pong', flow),
    onRequest: (request, flow) => endpoint?.handleRequest(request, flow),
    onResponse: (response, flow) => endpoint?.handleResponse(response, flow),
    onFlowLost: (flow) => endpoint?.handleFlowLost(flow),
    isOurSentBy: (host) => endpoint?.isOurSentBy(host) ?? false,
    onMalformed: (fault, { protocol, remote }) => {
      runtime.log.debug({ fault: String(fault), protocol, remote }, 'malformed SIP message');
    },
  });
  endpoint = new BoundSipEndpoint(runtime, transports, options);
  return endpoint;
}

class BoundSipEndpoint extends Emitter<EndpointEvents> implements SipEndpoint, ClientLayer, Responder {
  readonly listening: readonly Listening[];
  readonly router: Router;
  readonly #transports: Transports;
  readonly #identity: Identity;
  readonly #layer: TransactionLayer;
  readonly #driver: Driver;
  readonly #product: string;
  #isClosed = false;

  constructor(runtime: Runtime, transports: Transports, options: EndpointOptions) {
    super();
    const { product } = options;
    this.listening = transports.listening;
    this.#product = product;
    this.#transports = transports;
    this.#identity = new Identity(runtime, transports.listening, options);
    this.#layer = new TransactionLayer(options);
    this.#driver = new Driver(runtime, this.#layer, () => this.#drain());
    const random = runtime.random.fork('sip-endpoint');
    const resolver = new Resolver({
      network: runtime.network,
      random,
      canReach: (protocol, family) => canReach(transports, protocol, family),
    });
    const tcpInstead = new TcpInstead(runtime, transports);
    this.router = new Router({ random, transports, identity: this.#identity, resolver, tcpInstead, product });
  }

  get counters(): EndpointCounters {
    return { ...this.#transports.counters, ...this.#layer.counters };
  }

  get transactionCount(): number {
    return this.#layer.size;
  }

  send(request: SipRequest, handlers: ClientHandlers, options: SendOptions = {}): ClientTransaction {
    const transaction = new OutgoingTransaction(this, request, handlers);
    if (!this.#isClosed) transaction.start(options.flow);
    return transaction;
  }

  sendAck(ack: SipRequest, options: SendOptions = {}): void {
    const routes = this.router.routesFor(ack, options.flow);
    const dispatch = ([route]: Awaited<typeof routes>) => {
      if (!route) return;
      this.router.prepare(ack, route, (prepared) => {
        if (prepared && !this.#isClosed) this.#transports.send(prepared.bytes, prepared.flow);
      });
    };
    if ('then' in routes) routes.then(dispatch);
    else dispatch(routes);
  }

  resend(transaction: ServerTransaction, response: SipResponse): void {
    transaction.respond(response);
  }

  sendNonSip(bytes: Uint8Array, flow: Flow): boolean {
    return !this.#isClosed && this.#transports.sendNonSip(bytes, flow);
  }

  ping(flow: Flow): boolean {
    return !this.#isClosed && this.#transports.ping(flow);
  }

  drop(flow: Flow): void {
    if (!this.#isClosed) this.#transports.drop(flow);
  }

  contactFor(peer: Flow | Endpoint, user: string | undefined): NameAddr {
    return this.#identity.contactFor(peer, user);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#driver.close();
    this.#layer.close();
    this.#transports.close();
  }

  start(prepared: PreparedRequest, user: ClientUser): ClientRecord {
    return this.#driver.run((now) => this.#layer.send(now, { ...prepared, user }));
  }

  cancel(record: ClientRecord, headers: readonly HeaderField[]): void {
    this.#driver.run((now) => this.#layer.cancel(now, record, headers));
  }

  respond(record: ServerRecord, response: SipResponse): void {
    if (this.#isClosed) return;
    this.#driver.run((now) => this.#layer.respond(now, record, this.#signed(response)));
  }

  respondAndForget(record: ServerRecord, response: SipResponse): void {
    if (this.#isClosed) return;
    this.#driver.run(() => this.#layer.respondAndForget(record, this.#signed(response)));
  }

  handleRequest(request: SipRequest, flow: Flow): void {
    if (!this.#isClosed) this.#driver.run((now) => this.#layer.handleRequest(now, request, flow));
  }

  handleResponse(response: SipResponse, flow: Flow): void {
    if (!this.#isClosed) this.#driver.run((now) => this.#layer.handleResponse(now, response, flow));
  }

  handleFlowLost(flow: Flow): void {
    const { connectionId } = flow;
    if (this.#isClosed || connectionId === undefined) return;
    this.#driver.run((now) => this.#layer.handleConnectionLost(now, connectionId));
    this.emit('flowLost', flow);
  }

  isOurSentBy(host: string): boolean {
    return this.#identity.isOurSentBy(host);
  }

  /** RFC 3261 §20.35. */
  #signed(response: SipResponse): SipResponse {
    if (response.status === 100 || response.header('Server') !== undefined) return response;
    return response.with({ append: [['Server', this.#product]] });
  }

  /** Carries out the layer's outputs. What its user does meanwhile adds more, which this same loop takes. */
  #drain(): void {
    const { outputs } = this.#layer;
    for (let index = 0; index < outputs.length; index += 1) {
      const output = outputs[index];
      if (output) this.#deliver(output);
    }
    outputs.length = 0;
  }

  #deliver(output: TransactionOutput): void {
    if (output.kind === 'send') return this.#transmit(output);
    try {
      this.#tell(output);
    } catch (error) {
      // A user that fails must not keep the others from their messages.
      Emitter.onListenerError(error);
    }
  }

  #transmit({ bytes, flow, transaction }: TransactionOutput & { readonly kind: 'send' }): void {
    if (this.#isClosed || this.#transports.send(bytes, flow) || !transaction) return;
    if (transaction instanceof ServerRecord && flow.protocol !== 'udp') this.#respondAnew(bytes, transaction);
    else this.#driver.run((now) => this.#layer.handleTransportError(now, transaction));
  }

  /** RFC 3261 §18.2.2: where its connection is gone, a response goes over another one, to the port of sent-by. */
  #respondAnew(bytes: Uint8Array, record: ServerRecord): void {
    const { protocol, remote } = record.destination;
    const sender = { address: remote.address, port: record.sentByPort };
    const respondOver = (flow: Flow | undefined) => {
      if (this.#isClosed || (flow && this.#transports.send(bytes, flow))) return;
      this.#driver.run((now) => this.#layer.handleTransportError(now, record));
    };
    const open = this.#transports.flowTo(protocol, sender);
    if (open) respondOver(open);
    else this.#transports.connect(sender, respondOver);
  }

  #tell(output: Exclude<TransactionOutput, { readonly kind: 'send' }>): void {
    switch (output.kind) {
      case 'request':
        return this.#passRequest(output.request, output.flow, output.transaction);
      case 'response':
        return output.user.handleResponse(output.response, output.flow);
      case 'ack':
        this.emit('ack', output);
        return;
      case 'stray2xx':
        this.emit('stray2xx', output);
        return;
      case 'cancel':
        return output.user.handleCancel(output.request);
      case 'failure':
        return output.user.handleFailure(output.reason);
    }
  }

  #passRequest(request: SipRequest, flow: Flow, record: ServerRecord): void {
    const transaction = new IncomingTransaction(request, flow, { record, responder: this });
    record.user = transaction;
    if (!this.emit('request', transaction)) transaction.respond(createResponse(request, 480));
  }
}
