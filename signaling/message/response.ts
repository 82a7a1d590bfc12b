// SIP responses.
import { type MessageChanges, type MessageParts, SipMessage } from './message.ts';

export interface ResponseParts extends MessageParts {
  readonly status: number;
  readonly reason: string;
}

/** A SIP response. */
export class SipResponse extends SipMessage {
  readonly kind = 'response';
  /** 100 to 699. */
  readonly status: number;
  /** May be empty. */
  readonly reason: string;

  constructor(parts: ResponseParts) {
    super(parts);
    this.status = parts.status;
    this.reason = parts.reason;
  }

  get startLine(): string {
    return `SIP/2.0 ${this.status} ${this.reason}`;
  }

  /** A response like this one, with changes. */
  with(changes: MessageChanges): SipResponse {
    const { headers, body, read } = this.derivedParts(changes);
    return new SipResponse({ status: this.status, reason: this.reason, headers, body, read });
  }
}
