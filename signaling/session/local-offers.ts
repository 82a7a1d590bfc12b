// Offers of ours within a dialog: re-INVITE and UPDATE, one after the other, and again after glare (RFC 3261 §14.1).
import { sleep } from '../../core/index.ts';
import { defaultReason, type HeaderField } from '../message/index.ts';
import { ALLOW, SDP_TYPE, T1 } from './constants.ts';
import type { SequencedResult } from './in-dialog-client.ts';
import type { SessionBase } from './session-base.ts';
import { agreeAsClient, minSeOf, sessionTimerRequest } from './session-refresh.ts';
import type { InDialogResult, LocalOfferOptions } from './types.ts';

/** How often an offer of ours is sent, glare and intervals that were too short included. */
const MAX_TRIES = 10;
/** Offers that wait for the one before; more are refused by ourselves. */
const MAX_QUEUED = 8;
/**
 * How long an offer waits for that of the peer to be answered. Two legs of a bridge may wait for each other's answer;
 * the 491 that follows goes to both phones, which solve it by their timers.
 */
const PATIENCE_MS = 2 * T1;
/** RFC 3261 §14.2: the longest Retry-After of an overlap, in seconds. */
const MAX_RETRY_AFTER_SECONDS = 10;

export class LocalOffers {
  readonly #session: SessionBase;
  readonly #closed = new AbortController();
  #queue: Promise<unknown> = Promise.resolve();
  #queued = 0;
  #minSeSeconds = 0;

  constructor(session: SessionBase) {
    this.#session = session;
  }

  close(): void {
    this.#closed.abort();
  }

  /** Never rejects. */
  send(sdp: string, options: LocalOfferOptions = {}): Promise<InDialogResult> {
    if (this.#queued >= MAX_QUEUED) return Promise.resolve(unsent(491));
    this.#queued += 1;
    const sent = this.#queue.then(() => this.#sendWithRetries(sdp, options));
    this.#queue = sent.finally(() => {
      this.#queued -= 1;
    });
    return sent;
  }

  /** RFC 4028 §7.4: an UPDATE without SDP, or a re-INVITE that repeats our description. */
  async refresh(): Promise<void> {
    const { offers } = this.#session;
    if (offers.peerAllowsUpdate || offers.lastLocalSdp === undefined) {
      const status = await this.#refreshByUpdate();
      if (status !== 405 && status !== 501) return;
      offers.noteUpdateRefused();
    }
    if (offers.lastLocalSdp !== undefined) await this.send(offers.lastLocalSdp);
  }

  async #refreshByUpdate(): Promise<number> {
    const session = this.#session;
    for (let tries = 1; ; tries += 1) {
      const headers = [...this.#headers('UPDATE')];
      const result = await session.client.request('UPDATE', { contact: session.contact, headers });
      const delayMs = this.#retryDelayMs(result);
      if (delayMs === undefined || tries === MAX_TRIES || this.#closed.signal.aborted) {
        this.#conclude(result);
        return result.status;
      }
      await sleep(session.host.runtime, delayMs, this.#closed.signal);
    }
  }

  async #sendWithRetries(sdp: string, options: LocalOfferOptions): Promise<InDialogResult> {
    for (let tries = 1; ; tries += 1) {
      const result = await this.#trySend(sdp, options);
      const delayMs = result.response && this.#retryDelayMs(result);
      if (delayMs === undefined || tries === MAX_TRIES || this.#closed.signal.aborted) return result;
      await sleep(this.#session.host.runtime, delayMs, this.#closed.signal);
    }
  }

  async #trySend(sdp: string, options: LocalOfferOptions): Promise<SequencedResult> {
    const session = this.#session;
    const { exchange } = session.offers;
    while (exchange.state !== 'idle' && !this.#closed.signal.aborted) {
      if (!(await this.#isSettled())) return unsent(491);
    }
    if (this.#closed.signal.aborted || !session.dialog) return unsent(481);
    const method = session.state === 'confirmed' ? 'INVITE' : 'UPDATE';
    // RFC 3311 §5.1: before the answer nothing else can carry an offer.
    if (method === 'UPDATE' && !session.offers.peerAllowsUpdate) return unsent(405);
    exchange.handle('localOffer');
    const result = await session.client.request(method, {
      contact: session.contact,
      headers: [...this.#headers(method), ...(options.headers ?? [])],
      body: sdp,
      contentType: SDP_TYPE,
    });
    if (result.response && result.status < 300) session.offers.lastLocalSdp = sdp;
    this.#conclude(result, options.survivesTimeout);
    exchange.handle('localDone');
    return result;
  }

  /** @returns false where the peer's offer has no answer yet and our patience is over */
  #isSettled(): Promise<boolean> {
    const { timers, offers } = this.#session;
    return new Promise((resolve) => {
      if (offers.exchange.state === 'theirs') timers.set('patience', PATIENCE_MS, () => resolve(false));
      offers.exchange.whenIdle(() => {
        timers.clear('patience');
        resolve(true);
      });
    });
  }

  #headers(method: 'INVITE' | 'UPDATE'): HeaderField[] {
    const { sessionTimer } = this.#session;
    const seconds = Math.max(sessionTimer?.seconds ?? 0, this.#minSeSeconds);
    // RFC 4028 §7.4: whoever refreshes goes on to do so.
    const refresher = sessionTimer?.weRefresh ? 'uac' : 'uas';
    const supported = method === 'INVITE' ? 'timer, 100rel' : 'timer';
    return [
      ['Allow', ALLOW],
      ['Supported', supported],
      ...sessionTimerRequest(seconds, { refresher, minSeSeconds: this.#minSeSeconds }),
    ];
  }

  /** @returns undefined where the answer is final */
  #retryDelayMs(result: InDialogResult): number | undefined {
    const { response, status } = result;
    if (status === 491) return this.#glareDelayMs();
    if (status === 422 && response && this.#minSeSeconds === 0) {
      this.#minSeSeconds = minSeOf(response);
      return 0;
    }
    const retryAfter =
      status === 500 ? Number.parseInt(response?.header('Retry-After') ?? '', 10) : Number.NaN;
    return retryAfter >= 0 && retryAfter <= MAX_RETRY_AFTER_SECONDS ? 1000 * retryAfter : undefined;
  }

  /** RFC 3261 §14.1: the owner of the Call-ID waits 2.1 to 4 s, the other 0 to 2 s, in steps of 10 ms. */
  #glareDelayMs(): number {
    const { random } = this.#session.host.runtime;
    const [least, most] = this.#session.direction === 'outgoing' ? [2100, 4000] : [0, 2000];
    return least + 10 * Math.floor(random.float() * ((most - least) / 10 + 1));
  }

  #conclude({ response, status, sequenceNumber }: SequencedResult, survivesTimeout = false): void {
    const session = this.#session;
    if (response && status < 300) {
      session.dialog?.refreshTarget(response);
      session.offers.notePeer(response);
      if (response.cseq.method === 'INVITE') session.acknowledgeInvite(sequenceNumber);
      session.agreeSessionTimer(agreeAsClient(response), 'uac');
    } else if (status === 481 || (status === 408 && session.state === 'confirmed' && !survivesTimeout)) {
      // RFC 3261 §12.2.1.2: the peer has no such dialog any more, or is not there.
      session.abandon('the peer does not know the call any more', response);
    }
  }
}

function unsent(status: number): SequencedResult {
  return { status, reason: defaultReason(status), sdp: undefined, response: undefined, sequenceNumber: 0 };
}
