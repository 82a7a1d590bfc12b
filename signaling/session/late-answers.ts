// Forks that answer after another one has: each 2xx is acknowledged, and its dialog hung up (RFC 3261 §13.2.2.4).
import { Dialog } from '../dialog/index.ts';
import type { SipRequest, SipResponse } from '../message/index.ts';
import { credentialsOf } from './build-invite.ts';
import { MAX_FORKS } from './constants.ts';
import type { SessionBase } from './session-base.ts';

export class LateAnswers {
  readonly #session: SessionBase;
  /** By the tag of the fork. */
  readonly #acks = new Map<string, SipRequest>();

  constructor(session: SessionBase) {
    this.#session = session;
  }

  /** Acknowledges every copy of the 2xx, and hangs up once. */
  handle(response: SipResponse): void {
    const { host, invite, flow, client } = this.#session;
    const tag = response.toTag ?? '';
    const known = this.#acks.get(tag);
    if (known) return host.endpoint.sendAck(known, { flow });
    if (this.#acks.size >= MAX_FORKS) return;
    const dialog = Dialog.ofClient(invite, response);
    const ack = dialog.ack(response.cseq.sequenceNumber, { headers: credentialsOf(invite) });
    this.#acks.set(tag, ack);
    host.endpoint.sendAck(ack, { flow });
    void client.request('BYE', {}, dialog);
  }
}
