// What both directions of a session have in common: its dialog, requests within it, and its end.
import { Emitter } from '../../core/index.ts';
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
import { Offers } from './offers.ts';
import { armSessionTimer, type SessionExpires } from './session-refresh.ts';
import { SessionTimers } from './timers.ts';
import type {
  Credentials,
  InDialogResult,
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

export abstract class SessionBase extends Emitter<SessionEvents> implements Session {
  abstract readonly direction: 'incoming' | 'outgoing';
  readonly callId: string;
  readonly local: NameAddr;
  readonly remote: NameAddr;
  readonly timers: SessionTimers<string>;
  readonly host: SessionHost;
  readonly flow: Flow | undefined;
  readonly credentials: Credentials | undefined;
  readonly client: InDialogClient;
  readonly offers: Offers;
  invite: SipRequest;
  /** The confirmed dialog, or the early one of an incoming session. */
  dialog: Dialog | undefined;
  protected currentState: SessionState;
  protected acceptance: Acceptance | undefined;
  #agreed: SessionExpires | undefined;

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
    this.timers = new SessionTimers(parts.host.runtime);
    this.client = new InDialogClient(this);
    this.offers = new Offers(this);
  }

  get state(): SessionState {
    return this.currentState;
  }

  abstract end(options?: { readonly status?: number; readonly headers?: readonly HeaderField[] }): void;

  offer(sdp: string, headers?: readonly HeaderField[]): Promise<InDialogResult> {
    return this.offers.send(sdp, headers);
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
    return this.host.endpoint.contactFor(this.flow ?? this.peerAddress(), user);
  }

  /** Requests of the peer within the dialog. */
  handleRequest(transaction: ServerTransaction): void {
    const { request } = transaction;
    if (!this.dialog || this.currentState === 'terminated') return respond(transaction, 481);
    // RFC 3261 §12.2.2.
    if (!this.dialog.acceptSequence(request)) return respond(transaction, 500);
    switch (request.method) {
      case 'BYE':
        return this.#handleBye(transaction);
      case 'INVITE':
      case 'UPDATE':
        return this.offers.handleRequest(transaction);
      case 'PRACK':
        return this.handlePrack(transaction);
      default:
        return this.#passRequest(transaction);
    }
  }

  /** An ACK within the dialog. */
  handleAck(ack: SipRequest): void {
    if (this.acceptance?.sequenceNumber !== ack.cseq.sequenceNumber) return;
    this.acceptance.stop();
    this.acceptance = undefined;
    this.offers.handleAck(sdpOf(ack));
    this.emit('acknowledged', { sdp: sdpOf(ack) });
  }

  /** The peer has our 2xx, by whatever sign: its ACK is not waited for any longer. */
  assumeAcknowledged(): void {
    this.acceptance?.stop();
    this.acceptance = undefined;
  }

  /** Sends a 2xx to INVITE and repeats it until its ACK. */
  acceptInvite(transaction: ServerTransaction, response: SipResponse): void {
    transaction.respond(response);
    this.acceptance?.stop();
    this.acceptance = new Acceptance(
      { endpoint: this.host.endpoint, transaction, response, timers: this.timers },
      () => {
        // RFC 3261 §13.3.1.4: nobody is there any more; the session ends with BYE.
        this.sendBye();
        this.finish({ by: 'timeout', status: undefined, reason: 'no ACK came', message: undefined });
      },
    );
  }

  /** Takes over what both sides agreed on about session timers. */
  agreeSessionTimer(agreed: SessionExpires | undefined, weAre: 'uac' | 'uas'): void {
    this.#agreed = agreed;
    if (!agreed || agreed.seconds === 0) return;
    armSessionTimer(
      this.timers,
      { seconds: agreed.seconds, weRefresh: agreed.refresher === weAre },
      {
        refresh: () => void this.offers.refresh(),
        expire: () => {
          this.sendBye([['Reason', 'SIP;cause=408;text="Session timer expired"']]);
          this.finish({
            by: 'timeout',
            status: undefined,
            reason: 'the session timer ran out',
            message: undefined,
          });
        },
      },
    );
  }

  get sessionExpires(): SessionExpires | undefined {
    return this.#agreed;
  }

  sendBye(headers: readonly HeaderField[] = []): void {
    if (this.dialog) void this.client.request('BYE', { headers });
  }

  /** The session is over: once, and last. */
  finish(end: SessionEnd): void {
    if (this.currentState === 'terminated') return;
    this.currentState = 'terminated';
    this.timers.clearAll();
    this.offers.close();
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

  protected abstract handlePrack(transaction: ServerTransaction): void;
  protected abstract peerAddress(): { readonly address: string; readonly port: number };

  #handleBye(transaction: ServerTransaction): void {
    respond(transaction, 200);
    const { request } = transaction;
    this.byeReceived();
    const reason = request.header('Reason') ?? 'the peer hung up';
    this.finish({ by: 'remote', status: undefined, reason, message: request });
  }

  /** What is left to answer when the peer hangs up (RFC 3261 §15.1.2). */
  protected byeReceived(): void {}

  #passRequest(transaction: ServerTransaction): void {
    const { request } = transaction;
    if (request.method === 'OPTIONS') return respond(transaction, 200, { headers: [['Allow', ALLOW]] });
    let isAnswered = false;
    const wasHeard = this.emit('request', {
      request,
      respond: (status, options) => {
        if (isAnswered) return;
        isAnswered = true;
        respond(transaction, status, options);
      },
    });
    // RFC 6665 §4.1.3: an event nobody asked for.
    if (!wasHeard)
      respond(transaction, request.method === 'NOTIFY' ? 489 : 405, { headers: [['Allow', ALLOW]] });
  }
}

/** Answers a request of the peer. */
export function respond(transaction: ServerTransaction, status: number, options: ResponseOptions = {}): void {
  const { body, headers, reason } = options;
  const contentType = body === undefined ? undefined : (options.contentType ?? SDP_TYPE);
  transaction.respond(createResponse(transaction.request, status, { body, headers, reason, contentType }));
}
