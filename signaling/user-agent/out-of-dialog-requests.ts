// Requests of ours outside dialogs: REGISTER, OPTIONS, MESSAGE … A challenge is answered once, a stale nonce once more.
import {
  createRequest,
  defaultReason,
  formatCseq,
  formatNameAddr,
  type HeaderField,
  type NameAddr,
  NO_PARAMETERS,
  type SipRequest,
  type SipResponse,
  withParameter,
} from '../message/index.ts';
import { NO_ADDRESS, SDP_TYPE, type SessionHost } from '../session/index.ts';
import type { Flow } from '../transport/types.ts';
import type { RequestOptions, RequestResult } from './types.ts';

/** The request itself, with credentials, and with credentials for a fresh nonce. */
const MAX_TRIES = 3;

interface Outcome {
  readonly response: SipResponse | undefined;
  readonly status: number;
  readonly flow: Flow | undefined;
  /** Where there is more to say than what the status is called. */
  readonly reason?: string;
}

export class OutOfDialogRequests {
  readonly #host: SessionHost;
  #pending = 0;

  constructor(host: SessionHost) {
    this.#host = host;
  }

  /** Requests without an answer yet. */
  get pending(): number {
    return this.#pending;
  }

  /** Never rejects. */
  async send(method: string, options: RequestOptions): Promise<RequestResult> {
    this.#pending += 1;
    try {
      return await this.#send(method, options);
    } finally {
      this.#pending -= 1;
    }
  }

  async #send(method: string, options: RequestOptions): Promise<RequestResult> {
    let request = this.#build(method, options);
    for (let tries = 1; ; tries += 1) {
      const { response, status, flow, reason } = await this.#exchange(request, options);
      const credentials =
        response && tries < MAX_TRIES ? this.#authorize(request, response, options) : undefined;
      const { sequenceNumber } = request.cseq;
      if (!credentials) {
        const said = reason ?? response?.reason ?? defaultReason(status);
        return { status, reason: said, response, flow, sequenceNumber };
      }
      request = request.with({
        remove: ['Via'],
        set: [['CSeq', formatCseq({ sequenceNumber: sequenceNumber + 1, method })], ...credentials],
      });
    }
  }

  #authorize(
    request: SipRequest,
    response: SipResponse,
    options: RequestOptions,
  ): readonly HeaderField[] | undefined {
    if (response.status !== 401 && response.status !== 407) return undefined;
    return this.#host.authorize(request, response, options.credentials);
  }

  #exchange(request: SipRequest, options: RequestOptions): Promise<Outcome> {
    const { runtime, endpoint } = this.#host;
    return new Promise((resolve) => {
      const { timeoutMs } = options;
      const timedOut = () => resolve({ response: undefined, status: 408, flow: undefined });
      const cancel =
        timeoutMs === undefined ? undefined : runtime.setTimer(runtime.clock.now() + timeoutMs, timedOut);
      const settle = (outcome: Outcome) => {
        cancel?.();
        resolve(outcome);
      };
      endpoint.send(
        request,
        {
          onResponse: (response, flow) => {
            if (response.status >= 200) settle({ response, status: response.status, flow });
          },
          onFailure: (failure) => {
            const status = failure === 'timeout' ? 408 : 503;
            const reason = failure === 'unresolvable' ? { reason: NO_ADDRESS } : {};
            settle({ response: undefined, status, flow: undefined, ...reason });
          },
        },
        { flow: options.flow },
      );
    });
  }

  #build(method: string, options: RequestOptions): SipRequest {
    const { random } = this.#host.runtime;
    const to: NameAddr = options.to ?? {
      displayName: undefined,
      uri: options.target,
      parameters: NO_PARAMETERS,
    };
    const from = withParameter(options.from, 'tag', options.fromTag ?? random.token(12));
    const sequenceNumber = options.sequenceNumber ?? 1 + (random.uint32() >>> 12);
    const { body } = options;
    return createRequest({
      method,
      requestUri: options.target,
      headers: [
        ...(options.routeSet ?? []).map((route): HeaderField => ['Route', formatNameAddr(route)]),
        ['From', formatNameAddr(from)],
        ['To', formatNameAddr(to)],
        ['Call-ID', options.callId ?? random.token(24)],
        ['CSeq', formatCseq({ sequenceNumber, method })],
        ...(options.headers ?? []),
      ],
      body,
      contentType: body === undefined ? undefined : (options.contentType ?? SDP_TYPE),
    });
  }
}
