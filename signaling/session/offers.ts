// Offers within a dialog: re-INVITE and UPDATE, ours and the peer's, and what happens when they meet (RFC 3261 §14).
import { sleep } from '../../core/index.ts';
import type { ServerTransaction } from '../endpoint/types.ts';
import { createResponse, formatNameAddr, type HeaderField } from '../message/index.ts';
import { hasOption, sdpOf } from './body.ts';
import { ALLOW, SDP_TYPE } from './constants.ts';
import { respond, type SessionBase } from './session-base.ts';
import { agreeAsServer, MIN_SE_SECONDS, readSessionExpires, sessionTimerRequest } from './session-refresh.ts';
import type { InDialogResult } from './types.ts';

/** How often an offer of ours is tried again after glare. */
const MAX_TRIES = 10;

/** Who waits for what; `none` means that either side may offer (RFC 6337 §2). */
type Pending = 'none' | 'ours' | 'theirs' | 'theirs-answered';

export class Offers {
  /** Our last description, repeated by a refresh. */
  lastLocalSdp: string | undefined;
  readonly #session: SessionBase;
  readonly #closed = new AbortController();
  #pending: Pending = 'none';
  readonly #waiting: (() => void)[] = [];
  #queue: Promise<unknown> = Promise.resolve();
  #peerAllowsUpdate = false;

  constructor(session: SessionBase) {
    this.#session = session;
  }

  /** Learns from Allow whether UPDATE may be used (RFC 3311 §5.1). */
  notePeer(message: { headerValues(name: string): string[] }): void {
    const allowed = message.headerValues('Allow');
    if (allowed.length > 0) this.#peerAllowsUpdate = allowed.includes('UPDATE');
  }

  close(): void {
    this.#closed.abort();
    this.#settle();
  }

  /** Offers of ours go out one after the other. */
  send(sdp: string, headers: readonly HeaderField[] = []): Promise<InDialogResult> {
    const sent = this.#queue.then(() => this.#sendWithRetries(sdp, headers));
    this.#queue = sent.catch(() => undefined);
    return sent;
  }

  /** RFC 4028 §7.4: an UPDATE without SDP, or a re-INVITE that repeats our description. */
  async refresh(): Promise<void> {
    const { sessionExpires } = this.#session;
    if (!sessionExpires) return;
    const headers: HeaderField[] = [...sessionTimerRequest(sessionExpires.seconds), ['Supported', 'timer']];
    if (!this.#peerAllowsUpdate && this.lastLocalSdp !== undefined) {
      await this.send(this.lastLocalSdp, headers);
      return;
    }
    const { contact } = this.#session;
    const result = await this.#session.client.request('UPDATE', { contact, headers });
    if (result.response && result.status < 300) {
      this.#session.agreeSessionTimer(readSessionExpires(result.response), 'uac');
    }
  }

  /** A re-INVITE or UPDATE of the peer. */
  handleRequest(transaction: ServerTransaction): void {
    const { request } = transaction;
    const sdp = sdpOf(request);
    const expires = readSessionExpires(request);
    // RFC 4028 §8: too short an interval, by a peer that understands the answer.
    if (expires && expires.seconds < MIN_SE_SECONDS && hasOption(request, 'Supported', 'timer')) {
      return respond(transaction, 422, { headers: [['Min-SE', String(MIN_SE_SECONDS)]] });
    }
    if (request.method === 'UPDATE' && sdp === undefined) return this.#answerRefresh(transaction);
    // RFC 3261 §14.2 and RFC 3311 §5.2: ours is under way, so both wait; theirs is, so they came too early.
    if (this.#pending === 'ours') return respond(transaction, 491);
    if (this.#pending === 'theirs') {
      const seconds = Math.floor(this.#session.host.runtime.random.float() * 10);
      return respond(transaction, 500, { headers: [['Retry-After', String(seconds)]] });
    }
    // Answered, and the ACK was lost: who sends the next INVITE has our 2xx.
    if (this.#pending === 'theirs-answered') this.#session.assumeAcknowledged();
    this.#passOffer(transaction, sdp);
  }

  /** The ACK of a re-INVITE that was answered. */
  handleAck(_sdp: string | undefined): void {
    if (this.#pending === 'theirs-answered') this.#settle();
  }

  /** Ours would cross theirs, and be refused with 491: wait until theirs is answered and acknowledged. */
  async #untilSettled(): Promise<void> {
    while (this.#pending !== 'none' && !this.#closed.signal.aborted) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  #settle(): void {
    this.#pending = 'none';
    for (const resume of this.#waiting.splice(0)) resume();
  }

  #answerRefresh(transaction: ServerTransaction): void {
    this.#session.dialog?.refreshTarget(transaction.request);
    transaction.respond(this.#success(transaction, undefined));
  }

  #passOffer(transaction: ServerTransaction, sdp: string | undefined): void {
    const { request } = transaction;
    this.#pending = 'theirs';
    let isAnswered = false;
    const once = (answer: () => void) => () => {
      if (isAnswered || this.#closed.signal.aborted) return;
      isAnswered = true;
      answer();
    };
    const refuse = (status: number, headers?: readonly HeaderField[]) => {
      this.#settle();
      respond(transaction, status, headers ? { headers } : {});
    };
    transaction.onCancel = once(() => refuse(487));
    transaction.onFailure = () => {
      this.#settle();
    };
    const wasHeard = this.#session.emit('offer', {
      sdp,
      method: request.method === 'UPDATE' ? 'UPDATE' : 'INVITE',
      answer: (ours) => once(() => this.#accept(transaction, ours))(),
      reject: (status, headers) => once(() => refuse(status, headers))(),
    });
    if (!wasHeard) once(() => refuse(488))();
  }

  #accept(transaction: ServerTransaction, sdp: string): void {
    this.lastLocalSdp = sdp;
    this.#session.dialog?.refreshTarget(transaction.request);
    const response = this.#success(transaction, sdp);
    if (transaction.request.method === 'INVITE') {
      this.#pending = 'theirs-answered';
      return this.#session.acceptInvite(transaction, response);
    }
    this.#settle();
    transaction.respond(response);
  }

  #success(transaction: ServerTransaction, sdp: string | undefined) {
    const { request } = transaction;
    const timer = agreeAsServer(request);
    if (timer) this.#session.agreeSessionTimer(timer.agreed, 'uas');
    return createResponse(request, 200, {
      headers: [...this.#identityHeaders(), ...(timer?.headers ?? [])],
      body: sdp,
      contentType: sdp === undefined ? undefined : SDP_TYPE,
    });
  }

  #identityHeaders(): HeaderField[] {
    return [
      ['Contact', formatNameAddr(this.#session.contact)],
      ['Allow', ALLOW],
    ];
  }

  async #sendWithRetries(sdp: string, headers: readonly HeaderField[]): Promise<InDialogResult> {
    for (let tries = 1; ; tries += 1) {
      const result = await this.#trySend(sdp, headers);
      const delayMs = result.status === 491 ? this.#glareDelayMs() : retryDelayMs(result);
      if (delayMs === undefined || tries === MAX_TRIES || this.#closed.signal.aborted) return result;
      await sleep(this.#session.host.runtime, delayMs, this.#closed.signal);
    }
  }

  /** RFC 3261 §14.1: the owner of the Call-ID waits 2.1 to 4 s, the other 0 to 2 s, in steps of 10 ms. */
  #glareDelayMs(): number {
    const { runtime } = this.#session.host;
    const [least, most] = this.#session.direction === 'outgoing' ? [2100, 4000] : [0, 2000];
    return least + 10 * Math.floor(runtime.random.float() * ((most - least) / 10 + 1));
  }

  async #trySend(sdp: string, headers: readonly HeaderField[]): Promise<InDialogResult> {
    const session = this.#session;
    if (session.state === 'terminated' || !session.dialog) return unsent(481);
    await this.#untilSettled();
    if (this.#closed.signal.aborted) return unsent(481);
    this.#pending = 'ours';
    const method = session.state === 'confirmed' ? 'INVITE' : 'UPDATE';
    const timer = sessionTimerRequest(session.sessionExpires?.seconds ?? 0);
    const result = await session.client.request(method, {
      contact: session.contact,
      headers: [['Allow', ALLOW], ['Supported', 'timer'], ...timer, ...headers],
      body: sdp,
      contentType: SDP_TYPE,
    });
    this.#settle();
    this.#conclude(method, sdp, result);
    return result;
  }

  #conclude(method: string, sdp: string, result: InDialogResult & { readonly sequenceNumber: number }): void {
    const session = this.#session;
    const { response, status } = result;
    if (response && status < 300) {
      this.lastLocalSdp = sdp;
      session.dialog?.refreshTarget(response);
      if (method === 'INVITE') this.#acknowledge(result.sequenceNumber);
      if (readSessionExpires(response)) session.agreeSessionTimer(readSessionExpires(response), 'uac');
      // RFC 5057 §5.1: these say that the peer has no such dialog any more.
    } else if (status === 481 || (status === 408 && !response)) {
      session.sendBye();
      session.finish({
        by: 'timeout',
        status: undefined,
        reason: 'the peer does not know the call',
        message: response,
      });
    }
  }

  #acknowledge(sequenceNumber: number): void {
    const { dialog, host, flow } = this.#session;
    if (!dialog) return;
    host.endpoint.sendAck(dialog.ack(sequenceNumber), { flow });
  }
}

/** RFC 3261 §14.2: a peer that is busy with an earlier offer of ours says when to come back, 0 to 10 s. */
function retryDelayMs({ status, response }: InDialogResult): number | undefined {
  const seconds = status === 500 ? /^\d+/.exec(response?.header('Retry-After') ?? '')?.[0] : undefined;
  return seconds === undefined || Number(seconds) > 10 ? undefined : 1000 * Number(seconds);
}

function unsent(status: number): InDialogResult & { sequenceNumber: number } {
  return { status, reason: 'not sent', sdp: undefined, response: undefined, sequenceNumber: 0 };
}
