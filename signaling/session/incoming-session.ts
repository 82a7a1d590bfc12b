// A session that the peer opened: the server side of INVITE (RFC 3261 §13.3).
import { Dialog } from '../dialog/index.ts';
import type { ServerTransaction } from '../endpoint/types.ts';
import {
  createResponse,
  formatNameAddr,
  type HeaderField,
  type SipRequest,
  type SipResponse,
  withParameter,
} from '../message/index.ts';
import type { Flow } from '../transport/types.ts';
import { hasOption, sdpOf } from './body.ts';
import { ALLOW, MAX_FORKS, SDP_TYPE } from './constants.ts';
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
  /** RFC 3261 §12.1.1: of the dialog in which we respond now. */
  #localTag: string;
  /** Early dialogs of forks before this one. */
  readonly #forsaken: Dialog[] = [];
  readonly #reliable: ReliableProvisionals;
  /** `accepting` while a 2xx waits for the PRACK of the answer before it. */
  #decision: 'none' | 'accepting' | 'answered' = 'none';

  constructor(host: SessionHost, transaction: ServerTransaction) {
    const { request, flow } = transaction;
    const localTag = host.runtime.random.token(12);
    super(
      {
        host,
        invite: request,
        local: withParameter(request.to, 'tag', localTag),
        remote: request.from,
        // Without Record-Route, a proxy on the way has no part in the dialog (RFC 3261 §16.6).
        flow: request.vias.length === 1 || request.recordRoutes.length > 0 ? flow : undefined,
      },
      'proceeding',
    );
    this.#transaction = transaction;
    this.#localTag = localTag;
    this.offerSdp = sdpOf(request);
    this.offers.notePeer(request);
    this.offers.exchange.handle('remoteOffer');
    this.adoptDialog(Dialog.ofServer(request, localTag));
    this.#reliable = new ReliableProvisionals(
      { transaction, timers: this.timers, firstRseq: 1 + (host.runtime.random.uint32() >>> 8) },
      () => this.#handleNoPrack(),
    );
    transaction.onCancel = (cancel) => host.guard(this, () => this.#handleCancel(cancel));
    transaction.onFailure = (reason) => host.guard(this, () => this.#handleFailure(reason));
  }

  progress(status: number, options: ResponseOptions & { readonly sdp?: string } = {}): void {
    if (this.#decision !== 'none' || this.currentState === 'terminated') return;
    // RFC 3261 §13.2.1: where the INVITE has no offer, ours goes into the 2xx, and its answer comes with the ACK.
    const sdp = this.offerSdp === undefined ? undefined : options.sdp;
    const asked = hasOption(this.invite, 'Require', '100rel');
    const offered = hasOption(this.invite, 'Supported', '100rel') && sdp !== undefined;
    // RFC 3262 §3: 100 is never reliable.
    if (status > 100 && (asked || offered)) {
      this.#reliable.send({
        make: (rseq) =>
          this.#response(status, options, sdp, [
            ['Require', '100rel'],
            ['RSeq', String(rseq)],
          ]),
        onAcknowledged: () => this.#noteAnswered(sdp),
      });
    } else {
      this.#transaction.respond(this.#response(status, options, sdp));
    }
    this.currentState = 'early';
  }

  fork(): void {
    // In its turn: what was said before belongs to the dialog before.
    this.#reliable.afterAcknowledged(() => this.#fork());
  }

  #fork(): void {
    const { dialog } = this;
    if (!dialog || this.#decision === 'answered' || this.currentState === 'terminated') return;
    if (this.#forsaken.length >= MAX_FORKS) return;
    this.#forsaken.push(dialog);
    this.#localTag = this.host.runtime.random.token(12);
    this.adoptDialog(Dialog.ofServer(this.invite, this.#localTag));
    // Whatever was answered in the dialog before, the offer of the INVITE is open in this one.
    this.offers.exchange.handle('remoteOffer');
  }

  accept(options: ResponseOptions & { readonly sdp: string }): void {
    if (this.#decision !== 'none' || this.currentState === 'terminated') return;
    this.#decision = 'accepting';
    this.#reliable.afterAcknowledged(() => this.#accept(options));
  }

  reject(status: number, options: ResponseOptions = {}): void {
    if (this.#decision === 'none') this.#refuse(status, options);
  }

  end(options: { readonly status?: number; readonly headers?: readonly HeaderField[] } = {}): void {
    if (this.currentState === 'terminated') return;
    const { status = 480, headers = [] } = options;
    if (this.#decision !== 'answered') this.#refuse(status, { headers });
    else this.#hangUp(headers);
  }

  #refuse(status: number, options: ResponseOptions, by: 'local' | 'timeout' = 'local'): void {
    if (this.currentState === 'terminated') return;
    const response = this.#sendFinal(status, options);
    this.finish({ by, status, reason: response.reason, message: response });
  }

  /** A final response other than 2xx. */
  #sendFinal(status: number, { reason, headers, body, contentType }: ResponseOptions = {}): SipResponse {
    this.#decision = 'answered';
    this.#reliable.stop();
    const parts = { toTag: this.#localTag, reason, headers, body, contentType };
    const response = createResponse(this.invite, status, parts);
    this.#transaction.respond(response);
    return response;
  }

  #accept(options: ResponseOptions & { readonly sdp: string }): void {
    if (this.currentState === 'terminated') return;
    this.#decision = 'answered';
    this.currentState = 'confirmed';
    this.#endForsaken();
    if (this.dialog) this.dialog.state = 'confirmed';
    const timer = agreeAsServer(this.invite, this.host.sessionExpiresSeconds);
    this.offers.lastLocalSdp = options.sdp;
    const headers: HeaderField[] = [['Supported', 'timer, 100rel'], ...(timer?.headers ?? [])];
    this.acceptInvite(this.#transaction, this.#response(200, options, options.sdp, headers));
    this.offers.exchange.handle(this.offerSdp === undefined ? 'offeredInvite' : 'answeredInvite');
    this.agreeSessionTimer(timer?.agreed, 'uas');
    this.emit('accepted', { sdp: options.sdp, response: undefined });
  }

  /** The answer is with the caller for certain: from now on either side may offer, by UPDATE. */
  #noteAnswered(sdp: string | undefined): void {
    if (sdp === undefined) return;
    this.offers.lastLocalSdp = sdp;
    this.offers.exchange.handle('answered');
  }

  /** RFC 3261 §15: BYE by the callee waits for the ACK, or for its time-out. */
  #hangUp(headers: readonly HeaderField[]): void {
    const bye = () => {
      // Whoever ends it twice while the ACK is awaited is heard twice.
      if (this.currentState === 'terminated') return;
      this.sendBye(headers);
      this.finish({ by: 'local', status: undefined, reason: 'hung up here', message: undefined });
    };
    if (this.acceptance) this.once('acknowledged', bye);
    else bye();
  }

  #handleCancel(cancel: SipRequest): void {
    // RFC 3261 §9.2: after a final response CANCEL has no effect.
    if (this.#decision === 'answered') return;
    this.#sendFinal(487);
    this.finish({ by: 'remote', status: 487, reason: 'the caller hung up', message: cancel });
  }

  #handleFailure(by: 'timeout' | 'transport'): void {
    // After a 2xx the wait for its ACK decides.
    if (this.#decision === 'answered') return;
    this.#decision = 'answered';
    this.finish({ by, status: 408, reason: 'the answer could not be delivered', message: undefined });
  }

  /** RFC 3262 §3: a 5xx ends the INVITE, also where its 2xx waited for the PRACK. */
  #handleNoPrack(): void {
    if (this.#decision !== 'answered') this.#refuse(504, { reason: 'No PRACK' }, 'timeout');
  }

  /** RFC 3261 §15.1.2: an early dialog that is hung up with BYE still owes its INVITE an answer. */
  protected override byeReceived(dialog: Dialog): boolean {
    if (dialog !== this.dialog) {
      this.host.dialogs.remove(dialog);
      return false;
    }
    if (this.#decision !== 'answered') this.#sendFinal(487);
    return true;
  }

  #endForsaken(): void {
    for (const dialog of this.#forsaken) this.host.dialogs.remove(dialog);
  }

  protected override settleInvite(): void {
    this.#endForsaken();
    if (this.#decision !== 'answered') this.#sendFinal(500);
  }

  protected override handlePrack(transaction: ServerTransaction, dialog: Dialog): void {
    const { request } = transaction;
    if (!this.#reliable.isAcknowledgedBy(request)) return respond(transaction, 481);
    const sdp = sdpOf(request);
    // RFC 3262 §5: once the answer is acknowledged, the PRACK itself may offer anew.
    if (sdp === undefined) respond(transaction, 200);
    this.#reliable.acknowledge();
    if (sdp !== undefined) this.offers.handleOffer(transaction, dialog, sdp);
    this.#reliable.proceed();
  }

  protected override contactPeer(): Flow {
    return this.#transaction.flow;
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
