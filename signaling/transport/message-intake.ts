// From received bytes to messages: parse, check, write down the source; answer or drop what is malformed.
import { DecodeError, tracePoint } from '../../core/index.ts';
import {
  type Answerable,
  createResponse,
  MalformedRequest,
  parseMessage,
  type SipRequest,
  type SipResponse,
  serializeMessage,
} from '../message/index.ts';
import { classifyDatagram } from './classify.ts';
import type { TransportCounters } from './counters.ts';
import type { Flow, SipTrace } from './types.ts';
import { responseDestination, viaWithSource } from './via.ts';

export interface IntakeOptions {
  readonly counters: TransportCounters;
  /** Told with traces. */
  readonly listening: SipTrace['listening'];
  readonly onRequest: (request: SipRequest, flow: Flow) => void;
  readonly onResponse: (response: SipResponse, flow: Flow) => void;
  /** Takes datagrams that are no SIP (STUN on the same port). Without it they are dropped. */
  readonly onNonSip?: ((bytes: Uint8Array, flow: Flow) => void) | undefined;
  /** A datagram came that only keeps a mapping alive. */
  readonly onKeepAlive?: ((flow: Flow) => void) | undefined;
  /** Whether the sent-by of a response's topmost Via is one that we put into requests. */
  readonly isOurSentBy: (host: string) => boolean;
  readonly reply: (bytes: Uint8Array, flow: Flow) => void;
  readonly onMalformed?: (fault: DecodeError, flow: Flow) => void;
  /** Value of Server in answers to malformed requests. */
  readonly product: string;
}

/**
 * By how much an answer to a malformed datagram may exceed it: the status line, `received` and a To tag. Such an
 * answer needs no consent of its receiver, so it must not be of use for amplification.
 */
const MAX_REPLY_EXCESS_BYTES = 160;

const received = tracePoint('patchcord:sip:received');

export class MessageIntake {
  readonly #options: IntakeOptions;

  constructor(options: IntakeOptions) {
    this.#options = options;
  }

  handleDatagram(bytes: Uint8Array, flow: Flow): void {
    const kind = classifyDatagram(bytes);
    // The socket may reuse its buffer, and a message keeps a view of its body: so a copy.
    if (kind === 'sip') this.handleMessage(Buffer.from(bytes), flow);
    else if (kind === 'keep-alive') {
      this.#options.counters.keepAlives += 1;
      this.#options.onKeepAlive?.(flow);
    } else {
      this.#options.counters.nonSip += 1;
      this.#options.onNonSip?.(bytes, flow);
    }
  }

  /** One whole message, from a datagram or cut out of a stream; the bytes are given away. */
  handleMessage(bytes: Uint8Array, flow: Flow): void {
    const { counters } = this.#options;
    counters.received += 1;
    if (received.hasSubscribers) {
      const { listening } = this.#options;
      received.publish({ bytes: bytes.slice(), flow, listening } satisfies SipTrace);
    }
    const message = parseMessage(bytes);
    if (message instanceof DecodeError) this.handleMalformed(message, flow, bytes.length);
    else if (message.kind === 'request') {
      const via = viaWithSource(message.topVia, flow);
      this.#options.onRequest(via === message.topVia ? message : message.withTopVia(via), flow);
    } else if (this.#isForUs(message)) this.#options.onResponse(message, flow);
    else counters.foreignResponses += 1;
  }

  /** @param sizeBytes - of what was received: over UDP the answer is hardly larger */
  handleMalformed(fault: DecodeError, flow: Flow, sizeBytes: number): void {
    this.#options.counters.malformed += 1;
    this.#options.onMalformed?.(fault, flow);
    if (!(fault instanceof MalformedRequest) || !fault.answerable) return;
    if (fault.answerable.method === 'ACK') return;
    const { topVia } = fault.answerable;
    const request: Answerable = fault.answerable.withTopVia(viaWithSource(topVia, flow));
    const headers = [['Server', this.#options.product]] as const;
    const response = createResponse(request, fault.status, { reason: fault.phrase, headers });
    const reply = serializeMessage(response);
    if (flow.protocol === 'udp' && reply.length > sizeBytes + MAX_REPLY_EXCESS_BYTES) return;
    this.#options.reply(reply, responseDestination(topVia, flow));
  }

  /** RFC 3261 §18.1.2 and §8.1.3.3: our sent-by on top, and no Via of somebody else's below. */
  #isForUs(response: SipResponse): boolean {
    return response.vias.length === 1 && this.#options.isOurSentBy(response.topVia.host);
  }
}
