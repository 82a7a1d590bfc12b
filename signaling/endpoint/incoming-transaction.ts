// A request from the network as its user sees it.
import type { SipRequest, SipResponse } from '../message/index.ts';
import type { ServerRecord, ServerUser, TransactionFailure } from '../transaction/index.ts';
import type { Flow } from '../transport/index.ts';
import type { ServerTransaction } from './types.ts';

/** Sends the responses. */
export interface Responder {
  respond(record: ServerRecord, response: SipResponse): void;
  respondAndForget(record: ServerRecord, response: SipResponse): void;
}

export class IncomingTransaction implements ServerTransaction, ServerUser {
  readonly request: SipRequest;
  readonly flow: Flow;
  onCancel: ((cancel: SipRequest) => void) | undefined;
  onFailure: ((reason: TransactionFailure) => void) | undefined;
  readonly #record: ServerRecord;
  readonly #responder: Responder;

  constructor(request: SipRequest, flow: Flow, owner: { record: ServerRecord; responder: Responder }) {
    this.request = request;
    this.flow = flow;
    this.onCancel = undefined;
    this.onFailure = undefined;
    this.#record = owner.record;
    this.#responder = owner.responder;
  }

  get isFinished(): boolean {
    return this.#record.isFinished;
  }

  respond(response: SipResponse): void {
    this.#responder.respond(this.#record, response);
  }

  respondAndForget(response: SipResponse): void {
    this.#responder.respondAndForget(this.#record, response);
  }

  handleCancel(cancel: SipRequest): void {
    this.onCancel?.(cancel);
  }

  handleFailure(reason: TransactionFailure): void {
    this.onFailure?.(reason);
  }
}
