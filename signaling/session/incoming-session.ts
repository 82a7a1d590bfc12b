// A session that the peer opened: the server side of INVITE (RFC 3261 §13.3).
import { Dialog } from '../dialog/index.ts';
import type { ServerTransaction } from '../endpoint/types.ts';
import {
  createResponse,
  formatNameAddr,
  type HeaderField,
  type SipResponse,
  withParameter,
} from '../message/index.ts';
import { hasOption, sdpOf } from './body.ts';
import { ALLOW, SDP_TYPE } from './constants.ts';
import type { SessionHost } from './host.ts';
import { ReliableProvisionals } from './reliable-provisionals.ts';
import { respond, SessionBase } from './session-base.ts';
import { agreeAsServer } from './session-refresh.ts';
import type { IncomingSession, ResponseOptions } from './types.ts';

/** Made by the user agent for each INVITE that passed its screen. */
export class IncomingInvite extends SessionBase implements IncomingSession {
  readonly direction = 'incoming';
  readonly offerSdp: string | undefined;
  readonly #transaction: ServerTransaction;
  readonly #localTag: string;
  readonly #reliable: ReliableProvisionals;
  #hasAccepted = false;

  constructor(host: SessionHost, transaction: ServerTransaction) {
    const { request, flow } = transaction;
    const localTag = host.runtime.random.token(12);
    super(
      {
        host,
        invite: request,
        local: withParameter(request.to, 'tag', localTag),
        remote: request.from,
        flow,
      },
      'proceeding',
    );
    this.#transaction = transaction;
    this.#localTag = localTag;
    this.offerSdp = sdpOf(request);
    this.offers.notePeer(request);
    this.adoptDialog(Dialog.ofServer(request, localTag));
    this.#reliable = new ReliableProvisionals(
      { transaction, timers: this.timers, firstRseq: 1 + (host.runtime.random.uint32() >>> 8) },
      // RFC 3262 §3.
      () => this.reject(504),
    );
    transaction.onCancel = (cancel) => this.#handleCancel(cancel);
    transaction.onFailure = (reason) => {
      if (this.#hasAccepted) return;
      this.finish({
        by: reason,
        status: 408,
        reason: 'the answer could not be delivered',
        message: undefined,
      });
    };
  }

  progress(status: number, options: ResponseOptions & { readonly sdp?: string } = {}): void {
    if (this.#isAnswered) return;
    const { sdp } = options;
    const asked = hasOption(this.invite, 'Require', '100rel');
    const offered = hasOption(this.invite, 'Supported', '100rel') && sdp !== undefined;
    // RFC 3262 §3: 100 is never reliable.
    if (status > 100 && (asked || offered)) {
      this.#reliable.send((rseq) =>
        this.#response(status, options, sdp, [
          ['Require', '100rel'],
          ['RSeq', String(rseq)],
        ]),
      );
    } else {
      this.#transaction.respond(this.#response(status, options, sdp));
    }
    this.currentState = 'early';
  }

  accept(options: ResponseOptions & { readonly sdp: string }): void {
    if (this.#isAnswered) return;
    this.#hasAccepted = true;
    this.#reliable.afterAcknowledged(() => this.#accept(options));
  }

  reject(status: number, options: ResponseOptions = {}): void {
    if (this.#isAnswered) return;
    this.#reliable.stop();
    const response = createResponse(this.invite, status, {
      toTag: this.#localTag,
      reason: options.reason,
      headers: options.headers,
      body: options.body,
      contentType: options.contentType,
    });
    this.#transaction.respond(response);
    this.finish({ by: 'local', status, reason: response.reason, message: response });
  }

  end(options: { readonly status?: number; readonly headers?: readonly HeaderField[] } = {}): void {
    if (this.currentState === 'terminated') return;
    const { status = 480, headers } = options;
    if (!this.#hasAccepted) return this.reject(status, headers ? { headers } : {});
    this.#hangUp(headers);
  }

  get #isAnswered(): boolean {
    return this.#hasAccepted || this.currentState === 'terminated';
  }

  #accept(options: ResponseOptions & { readonly sdp: string }): void {
    if (this.currentState === 'terminated') return;
    this.currentState = 'confirmed';
    if (this.dialog) this.dialog.state = 'confirmed';
    const timer = agreeAsServer(this.invite);
    this.offers.lastLocalSdp = options.sdp;
    const headers: HeaderField[] = [['Supported', 'timer, 100rel'], ...(timer?.headers ?? [])];
    this.acceptInvite(this.#transaction, this.#response(200, options, options.sdp, headers));
    if (timer) this.agreeSessionTimer(timer.agreed, 'uas');
    this.emit('accepted', { sdp: options.sdp, response: undefined });
  }

  /** RFC 3261 §15: BYE by the callee waits for the ACK, or for its time-out. */
  #hangUp(headers: readonly HeaderField[] | undefined): void {
    const bye = () => {
      this.sendBye(headers);
      this.finish({ by: 'local', status: undefined, reason: 'hung up here', message: undefined });
    };
    if (!this.acceptance) return bye();
    this.once('acknowledged', bye);
  }

  #handleCancel(cancel: Parameters<NonNullable<ServerTransaction['onCancel']>>[0]): void {
    // RFC 3261 §9.2: after a final response CANCEL has no effect.
    if (this.#isAnswered) return;
    this.#reliable.stop();
    this.#transaction.respond(createResponse(this.invite, 487, { toTag: this.#localTag }));
    this.finish({ by: 'remote', status: 487, reason: 'the caller hung up', message: cancel });
  }

  /** RFC 3261 §15.1.2: an early dialog that is hung up with BYE still owes its INVITE an answer. */
  protected override byeReceived(): void {
    if (this.#hasAccepted) return;
    this.#reliable.stop();
    this.#transaction.respond(createResponse(this.invite, 487, { toTag: this.#localTag }));
  }

  protected override handlePrack(transaction: ServerTransaction): void {
    respond(transaction, this.#reliable.handlePrack(transaction.request) ? 200 : 481);
  }

  protected override peerAddress(): { readonly address: string; readonly port: number } {
    return this.#transaction.flow.remote;
  }

  #response(
    status: number,
    options: ResponseOptions,
    sdp: string | undefined,
    more: readonly HeaderField[] = [],
  ): SipResponse {
    const body = sdp ?? options.body;
    return createResponse(this.invite, status, {
      toTag: this.#localTag,
      reason: options.reason,
      headers: [
        ['Contact', formatNameAddr(this.contact)],
        ['Allow', ALLOW],
        ...more,
        ...(options.headers ?? []),
      ],
      body,
      contentType: body === undefined ? undefined : (options.contentType ?? SDP_TYPE),
    });
  }
}
