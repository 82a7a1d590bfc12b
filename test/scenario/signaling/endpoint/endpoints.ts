// Endpoints on virtual hosts, and the little that these scenarios need of a user agent.
import { invariant } from '../../../../core/index.ts';
import {
  type EndpointOptions,
  openSipEndpoint,
  type SendOptions,
  type SipEndpoint,
} from '../../../../signaling/endpoint/index.ts';
import {
  createRequest,
  createResponse,
  parseUri,
  type SipRequest,
  type SipResponse,
} from '../../../../signaling/message/index.ts';
import type { Flow } from '../../../../signaling/transport/index.ts';
import type { Host } from '../../../support/index.ts';

/** UDP and TCP on 5060, IPv4. */
export function openOn(host: Host, options: Partial<EndpointOptions> = {}): Promise<SipEndpoint> {
  return openSipEndpoint(host, {
    listen: [
      { protocol: 'udp', address: '0.0.0.0', port: 5060 },
      { protocol: 'tcp', address: '0.0.0.0', port: 5060 },
    ],
    product: host.name,
    ...options,
  });
}

export interface RequestOptions {
  readonly callId?: string;
  readonly body?: string;
  readonly route?: string;
}

/** A request to the URI, outside any dialog. */
export function requestTo(uriText: string, method = 'OPTIONS', options: RequestOptions = {}): SipRequest {
  const requestUri = parseUri(uriText);
  invariant('scheme' in requestUri, 'the URIs of these tests are well-formed');
  return createRequest({
    method,
    requestUri,
    body: options.body,
    headers: [
      ...(options.route ? [['Route', options.route] as const] : []),
      ['From', '<sip:alice@example.com>;tag=a1'],
      ['To', `<${uriText}>`],
      ['Call-ID', options.callId ?? 'call-1'],
      ['CSeq', `1 ${method}`],
    ],
  });
}

/** What came of one request, as it happened. */
export interface Outcome {
  readonly statuses: number[];
  readonly failures: string[];
  readonly responses: SipResponse[];
  flow: Flow | undefined;
}

export function isOver(outcome: Outcome): boolean {
  return outcome.failures.length > 0 || outcome.statuses.some((status) => status >= 200);
}

/** Sends, and writes down what comes. */
export function sendAndWatch(endpoint: SipEndpoint, request: SipRequest, options?: SendOptions) {
  const outcome: Outcome = { statuses: [], failures: [], responses: [], flow: undefined };
  const transaction = endpoint.send(
    request,
    {
      onResponse: (response, flow) => {
        outcome.statuses.push(response.status);
        outcome.responses.push(response);
        outcome.flow = flow;
      },
      onFailure: (reason) => outcome.failures.push(reason),
    },
    options,
  );
  return { outcome, transaction };
}

/** Answers everything at once. */
export function answerAll(endpoint: SipEndpoint, status = 200): SipRequest[] {
  const requests: SipRequest[] = [];
  endpoint.on('request', (transaction) => {
    requests.push(transaction.request);
    transaction.respond(createResponse(transaction.request, status, { toTag: 'b1' }));
  });
  return requests;
}
