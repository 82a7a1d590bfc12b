// Requests of ours within a dialog, with credentials where the peer asks for them.
import type { Dialog, InDialogOptions } from '../dialog/index.ts';
import type { ClientTransaction } from '../endpoint/types.ts';
import { defaultReason, type HeaderField, type SipRequest, type SipResponse } from '../message/index.ts';
import { sdpOf } from './body.ts';
import type { SessionBase } from './session-base.ts';
import type { InDialogResult } from './types.ts';

/** Requests that wait for an answer at once; more of them are refused by ourselves. BYE always goes. */
const MAX_PENDING = 32;
/** The request itself, with credentials, and with credentials for a fresh nonce. */
const MAX_TRIES = 3;
/** How long a re-INVITE may be proceeding, before it is cancelled: nobody is rung by one. */
const REINVITE_LIMIT_MS = 60_000;

/** With the CSeq number of the last try, which the ACK takes. */
export type SequencedResult = InDialogResult & { readonly sequenceNumber: number };

export class InDialogClient {
  readonly #session: SessionBase;
  #pending = 0;
  #invite: ClientTransaction | undefined;

  constructor(session: SessionBase) {
    this.#session = session;
  }

  /** Never rejects: a timeout is 408, a transport error 503. For INVITE the ACK is the caller's business. */
  async request(
    method: string,
    options: InDialogOptions = {},
    dialog: Dialog | undefined = this.#session.dialog,
  ): Promise<SequencedResult> {
    if (!dialog || (this.#pending >= MAX_PENDING && method !== 'BYE'))
      return { ...failure(481), sequenceNumber: 0 };
    this.#pending += 1;
    try {
      return await this.#session.host.track(this.#requestWithCredentials(dialog, method, options));
    } catch (error) {
      this.#session.host.guard(this.#session, () => {
        throw error;
      });
      return { ...failure(500), sequenceNumber: 0 };
    } finally {
      this.#pending -= 1;
    }
  }

  /** The session is over: a re-INVITE that has no answer yet must not wait for one for ever. */
  close(): void {
    this.#invite?.cancel();
  }

  async #requestWithCredentials(
    dialog: Dialog,
    method: string,
    options: InDialogOptions,
  ): Promise<SequencedResult> {
    const { headers = [] } = options;
    let credentials: readonly HeaderField[] = [];
    for (let tries = 1; ; tries += 1) {
      const request = dialog.request(method, { ...options, headers: [...headers, ...credentials] });
      const response = await this.#exchange(request);
      const next = tries < MAX_TRIES ? this.#authorize(request, response) : undefined;
      if (!next) return { ...resultOf(response), sequenceNumber: request.cseq.sequenceNumber };
      credentials = next;
    }
  }

  #authorize(request: SipRequest, response: SipResponse | number): readonly HeaderField[] | undefined {
    if (typeof response === 'number' || (response.status !== 401 && response.status !== 407))
      return undefined;
    return this.#session.host.authorize(request, response, this.#session.credentials);
  }

  #exchange(request: SipRequest): Promise<SipResponse | number> {
    const { host, flow, timers } = this.#session;
    const isInvite = request.method === 'INVITE';
    let isAnswered = false;
    return new Promise((resolve) => {
      const settle = (outcome: SipResponse | number) => {
        isAnswered = true;
        if (isInvite) {
          timers.clear('reinvite');
          this.#invite = undefined;
        }
        resolve(outcome);
      };
      const transaction = host.endpoint.send(
        request,
        {
          onResponse: (response) => {
            if (response.status < 200) return;
            // RFC 3261 §13.2.2.4: a 2xx that comes again means that our ACK was lost.
            if (!isAnswered) settle(response);
            else if (isInvite) this.#session.acknowledgeInvite(request.cseq.sequenceNumber);
          },
          onFailure: (reason) => settle(reason === 'timeout' ? 408 : 503),
        },
        { flow },
      );
      if (!isInvite || isAnswered) return;
      this.#invite = transaction;
      timers.set('reinvite', REINVITE_LIMIT_MS, () => transaction.cancel());
    });
  }
}

function resultOf(response: SipResponse | number): InDialogResult {
  if (typeof response === 'number') return failure(response);
  const { status, reason } = response;
  return { status, reason, sdp: status < 300 ? sdpOf(response) : undefined, response };
}

function failure(status: number): InDialogResult {
  return { status, reason: defaultReason(status), sdp: undefined, response: undefined };
}
