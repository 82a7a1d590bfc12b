// A transaction layer on a virtual clock: feeds it, drains it, and writes down with its time whatever comes out.
import {
  createRequest,
  createResponse,
  parseMessage,
  SipRequest,
  type SipResponse,
  serializeMessage,
  type Uri,
} from '../../../../signaling/message/index.ts';
import {
  type ClientRecord,
  type ServerRecord,
  type TransactionFailure,
  TransactionLayer,
  type TransactionLayerOptions,
} from '../../../../signaling/transaction/index.ts';
import type { Flow, TransportProtocol } from '../../../../signaling/transport/index.ts';

/** `sent INVITE`, `sent 486`, `request OPTIONS`, `response 200`, `failure timeout` …, each behind its time. */
export type Entry = readonly [atMs: number, what: string];

export function flowOver(protocol: TransportProtocol, port = 5060): Flow {
  return {
    protocol,
    local: { address: '192.0.2.1', port: 5060 },
    remote: { address: '192.0.2.2', port },
    connectionId: protocol === 'udp' ? undefined : 7,
  };
}

/** Builds a request as it would come from the network. Line breaks are made right. */
export function received(text: string): SipRequest {
  const message = parseMessage(Buffer.from(`${text.trim().replace(/\r?\n/g, '\r\n')}\r\n\r\n`));
  if (message instanceof SipRequest) return message;
  throw new Error(`the test's own message is bad: ${String(message)}`);
}

export interface RequestParts {
  readonly method?: string;
  readonly uri?: string;
  readonly via?: string;
  readonly from?: string;
  readonly to?: string;
  readonly callId?: string;
  readonly cseq?: string;
}

/** A request of the peer; each part can be replaced. */
export function peerRequest(parts: RequestParts = {}): SipRequest {
  const { method = 'INVITE', uri = 'sip:bob@192.0.2.1' } = parts;
  return received(`${method} ${uri} SIP/2.0
Via: ${parts.via ?? 'SIP/2.0/UDP 192.0.2.2:5060;branch=z9hG4bKpeer1;rport'}
Max-Forwards: 70
From: ${parts.from ?? '<sip:alice@192.0.2.2>;tag=a1'}
To: ${parts.to ?? '<sip:bob@192.0.2.1>'}
Call-ID: ${parts.callId ?? 'call-1'}
CSeq: ${parts.cseq ?? '1'} ${method}
Content-Length: 0`);
}

const TARGET: Uri = peerRequest().requestUri;

export class TransactionWorld {
  readonly layer: TransactionLayer;
  readonly log: Entry[] = [];
  readonly bytesSent: Uint8Array[] = [];
  /** Every request that the layer passed up, with its transaction. */
  readonly requests: { readonly request: SipRequest; readonly record: ServerRecord }[] = [];
  /** Sends fail from now on. */
  isBroken = false;
  now = 0;

  constructor(options?: TransactionLayerOptions) {
    this.layer = new TransactionLayer(options);
  }

  /** What was written down since the last call. */
  takeLog(): Entry[] {
    return this.log.splice(0);
  }

  /** Lets virtual time pass, firing what is due at its own moment. */
  advanceTo(until: number): void {
    for (
      let at = this.layer.nextTimeoutAt();
      at !== undefined && at <= until;
      at = this.layer.nextTimeoutAt()
    ) {
      this.now = at;
      this.layer.handleTimeout(at);
      this.drain();
    }
    this.now = until;
  }

  handleRequest(request: SipRequest, flow: Flow = flowOver('udp')): void {
    this.layer.handleRequest(this.now, request, flow);
    this.drain();
  }

  respond(record: ServerRecord, response: SipResponse): void {
    this.layer.respond(this.now, record, response);
    this.drain();
  }

  /** Answers the last request that was passed up. */
  answer(status: number): void {
    const last = this.requests.at(-1);
    if (last) this.respond(last.record, createResponse(last.request, status, { toTag: 'b1' }));
  }

  send(method: string, flow: Flow = flowOver('udp')): ClientRecord {
    const branch = `z9hG4bKours${this.now}`;
    const via = `SIP/2.0/${flow.protocol.toUpperCase()} 192.0.2.1:5060;branch=${branch}`;
    const request = createRequest({
      method,
      requestUri: TARGET,
      headers: [
        ['Via', via],
        ['Route', '<sip:192.0.2.9;lr>'],
        ['Max-Forwards', '70'],
        ['From', '<sip:bob@192.0.2.1>;tag=b1'],
        ['To', '<sip:alice@192.0.2.2>'],
        ['Call-ID', 'ours'],
        ['CSeq', `9 ${method}`],
      ],
    });
    const user = {
      handleResponse: (response: SipResponse) => this.#note(`response ${response.status}`),
      handleFailure: (reason: TransactionFailure) => this.#note(`failure ${reason}`),
    };
    const bytes = serializeMessage(request);
    const record = this.layer.send(this.now, { request, bytes, branch, flow, user });
    this.drain();
    return record;
  }

  /** The peer answers a request of ours. */
  handleResponse(record: ClientRecord, status: number, toTag = 'p1', method = record.request.method): void {
    const request =
      method === record.request.method
        ? record.request
        : record.request.with({ set: [['CSeq', `9 ${method}`]] });
    this.layer.handleResponse(this.now, createResponse(request, status, { toTag }), record.flow);
    this.drain();
  }

  drain(): void {
    const { outputs } = this.layer;
    for (let index = 0; index < outputs.length; index += 1) {
      const output = outputs[index];
      if (!output) continue;
      if (output.kind === 'send') {
        this.bytesSent.push(output.bytes);
        this.#note(`sent ${firstWordOf(output.bytes)}`);
        if (this.isBroken && output.transaction)
          this.layer.handleTransportError(this.now, output.transaction);
      } else if (output.kind === 'request') {
        const { request, transaction: record } = output;
        this.requests.push({ request, record });
        record.user = {
          handleCancel: () => this.#note('cancel'),
          handleFailure: (reason) => this.#note(`failure ${reason}`),
        };
        this.#note(`request ${request.method}`);
      } else if (output.kind === 'response') output.user.handleResponse(output.response, output.flow);
      else if (output.kind === 'failure') output.user.handleFailure(output.reason);
      else if (output.kind === 'cancel') output.user.handleCancel(output.request);
      else this.#note(output.kind);
    }
    outputs.length = 0;
  }

  #note(what: string): void {
    this.log.push([this.now, what]);
  }
}

/** The method of a request, the status of a response. */
function firstWordOf(bytes: Uint8Array): string {
  const [first = '', second = ''] = Buffer.from(bytes).toString('utf8').split(' ', 2);
  return first.startsWith('SIP/') ? second : first;
}
