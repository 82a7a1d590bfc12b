// A peer without a stack: it sends what a test tells it and notes what it gets, so that it can misbehave.
import {
  type CreateResponseOptions,
  createRequest,
  createResponse,
  formatUri,
  type HeaderField,
  parseMessage,
  SipRequest,
  SipResponse,
  serializeMessage,
  sipUri,
} from '../../../../signaling/index.ts';
import type { World } from '../../../support/index.ts';
import { TestPhone } from '../../../support/test-phone.ts';

const PHONE = '192.0.2.1';
const PEER = '192.0.2.2';

export interface RawRequestOptions {
  readonly callId?: string;
  readonly fromTag?: string;
  readonly toTag?: string | undefined;
  readonly headers?: readonly HeaderField[];
  readonly body?: string;
  readonly branch?: string;
}

export class RawPeer {
  readonly requests: SipRequest[] = [];
  readonly responses: SipResponse[] = [];
  /** Answers a request as it comes. */
  onRequest: (request: SipRequest) => void = () => {};
  readonly #send: (bytes: Uint8Array) => void;
  #branch = 0;

  static async open(world: World): Promise<RawPeer> {
    const host = world.host('peer', { addresses: [PEER] });
    const socket = await host.network.bindUdp({ address: PEER, port: 5060 });
    const peer = new RawPeer((bytes) => socket.send(bytes, PHONE, 5060));
    socket.onDatagram = (bytes) => peer.#receive(bytes.slice());
    return peer;
  }

  private constructor(send: (bytes: Uint8Array) => void) {
    this.#send = send;
  }

  /** Requests of one method, every retransmission counted. */
  got(method: string): SipRequest[] {
    return this.requests.filter((request) => request.method === method);
  }

  /** Statuses of the answers to one request of ours, provisional ones included. */
  statuses(method: string, sequenceNumber: number): number[] {
    return this.responses
      .filter(({ cseq }) => cseq.method === method && cseq.sequenceNumber === sequenceNumber)
      .map(({ status }) => status);
  }

  respond(request: SipRequest, status: number, options: CreateResponseOptions = {}): void {
    const contact: HeaderField = ['Contact', `<sip:bob@${PEER}>`];
    const headers = [contact, ...(options.headers ?? [])];
    this.#send(serializeMessage(createResponse(request, status, { ...options, headers })));
  }

  request(method: string, sequenceNumber: number, options: RawRequestOptions = {}): SipRequest {
    const {
      callId = 'raw-call',
      fromTag = 'raw',
      toTag,
      body,
      branch = `z9hG4bKraw${this.#branch++}`,
    } = options;
    const request = createRequest({
      method,
      requestUri: sipUri({ user: 'alice', host: PHONE }),
      headers: [
        ['Via', `SIP/2.0/UDP ${PEER};branch=${branch}`],
        ['Max-Forwards', '70'],
        ['From', `<${formatUri(sipUri({ user: 'bob', host: PEER }))}>;tag=${fromTag}`],
        ['To', `<sip:alice@${PHONE}>${toTag === undefined ? '' : `;tag=${toTag}`}`],
        ['Call-ID', callId],
        ['CSeq', `${sequenceNumber} ${method}`],
        ['Contact', `<sip:bob@${PEER}>`],
        ...(options.headers ?? []),
      ],
      body,
      contentType: body === undefined ? undefined : 'application/sdp',
    });
    this.#send(serializeMessage(request));
    return request;
  }

  #receive(bytes: Uint8Array): void {
    const message = parseMessage(bytes);
    if (message instanceof SipRequest) {
      this.requests.push(message);
      this.onRequest(message);
    } else if (message instanceof SipResponse) this.responses.push(message);
  }
}

/** A phone of ours and a peer that is told every step. */
export async function phoneAndPeer(world: World): Promise<{ phone: TestPhone; peer: RawPeer }> {
  const peer = await RawPeer.open(world);
  const phone = await TestPhone.open({
    host: world.host('phone', { addresses: [PHONE] }),
    name: 'alice',
    password: 'secret',
    server: PEER,
    realm: 'example.org',
  });
  return { phone, peer };
}
