// Offers of the peer within a dialog: re-INVITE, UPDATE and PRACK (RFC 3261 §14.2, RFC 3311 §5.2).
import type { Dialog } from '../dialog/index.ts';
import type { ServerTransaction } from '../endpoint/types.ts';
import {
  createResponse,
  formatNameAddr,
  type HeaderField,
  type SipMessage,
  type SipResponse,
} from '../message/index.ts';
import { sdpOf } from './body.ts';
import { ALLOW, SDP_TYPE } from './constants.ts';
import { Exchange } from './exchange.ts';
import { respond, type SessionBase } from './session-base.ts';
import { agreeAsServer, isTooShort, MIN_SE_SECONDS } from './session-refresh.ts';

export class Offers {
  /** Our last description, repeated by a refresh. */
  lastLocalSdp: string | undefined;
  readonly exchange = new Exchange();
  readonly #session: SessionBase;
  #peerAllowsUpdate = false;
  #peerAllowsInfo = false;
  /** Refuses the offer that waits for its answer. */
  #refusePending: (() => void) | undefined;

  constructor(session: SessionBase) {
    this.#session = session;
  }

  /** RFC 3311 §5.1. */
  get peerAllowsUpdate(): boolean {
    return this.#peerAllowsUpdate;
  }

  /** RFC 3261 §20.5. */
  get peerAllowsInfo(): boolean {
    return this.#peerAllowsInfo;
  }

  /** Learns from Allow whether UPDATE and INFO may be used. */
  notePeer(message: SipMessage): void {
    const allowed = message.headerValues('Allow');
    if (allowed.length === 0) return;
    this.#peerAllowsUpdate = allowed.includes('UPDATE');
    this.#peerAllowsInfo = allowed.includes('INFO');
  }

  noteUpdateRefused(): void {
    this.#peerAllowsUpdate = false;
  }

  /** RFC 3261 §15.1.2: what is still open is answered with 487. */
  close(): void {
    this.#refusePending?.();
    this.exchange.release();
  }

  /** A re-INVITE or UPDATE of the peer. */
  handleRequest(transaction: ServerTransaction, dialog: Dialog): void {
    const { request } = transaction;
    const sdp = sdpOf(request);
    this.notePeer(request);
    if (isTooShort(request)) {
      return respond(transaction, 422, { headers: [['Min-SE', String(MIN_SE_SECONDS)]] });
    }
    if (request.method === 'UPDATE' && sdp === undefined) return this.#answerRefresh(transaction, dialog);
    this.handleOffer(transaction, dialog, sdp);
  }

  /** Passes an offer to the session's owner, or refuses it where it comes at the wrong time. */
  handleOffer(transaction: ServerTransaction, dialog: Dialog, sdp: string | undefined): void {
    const action = this.exchange.handle('remoteOffer');
    if (action === 'pending') return respond(transaction, 491);
    if (action === 'overlap') {
      const seconds = Math.floor(this.#session.host.runtime.random.float() * 10);
      return respond(transaction, 500, { headers: [['Retry-After', String(seconds)]] });
    }
    this.#session.confirmReceipt();
    this.#passOffer(transaction, dialog, sdp);
  }

  #answerRefresh(transaction: ServerTransaction, dialog: Dialog): void {
    dialog.refreshTarget(transaction.request);
    transaction.respond(this.#success(transaction, undefined));
  }

  #passOffer(transaction: ServerTransaction, dialog: Dialog, sdp: string | undefined): void {
    let isAnswered = false;
    const once = (answer: () => void) => {
      if (isAnswered) return;
      isAnswered = true;
      this.#refusePending = undefined;
      this.#session.host.guard(this.#session, answer);
    };
    const refuse = (status: number, headers: readonly HeaderField[] = []) => {
      respond(transaction, status, { headers });
      this.exchange.handle('refused');
    };
    this.#refusePending = () => once(() => refuse(487));
    // RFC 3261 §9.2: a CANCEL ends the re-INVITE, not the session.
    transaction.onCancel = () => once(() => refuse(487));
    transaction.onFailure = () => once(() => this.exchange.handle('refused'));
    const wasHeard = this.#session.emit('offer', {
      sdp,
      method: transaction.request.method === 'INVITE' ? 'INVITE' : 'UPDATE',
      answer: (ours) => once(() => this.#accept(transaction, dialog, ours)),
      reject: (status, headers) => once(() => refuse(status, headers)),
    });
    if (!wasHeard) once(() => refuse(488));
  }

  #accept(transaction: ServerTransaction, dialog: Dialog, sdp: string): void {
    const { request } = transaction;
    this.lastLocalSdp = sdp;
    dialog.refreshTarget(request);
    const response = this.#success(transaction, sdp);
    if (request.method === 'INVITE') {
      this.#session.acceptInvite(transaction, response);
      this.exchange.handle(sdpOf(request) === undefined ? 'offeredInvite' : 'answeredInvite');
      return;
    }
    transaction.respond(response);
    this.exchange.handle('answered');
  }

  #success(transaction: ServerTransaction, sdp: string | undefined): SipResponse {
    const { request } = transaction;
    const { host, contact } = this.#session;
    const headers: HeaderField[] = [
      ['Contact', formatNameAddr(contact)],
      ['Allow', ALLOW],
    ];
    // RFC 4028 §3: PRACK refreshes nothing.
    if (request.method !== 'PRACK') {
      const timer = agreeAsServer(request, host.sessionExpiresSeconds);
      this.#session.agreeSessionTimer(timer?.agreed, 'uas');
      headers.push(['Supported', 'timer'], ...(timer?.headers ?? []));
    }
    const contentType = sdp === undefined ? undefined : SDP_TYPE;
    return createResponse(request, 200, { headers, body: sdp, contentType });
  }
}
