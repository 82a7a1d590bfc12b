// Requests of ours within a dialog, with credentials where the peer asks for them.
import type { InDialogOptions } from '../dialog/index.ts';
import type { HeaderField, SipRequest, SipResponse } from '../message/index.ts';
import { defaultReason } from '../message/index.ts';
import { sdpOf } from './body.ts';
import type { SessionBase } from './session-base.ts';
import type { InDialogResult } from './types.ts';

/** Requests that wait for an answer at once; more of them are refused by ourselves. */
const MAX_PENDING = 32;

export class InDialogClient {
  readonly #session: SessionBase;
  #pending = 0;

  constructor(session: SessionBase) {
    this.#session = session;
  }

  /** Never rejects: a timeout is 408, a transport error 503. For INVITE the ACK is the caller's business. */
  async request(
    method: string,
    options: InDialogOptions = {},
  ): Promise<InDialogResult & { sequenceNumber: number }> {
    const { dialog } = this.#session;
    if (!dialog || this.#pending >= MAX_PENDING) return { ...failure(481), sequenceNumber: 0 };
    this.#pending += 1;
    try {
      const first = dialog.request(method, options);
      const response = await this.#exchange(first);
      const credentials = typeof response === 'number' ? undefined : this.#authorize(first, response);
      if (!credentials) return { ...resultOf(response), sequenceNumber: first.cseq.sequenceNumber };
      const headers = [...(options.headers ?? []), ...credentials];
      const second = dialog.request(method, { ...options, headers });
      return { ...resultOf(await this.#exchange(second)), sequenceNumber: second.cseq.sequenceNumber };
    } finally {
      this.#pending -= 1;
    }
  }

  /** RFC 3261 §13.2.2.4: a 2xx that comes again means that our ACK was lost. */
  #acknowledgeAgain(request: SipRequest): void {
    const { dialog, host, flow } = this.#session;
    if (request.method !== 'INVITE' || !dialog) return;
    host.endpoint.sendAck(dialog.ack(request.cseq.sequenceNumber), { flow });
  }

  #authorize(request: SipRequest, response: SipResponse): readonly HeaderField[] | undefined {
    if (response.status !== 401 && response.status !== 407) return undefined;
    return this.#session.host.authorize(request, response, this.#session.credentials);
  }

  #exchange(request: SipRequest): Promise<SipResponse | number> {
    const { host, flow } = this.#session;
    let isAnswered = false;
    return new Promise((resolve) => {
      host.endpoint.send(
        request,
        {
          onResponse: (response) => {
            if (response.status < 200) return;
            if (isAnswered) return this.#acknowledgeAgain(request);
            isAnswered = true;
            resolve(response);
          },
          onFailure: (reason) => resolve(reason === 'timeout' ? 408 : 503),
        },
        { flow },
      );
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
