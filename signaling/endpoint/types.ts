// The SIP endpoint: transports and transactions under one roof, driven by a runtime. No dialogs here.
import type { Emitter, Endpoint } from '../../core/index.ts';
import type { NameAddr, SipRequest, SipResponse } from '../message/index.ts';
import type { Flow, TransportProtocol } from '../transport/types.ts';

export interface ListenOptions {
  readonly protocol: TransportProtocol;
  /** Numeric; `0.0.0.0` and `::` mean every interface. */
  readonly address: string;
  readonly port: number;
}

export interface EndpointOptions {
  readonly listen: readonly ListenOptions[];
  /** Value of User-Agent in requests and Server in responses. */
  readonly product: string;
  /**
   * Host in Via and Contact instead of the local address: a public name or address, for everybody or for the peer at
   * an address. Undefined: the local address.
   */
  readonly advertisedHost?: string | ((peer: string) => string | undefined);
  /**
   * Where the far end of a flow reaches us, where that is not where we listen: the mapping of a NAT. It goes into Contact
   * alone; in Via `rport` does the same (RFC 3581). Undefined: as above.
   */
  readonly contactAt?: (flow: Flow) => Endpoint | undefined;
  /** Server transactions that may live at once; more requests are refused with 503 and Retry-After. */
  readonly maxServerTransactions?: number;
  /** Takes datagrams on the SIP port that are no SIP, such as STUN (RFC 7983). Without it they are dropped. */
  readonly onNonSip?: (bytes: Uint8Array, flow: Flow) => void;
}

/** A request from the network, with its server transaction (RFC 3261 §17.2). Not made for ACK to a 2xx. */
export interface ServerTransaction {
  readonly request: SipRequest;
  readonly flow: Flow;
  /** Whether a final response was sent, or nobody can be answered any more. */
  readonly isFinished: boolean;
  respond(response: SipResponse): void;
  /**
   * Sends a final response and forgets the transaction at once (RFC 3261 §8.2.7): a retransmission comes as a new
   * request. For answers that can be given again and alike, such as challenges; then they cost no memory.
   */
  respondAndForget(response: SipResponse): void;
  /** A matching CANCEL came (INVITE only); the CANCEL itself is already answered with 200. */
  onCancel: ((cancel: SipRequest) => void) | undefined;
  /** No final response can be delivered any more: transport error, or timer H. */
  onFailure: ((reason: 'timeout' | 'transport') => void) | undefined;
}

/** A request of ours under way (RFC 3261 §17.1). */
export interface ClientTransaction {
  /** As sent, with its Via. */
  readonly request: SipRequest;
  /** Sends CANCEL as soon as §9.1 allows it; INVITE only. Harmless after a final response. */
  cancel(headers?: readonly import('../message/index.ts').HeaderField[]): void;
}

export interface ClientHandlers {
  /** Every response but 100, in order. For INVITE also each further 2xx of a fork, until the transaction ends. */
  onResponse(response: SipResponse, flow: Flow): void;
  /** No final response will come. */
  onFailure(reason: 'timeout' | 'transport' | 'unresolvable'): void;
}

export interface SendOptions {
  /** Send over this flow; otherwise the topmost Route, or the Request-URI, is resolved (RFC 3263). */
  readonly flow?: Flow | undefined;
}

export interface EndpointEvents {
  /** A new request other than ACK and CANCEL. Retransmissions and merged requests (482) never get here. */
  request: ServerTransaction;
  /** An ACK that belongs to a 2xx: the dialog's business. */
  ack: { readonly request: SipRequest; readonly flow: Flow };
  /** A 2xx to an INVITE whose transaction is gone (a late fork, or a retransmission): the dialog must ACK it again. */
  stray2xx: { readonly response: SipResponse; readonly flow: Flow };
  /** A connection was lost: bindings over this flow are dead. */
  flowLost: Flow;
  /** A keep-alive of ours over a connection was answered (RFC 5626 §3.5.1). */
  pong: Flow;
  /** A datagram of a peer that only keeps the mapping of its NAT alive (RFC 5626 §3.5). */
  keepAlive: Flow;
  /** A datagram that is no SIP came to the SIP port, where the options name nobody who takes it. Its bytes may be reused. */
  nonSip: { readonly bytes: Uint8Array; readonly flow: Flow };
}

/** Counters by name: `received`, `sent`, `malformed`, `retransmitted`, `merged`, `unmatched` … */
export type EndpointCounters = Readonly<Record<string, number>>;

export interface SipEndpoint extends Emitter<EndpointEvents> {
  /** The bound sockets: real ports, also where 0 was asked for. */
  readonly listening: readonly { readonly protocol: TransportProtocol; readonly local: Endpoint }[];
  readonly counters: EndpointCounters;
  /** Transactions that live: 0 when all is quiet. */
  readonly transactionCount: number;
  /** Starts a client transaction. Adds Via, and Max-Forwards 70 and User-Agent where missing. */
  send(request: SipRequest, handlers: ClientHandlers, options?: SendOptions): ClientTransaction;
  /** Sends a request that has no transaction: ACK to a 2xx. */
  sendAck(ack: SipRequest, options?: SendOptions): void;
  /** Resends a response outside its transaction: 2xx to INVITE until its ACK (RFC 6026 §7.1). */
  resend(transaction: ServerTransaction, response: SipResponse): void;
  /** Sends a datagram that is no SIP, such as STUN, from the SIP port. @returns false where it certainly did not leave */
  sendNonSip(bytes: Uint8Array, flow: Flow): boolean;
  /** Sends a keep-alive over a connection: CRLFCRLF. @returns false where the connection is gone */
  ping(flow: Flow): boolean;
  /** Drops a connection that is known to lead nowhere any more: `flowLost` follows. */
  drop(flow: Flow): void;
  /**
   * The Contact by which the peer at the far end of the flow (or at the given address) reaches us. The address may be a
   * host name: then it is for requests alone, and becomes true when they leave.
   */
  contactFor(peer: Flow | Endpoint, user: string | undefined): NameAddr;
  /** Closes the sockets; transactions under way end in silence. */
  close(): void;
}

export type OpenSipEndpoint = (
  runtime: import('../../core/index.ts').Runtime,
  options: EndpointOptions,
) => Promise<SipEndpoint>;
