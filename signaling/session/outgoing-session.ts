// A session that we open: the client side of INVITE (RFC 3261 §13.2), its forks, and its cancellation.
import type { Endpoint } from '../../core/index.ts';
import { Dialog } from '../dialog/index.ts';
import type { ClientTransaction, ServerTransaction } from '../endpoint/types.ts';
import {
  formatCseq,
  formatNameAddr,
  type HeaderField,
  NO_PARAMETERS,
  type SipRequest,
  type SipResponse,
  withParameter,
} from '../message/index.ts';
import type { Flow } from '../transport/types.ts';
import { hasOption, sdpOf } from './body.ts';
import { buildInvite, credentialsOf } from './build-invite.ts';
import { ClientForks, type Fork } from './client-forks.ts';
import { NO_ADDRESS, SDP_TYPE } from './constants.ts';
import type { SessionHost } from './host.ts';
import { LateAnswers } from './late-answers.ts';
import { respond, SessionBase } from './session-base.ts';
import { agreeAsClient, minSeOf, sessionTimerRequest } from './session-refresh.ts';
import type { InviteOptions, OutgoingSession } from './types.ts';

/** INVITEs of one session, with credentials, fresh nonces and longer intervals. */
const MAX_TRIES = 4;

export class OutgoingInvite extends SessionBase implements OutgoingSession {
  readonly direction = 'outgoing';
  readonly #options: InviteOptions;
  readonly #forks = new ClientForks(this);
  #transaction: ClientTransaction | undefined;
  readonly #lateAnswers = new LateAnswers(this);
  #minSeSeconds = 0;
  #tries = 1;
  #isCancelled = false;
  #ackSdp: string | undefined;
  #awaitsAnswer = false;

  constructor(host: SessionHost, options: InviteOptions) {
    const { random } = host.runtime;
    const to = options.to ?? { displayName: undefined, uri: options.target, parameters: NO_PARAMETERS };
    const local = withParameter(options.from, 'tag', random.token(12));
    const invite = buildInvite(options, {
      local,
      to,
      callId: random.token(24),
      sequenceNumber: 1 + (random.uint32() >>> 12),
    });
    const { flow, credentials } = options;
    super({ host, invite, local, remote: to, flow, credentials }, 'calling');
    this.#options = options;
    this.offers.exchange.handle('localOffer');
    this.offers.lastLocalSdp = options.sdp;
    this.invite = this.#withSessionHeaders(invite);
  }

  /** Sends the INVITE; called once by the user agent. */
  start(): void {
    const { flow } = this;
    this.#transaction = this.host.endpoint.send(
      this.invite,
      {
        onResponse: (response) => this.host.guard(this, () => this.#handleResponse(response)),
        onFailure: (reason) => this.host.guard(this, () => this.#handleFailure(reason)),
      },
      { flow },
    );
    if (this.#isCancelled) this.#transaction.cancel();
  }

  acknowledge(sdp: string): void {
    if (!this.#awaitsAnswer) return;
    this.#awaitsAnswer = false;
    this.#ackSdp = sdp;
    this.offers.lastLocalSdp = sdp;
    this.#sendAck();
    this.offers.exchange.handle('answered');
  }

  end(options: { readonly status?: number; readonly headers?: readonly HeaderField[] } = {}): void {
    if (this.currentState === 'terminated') return;
    if (this.currentState === 'confirmed') {
      // RFC 3261 §13.2.2.4: the 2xx is acknowledged in any case.
      if (this.#awaitsAnswer) this.#sendAck();
      this.sendBye(options.headers);
      return this.finish({ by: 'local', status: undefined, reason: 'hung up here', message: undefined });
    }
    if (this.#isCancelled) return;
    this.#isCancelled = true;
    this.#transaction?.cancel(options.headers);
  }

  #handleResponse(response: SipResponse): void {
    const { status } = response;
    if (status < 200) return this.#handleProvisional(response);
    if (status < 300) return this.#handleSuccess(response);
    this.#handleRefusal(response);
  }

  #handleProvisional(response: SipResponse): void {
    if (this.currentState === 'confirmed' || this.currentState === 'terminated') return;
    this.offers.notePeer(response);
    const fork = this.#forkOf(response);
    if (hasOption(response, 'Require', '100rel') && fork && !this.#acknowledgeProvisional(response, fork))
      return;
    this.currentState = fork ? 'early' : 'proceeding';
    const { status, reason } = response;
    this.emit('progress', { status, reason, sdp: sdpOf(response), response, remoteTag: response.toTag });
  }

  #forkOf(response: SipResponse): Fork | undefined {
    const fork = this.#forks.of(response);
    // RFC 3261 §12.1: requests of an early dialog go to the first fork until one is answered.
    this.dialog ??= fork?.dialog;
    return fork;
  }

  /** RFC 3262 §4: in order, once each. @returns whether the response is news */
  #acknowledgeProvisional(response: SipResponse, fork: Fork): boolean {
    const rseq = Number(response.header('RSeq') ?? Number.NaN);
    if (!Number.isInteger(rseq)) return true;
    if (fork.lastRseq !== undefined && rseq !== fork.lastRseq + 1) return false;
    fork.lastRseq = rseq;
    const { sequenceNumber } = this.invite.cseq;
    const headers: HeaderField[] = [['RAck', `${rseq} ${sequenceNumber} INVITE`]];
    void this.client.request('PRACK', { headers }, fork.dialog);
    // RFC 6337 §2.2: an answer that is sure to have arrived ends the exchange; one that is not is a preview.
    if (sdpOf(response) !== undefined && this.#options.sdp !== undefined) {
      fork.earlyAnswer = sdpOf(response);
      this.offers.exchange.handle('localDone');
    }
    return true;
  }

  #handleSuccess(response: SipResponse): void {
    if (this.currentState === 'confirmed' || this.currentState === 'terminated') {
      return this.#handleLateSuccess(response);
    }
    const fork = this.#forkOf(response);
    this.#confirm(fork?.dialog ?? Dialog.ofClient(this.invite, response), response);
    // RFC 6337 §2.1: where the answer came reliably before, the 2xx need not repeat it.
    const sdp = sdpOf(response) ?? fork?.earlyAnswer;
    this.#awaitsAnswer = this.#options.sdp === undefined && sdp !== undefined;
    this.offers.exchange.handle('localDone');
    if (this.#awaitsAnswer) this.offers.exchange.handle('remoteOffer');
    else this.#sendAck();
    this.agreeSessionTimer(agreeAsClient(response), 'uac');
    // RFC 3261 §9.1: the answer crossed our CANCEL.
    if (this.#isCancelled) return this.end();
    this.emit('accepted', { sdp, response });
  }

  #confirm(dialog: Dialog, response: SipResponse): void {
    this.#forks.endAll();
    // RFC 3261 §13.2.2.4: the route set of the 2xx counts, not the one of the early dialog.
    const confirmed = Dialog.ofClient(this.invite, response);
    confirmed.continueFrom(dialog);
    confirmed.state = 'confirmed';
    this.adoptDialog(confirmed);
    this.offers.notePeer(response);
    this.currentState = 'confirmed';
  }

  /** A 2xx that comes again is acknowledged again; one of another fork is acknowledged and hung up (§13.2.2.4). */
  #handleLateSuccess(response: SipResponse): void {
    if (response.toTag === this.dialog?.remoteTag) {
      if (!this.#awaitsAnswer) this.#sendAck();
      return;
    }
    this.#lateAnswers.handle(response);
  }

  override handleStraySuccess(response: SipResponse): void {
    if (response.cseq.sequenceNumber !== this.invite.cseq.sequenceNumber) super.handleStraySuccess(response);
    else if (!this.#awaitsAnswer) this.#sendAck();
  }

  #sendAck(): void {
    const sdp = this.#ackSdp;
    const ack = this.dialog?.ack(this.invite.cseq.sequenceNumber, {
      body: sdp,
      contentType: sdp === undefined ? undefined : SDP_TYPE,
      headers: credentialsOf(this.invite),
    });
    if (ack) this.host.endpoint.sendAck(ack, { flow: this.flow });
  }

  #handleRefusal(response: SipResponse): void {
    if (this.currentState === 'terminated' || this.currentState === 'confirmed') return;
    if (!this.#isCancelled && this.#tryAgain(response)) return;
    const { status, reason } = response;
    this.#endForks();
    this.finish({ by: this.#isCancelled ? 'local' : 'remote', status, reason, message: response });
  }

  /** A challenge answered, or a longer session interval (RFC 4028 §7.1). @returns whether the INVITE went out anew */
  #tryAgain(response: SipResponse): boolean {
    if (this.#tries >= MAX_TRIES) return false;
    if (response.status === 422 && this.#minSeSeconds === 0) {
      this.#minSeSeconds = minSeOf(response);
      this.#resend([]);
      return true;
    }
    if (response.status !== 401 && response.status !== 407) return false;
    const credentials = this.host.authorize(this.invite, response, this.credentials);
    if (!credentials) return false;
    this.#resend(credentials);
    return true;
  }

  #resend(credentials: readonly HeaderField[]): void {
    this.#endForks();
    this.#tries += 1;
    this.currentState = 'calling';
    const { sequenceNumber } = this.invite.cseq;
    const next = this.invite.with({
      remove: ['Via'],
      set: [['CSeq', formatCseq({ sequenceNumber: sequenceNumber + 1, method: 'INVITE' })], ...credentials],
    });
    this.invite = this.#withSessionHeaders(next);
    this.start();
  }

  #withSessionHeaders(invite: SipRequest): SipRequest {
    const seconds = Math.max(this.host.sessionExpiresSeconds, this.#minSeSeconds);
    // RFC 3262: an offer in a reliable provisional would want its answer in PRACK, so we allow it only after our own.
    const supported = this.#options.sdp === undefined ? 'timer' : 'timer, 100rel';
    return invite.with({
      set: [
        ['Contact', formatNameAddr(this.contact)],
        ['Supported', supported],
        ...(this.host.sessionExpiresSeconds === 0
          ? []
          : sessionTimerRequest(seconds, { minSeSeconds: this.#minSeSeconds })),
      ],
    });
  }

  #handleFailure(reason: 'timeout' | 'transport' | 'unresolvable'): void {
    if (this.currentState === 'confirmed' || this.currentState === 'terminated') return;
    this.#endForks();
    const isTimeout = reason === 'timeout';
    this.finish({
      by: this.#isCancelled ? 'local' : isTimeout ? 'timeout' : 'transport',
      status: this.#isCancelled ? 487 : isTimeout ? 408 : 503,
      reason: this.#isCancelled ? 'hung up here' : FAILURES[reason],
      message: undefined,
    });
  }

  #endForks(): void {
    this.#forks.endAll();
    this.dialog = undefined;
  }

  /** RFC 3262: the peer of an INVITE of ours has no provisionals of ours to acknowledge. */
  protected override handlePrack(transaction: ServerTransaction): void {
    respond(transaction, 481);
  }

  protected override byeReceived(dialog: Dialog): boolean {
    if (this.currentState === 'confirmed') return true;
    // RFC 3261 §15 forbids it, but a callee that hangs up one fork leaves the others.
    const isLast = this.#forks.size <= 1;
    if (!isLast) this.#endFork(dialog);
    return isLast;
  }

  #endFork(dialog: Dialog): void {
    this.#forks.end(dialog);
    if (this.dialog === dialog) this.dialog = this.#forks.first?.dialog;
  }

  protected override settleInvite(): void {
    // Harmless where the final response has come.
    this.#transaction?.cancel();
    this.#forks.endAll();
  }

  protected override contactPeer(): Flow | Endpoint {
    const hop = this.#options.routeSet?.[0]?.uri ?? this.#options.target;
    if (hop.scheme !== 'sip' && hop.scheme !== 'sips') return { address: '', port: 0 };
    const remote = { address: hop.host.replace(/^\[|\]$/g, ''), port: hop.port ?? 5060 };
    const protocol = hop.parameters.get('transport')?.toLowerCase();
    const listening = this.host.endpoint.listening.find((entry) => entry.protocol === protocol);
    return listening ? { ...listening, remote, connectionId: undefined } : remote;
  }
}

const FAILURES = {
  timeout: 'no answer came',
  transport: 'the peer cannot be reached',
  unresolvable: NO_ADDRESS,
} as const;
