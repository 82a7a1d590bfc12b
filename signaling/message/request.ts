// SIP requests.
import { checkMessage } from './check.ts';
import { MalformedRequest } from './malformed-request.ts';
import { type MessageChanges, type MessageParts, SipMessage } from './message.ts';
import type { Uri, Via } from './types.ts';
import { formatUri } from './uri.ts';
import { formatVia } from './via.ts';

export interface RequestParts extends MessageParts {
  readonly method: string;
  readonly requestUri: Uri;
  /** As received; made from `requestUri` where not given. */
  readonly requestUriText?: string;
}

export interface RequestChanges extends MessageChanges {
  readonly requestUri?: Uri;
}

/** A SIP request. */
export class SipRequest extends SipMessage {
  readonly kind = 'request';
  /** Case matters (RFC 3261 §7.1). */
  readonly method: string;
  readonly requestUri: Uri;
  readonly requestUriText: string;

  constructor(parts: RequestParts) {
    super(parts);
    this.method = parts.method;
    this.requestUri = parts.requestUri;
    this.requestUriText = parts.requestUriText ?? formatUri(parts.requestUri);
  }

  get startLine(): string {
    return `${this.method} ${this.requestUriText} SIP/2.0`;
  }

  /** As for every message; what it finds carries the 400 and can be answered. */
  override check(): MalformedRequest | undefined {
    const fault = checkMessage(this);
    return fault && new MalformedRequest(fault, 400, this);
  }

  /** A request like this one, with changes. */
  with(changes: RequestChanges): SipRequest {
    const { headers, body, read } = this.derivedParts(changes);
    const { method, requestUri, requestUriText } = this;
    return changes.requestUri
      ? new SipRequest({ method, requestUri: changes.requestUri, headers, body, read })
      : new SipRequest({ method, requestUri, requestUriText, headers, body, read });
  }

  /** The same request with its topmost Via, which it must have, changed (`received`, `rport`). */
  withTopVia(via: Via): SipRequest {
    const { method, requestUri, requestUriText } = this;
    const headers = this.headers.withFirstElement('via', formatVia(via));
    const read = this.readWithTopVia(via);
    return new SipRequest({ method, requestUri, requestUriText, headers, body: this.rawBody, read });
  }
}
