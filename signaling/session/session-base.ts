// What both directions of a session have in common: its dialog, requests within it, and its end.
import { Emitter, type Endpoint } from '../../core/index.ts';
import type { Dialog } from '../dialog/index.ts';
import type { ServerTransaction } from '../endpoint/types.ts';
import {
  createResponse,
  type HeaderField,
  type NameAddr,
  type SipRequest,
  type SipResponse,
} from '../message/index.ts';
import type { Flow } from '../transport/types.ts';
import { Acceptance } from './acceptance.ts';
import { sdpOf } from './body.ts';
import { ALLOW, SDP_TYPE } from './constants.ts';
import type { SessionHost } from './host.ts';
import { InDialogClient } from './in-dialog-client.ts';
import { judgeInDialog } from './in-dialog-request.ts';
import { LocalOffers } from './local-offers.ts';
import { Offers } from './offers.ts';
import { armSessionTimer, type SessionExpires } from './session-refresh.ts';
import { SessionTimers } from './timers.ts';
import type {
  Credentials,
  InDialogResult,
  LocalOfferOptions,
  ResponseOptions,
  Session,
  SessionEnd,
  SessionEvents,
  SessionState,
} from './types.ts';

export interface SessionParts {
  readonly host: SessionHost;
  readonly invite: SipRequest;
  readonly local: NameAddr;
  readonly remote: NameAddr;
  /** Where requests go instead of by resolving their URI. */
  readonly flow: Flow | undefined;
  readonly credentials?: Credentials | undefined;
}

/** An interval that both sides agreed on (RFC 4028). */
export interface SessionTimer {
  readonly seconds: number;
  readonly weRefresh: boolean;
}

/** Requests of the peer that wait for an answer of the session's owner. */
const MAX_UNANSWERED = 32;

export abstract class SessionBase extends Emitter<SessionEvents> implements Session {
  abstract readonly direction: 'incoming' | 'outgoing';
  readonly callId: string;
  readonly local: NameAddr;
  readonly remote: NameAddr;
  readonly timers: SessionTimers<string>;
  readonly host: SessionHost;
  /** The way of requests within the dialog; undefined where their URI is resolved. */
  flow: Flow | undefined;
  readonly credentials: Credentials | undefined;
  readonly client: InDialogClient;
  readonly offers: Offers;
  readonly #localOffers: LocalOffers;
  readonly #unanswered = new Set<() => void>();
  invite: SipRequest;
  /** The confirmed dialog, or the early one of an incoming session. */
  dialog: Dialog | undefined;
  protected currentState: SessionState;
  protected acceptance: Acceptance | undefined;
  #sessionTimer: SessionTimer | undefined;
  /** Where the last request of the peer came from: what our answers say of us is for there. */
  #heardOver: Flow | undefined;

  constructor(parts: SessionParts, state: SessionState) {
    super();
    this.host = parts.host;
    this.invite = parts.invite;
    this.callId = parts.invite.callId;
    this.local = parts.local;
    this.remote = parts.remote;
    this.flow = parts.flow;
    this.credentials = parts.credentials;
    this.currentState = state;
    this.timers = new SessionTimers(parts.host.scheduler, (work) => parts.host.guard(this, work));
    this.client = new InDialogClient(this);
    this.offers = new Offers(this);
    this.#localOffers = new LocalOffers(this);
  }

  get state(): SessionState {
    return this.currentState;
  }

  get peerAllowsInfo(): boolean {
    return this.offers.peerAllowsInfo;
  }

  abstract end(options?: { readonly status?: number; readonly headers?: readonly HeaderField[] }): void;

  offer(sdp: string, options?: LocalOfferOptions): Promise<InDialogResult> {
    return this.#localOffers.send(sdp, options);
  }

  async request(method: string, options: ResponseOptions = {}): Promise<InDialogResult> {
    const { headers, body } = options;
    const contentType = options.contentType ?? (body === undefined ? undefined : SDP_TYPE);
    return this.client.request(method, { headers, body, contentType });
  }

  /** Our Contact, in every message that may set the peer's remote target. */
  get contact(): NameAddr {
    const user =
      this.local.uri.scheme === 'sip' || this.local.uri.scheme === 'sips' ? this.local.uri.user : undefined;
    return this.host.endpoint.contactFor(this.flow ?? this.#heardOver ?? this.contactPeer(), user);
  }

  /** Requests of the peer within one of the session's dialogs. */
  handleRequest(transaction: ServerTransaction, dialog: Dialog): void {
    const { request, flow } = transaction;
    this.#heardOver = flow;
    if (this.currentState === 'terminated') return respond(transaction, 481);
    const refusal = judgeInDialog(request, this.host.supportedOptions);
    if (refusal) return respond(transaction, refusal.status, refusal.options);
    // RFC 3261 §12.2.2.
    if (!dialog.acceptSequence(request)) return respond(transaction, 500);
    // A phone that comes over a new connection or from a new NAT binding is answered there.
    if (this.flow && request.vias.length === 1) this.flow = flow;
    switch (request.method) {
      case 'BYE':
        return this.#handleBye(transaction, dialog);
      case 'INVITE':
      case 'UPDATE':
        return this.offers.handleRequest(transaction, dialog);
      case 'PRACK':
        return this.handlePrack(transaction, dialog);
      default:
        return this.#passRequest(transaction);
    }
  }

  /** An ACK within the dialog. */
  handleAck(ack: SipRequest): void {
    if (this.acceptance?.sequenceNumber === ack.cseq.sequenceNumber) this.confirmReceipt(sdpOf(ack));
  }

  /** The peer has our 2xx: its ACK says so, or what it does next. */
  confirmReceipt(sdp?: string): void {
    if (!this.acceptance) return;
    this.acceptance.stop();
    this.acceptance = undefined;
    this.offers.exchange.handle('acknowledged');
    this.emit('acknowledged', { sdp });
  }

  /** A 2xx to an INVITE whose transaction is gone: our ACK was lost (RFC 3261 §13.2.2.4). */
  handleStraySuccess(response: SipResponse): void {
    this.acknowledgeInvite(response.cseq.sequenceNumber);
  }

  /** Sends the ACK to a 2xx. */
  acknowledgeInvite(sequenceNumber: number): void {
    if (this.dialog) this.host.endpoint.sendAck(this.dialog.ack(sequenceNumber), { flow: this.flow });
  }

  /** Sends a 2xx to INVITE and repeats it until its ACK. */
  acceptInvite(transaction: ServerTransaction, response: SipResponse): void {
    transaction.respond(response);
    this.acceptance?.stop();
    this.acceptance = new Acceptance(
      { endpoint: this.host.endpoint, transaction, response, timers: this.timers },
      // RFC 3261 §13.3.1.4: nobody is there any more; the session ends with BYE.
      () => this.abandon('no ACK came'),
    );
  }

  /** Takes over what both sides agreed on about session timers; undefined where the session does not expire. */
  agreeSessionTimer(agreed: SessionExpires | undefined, weAre: 'uac' | 'uas'): void {
    if (this.currentState === 'terminated') return;
    this.#sessionTimer = agreed && { seconds: agreed.seconds, weRefresh: agreed.refresher === weAre };
    armSessionTimer(this.timers, this.#sessionTimer, {
      refresh: () => void this.#localOffers.refresh(),
      expire: () => this.abandon('the session timer ran out'),
    });
  }

  get sessionTimer(): SessionTimer | undefined {
    return this.#sessionTimer;
  }

  /** Ends a session whose peer is not there any more, with a BYE in case it is. */
  abandon(reason: string, message?: SipResponse): void {
    if (this.currentState === 'terminated') return;
    this.sendBye([['Reason', `SIP;cause=408;text="${reason}"`]]);
    this.finish({ by: 'timeout', status: undefined, reason, message });
  }

  sendBye(headers: readonly HeaderField[] = []): void {
    if (this.dialog) void this.client.request('BYE', { headers });
  }

  /** Our own fault ends this session, and leaves the peer with an answer. */
  fail(): void {
    if (this.currentState === 'confirmed') this.sendBye();
    this.finish({ by: 'error', status: 500, reason: 'an error of ours', message: undefined });
  }

  /** Leaves no INVITE without a final response, whatever ended the session. */
  protected abstract settleInvite(): void;

  /** The session is over: once, and last. */
  finish(end: SessionEnd): void {
    if (this.currentState === 'terminated') return;
    this.currentState = 'terminated';
    this.settleInvite();
    this.timers.clearAll();
    this.offers.close();
    this.#localOffers.close();
    this.client.close();
    // RFC 3261 §15.1.2: requests that are still open are answered all the same.
    for (const refuse of [...this.#unanswered]) refuse();
    if (this.dialog) {
      this.dialog.state = 'terminated';
      this.host.dialogs.remove(this.dialog);
    }
    this.host.forget(this);
    this.emit('ended', end);
  }

  protected adoptDialog(dialog: Dialog): void {
    this.dialog = dialog;
    this.host.dialogs.add(dialog, this);
  }

  protected abstract handlePrack(transaction: ServerTransaction, dialog: Dialog): void;
  /** Where the peer is, as far as it is known. */
  protected abstract contactPeer(): Flow | Endpoint;

  #handleBye(transaction: ServerTransaction, dialog: Dialog): void {
    respond(transaction, 200);
    const { request } = transaction;
    if (!this.byeReceived(dialog)) return;
    const reason = request.header('Reason') ?? 'the peer hung up';
    this.finish({ by: 'remote', status: undefined, reason, message: request });
  }

  /** What is left to do when the peer hangs up a dialog. @returns whether the session is over with it */
  protected abstract byeReceived(dialog: Dialog): boolean;

  #passRequest(transaction: ServerTransaction): void {
    const { request } = transaction;
    const allow = [['Allow', ALLOW]] as const;
    if (request.method === 'OPTIONS') return respond(transaction, 200, { headers: allow });
    if (this.#unanswered.size >= MAX_UNANSWERED) return respond(transaction, 503);
    const once = (status: number, options?: ResponseOptions) => {
      if (this.#unanswered.delete(refuse)) respond(transaction, status, options);
    };
    const refuse = () => once(487);
    this.#unanswered.add(refuse);
    // RFC 6665 §4.1.3: an event nobody asked for.
    if (!this.emit('request', { request, respond: once })) {
      once(request.method === 'NOTIFY' ? 489 : 405, { headers: allow });
    }
  }
}

/** Answers a request of the peer. */
export function respond(transaction: ServerTransaction, status: number, options: ResponseOptions = {}): void {
  const { body, headers, reason } = options;
  const contentType = body === undefined ? undefined : (options.contentType ?? SDP_TYPE);
  transaction.respond(createResponse(transaction.request, status, { body, headers, reason, contentType }));
}
