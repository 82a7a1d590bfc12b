// A dialog (RFC 3261 §12): who the two ends are, in what order requests come, and by which way they go.
import {
  createRequest,
  formatCseq,
  formatNameAddr,
  type HeaderField,
  type NameAddr,
  type SipRequest,
  type SipResponse,
  type Uri,
  withParameter,
} from '../message/index.ts';

export type DialogState = 'early' | 'confirmed' | 'terminated';

/** Calls and answers of one dialog have these in common (§12). */
export interface DialogId {
  readonly callId: string;
  readonly localTag: string;
  readonly remoteTag: string;
}

interface DialogParts extends DialogId {
  readonly local: NameAddr;
  readonly remote: NameAddr;
  readonly localSequence: number;
  readonly remoteSequence: number | undefined;
  readonly routeSet: readonly NameAddr[];
  readonly remoteTarget: Uri;
}

/** Body and headers of a request within a dialog. */
export interface InDialogOptions {
  readonly contact?: NameAddr;
  readonly headers?: readonly HeaderField[] | undefined;
  readonly body?: string | Uint8Array | undefined;
  readonly contentType?: string | undefined;
}

/** A sans-I/O record: it builds requests, it sends none. */
export class Dialog implements DialogId {
  readonly callId: string;
  readonly localTag: string;
  readonly remoteTag: string;
  state: DialogState = 'early';
  readonly #local: NameAddr;
  readonly #remote: NameAddr;
  readonly #routeSet: readonly NameAddr[];
  #localSequence: number;
  #remoteSequence: number | undefined;
  #remoteTarget: Uri;

  /** §12.1.2: from a response with a To tag to an INVITE of ours. */
  static ofClient(invite: SipRequest, response: SipResponse): Dialog {
    const [contact] = response.contacts;
    return new Dialog({
      callId: invite.callId,
      localTag: invite.fromTag ?? '',
      // §12.1.2: a peer of RFC 2543 sends no tag; the empty one then names it.
      remoteTag: response.toTag ?? '',
      local: invite.from,
      remote: response.to,
      localSequence: invite.cseq.sequenceNumber,
      remoteSequence: undefined,
      routeSet: response.recordRoutes.toReversed(),
      remoteTarget: contact?.uri ?? invite.requestUri,
    });
  }

  /** §12.1.1: from an INVITE that we answer with this tag. */
  static ofServer(invite: SipRequest, localTag: string): Dialog {
    const [contact] = invite.contacts;
    return new Dialog({
      callId: invite.callId,
      localTag,
      remoteTag: invite.fromTag ?? '',
      local: withParameter(invite.to, 'tag', localTag),
      remote: invite.from,
      localSequence: 0,
      remoteSequence: invite.cseq.sequenceNumber,
      routeSet: invite.recordRoutes,
      remoteTarget: contact?.uri ?? invite.from.uri,
    });
  }

  private constructor(parts: DialogParts) {
    this.callId = parts.callId;
    this.localTag = parts.localTag;
    this.remoteTag = parts.remoteTag;
    this.#local = parts.local;
    this.#remote = parts.remote;
    this.#localSequence = parts.localSequence;
    this.#remoteSequence = parts.remoteSequence;
    this.#routeSet = parts.routeSet;
    this.#remoteTarget = parts.remoteTarget;
  }

  get remoteTarget(): Uri {
    return this.#remoteTarget;
  }

  /** §12.2.1.1: the next request of ours. */
  request(method: string, options: InDialogOptions = {}): SipRequest {
    this.#localSequence += 1;
    return this.#build(method, this.#localSequence, options);
  }

  /** §13.2.2.4: the ACK to a 2xx has the number of its INVITE. */
  ack(inviteSequence: number, options: InDialogOptions = {}): SipRequest {
    return this.#build('ACK', inviteSequence, options);
  }

  /**
   * §12.2.2: notes the number of a request of the peer.
   *
   * @returns false where it comes out of order, to be answered with 500
   */
  acceptSequence(request: SipRequest): boolean {
    const { sequenceNumber } = request.cseq;
    if (this.#remoteSequence !== undefined && sequenceNumber < this.#remoteSequence) return false;
    this.#remoteSequence = sequenceNumber;
    return true;
  }

  /** Numbers go on from the early dialog that this one was (RFC 3261 §12.1.2 builds it anew from the 2xx). */
  continueFrom(early: Dialog): void {
    this.#localSequence = Math.max(this.#localSequence, early.#localSequence);
    this.#remoteSequence ??= early.#remoteSequence;
  }

  /** §12.2: a target refresh request, or a 2xx to one, moves the remote target. */
  refreshTarget(message: SipRequest | SipResponse): void {
    const [contact] = message.contacts;
    if (contact) this.#remoteTarget = contact.uri;
  }

  #build(method: string, sequenceNumber: number, options: InDialogOptions): SipRequest {
    const { requestUri, routes } = this.#route();
    const headers: HeaderField[] = [
      ...routes.map((route): HeaderField => ['Route', route]),
      ['From', formatNameAddr(this.#local)],
      ['To', formatNameAddr(this.#remote)],
      ['Call-ID', this.callId],
      ['CSeq', formatCseq({ sequenceNumber, method })],
    ];
    if (options.contact) headers.push(['Contact', formatNameAddr(options.contact)]);
    headers.push(...(options.headers ?? []));
    const { body, contentType } = options;
    return createRequest({ method, requestUri, headers, body, contentType });
  }

  /** §12.2.1.1: loose routing, or the strict one of RFC 2543 where the first hop has no `lr`. */
  #route(): { readonly requestUri: Uri; readonly routes: readonly string[] } {
    const [first, ...rest] = this.#routeSet;
    if (!first) return { requestUri: this.#remoteTarget, routes: [] };
    if (first.uri.scheme !== 'other' && first.uri.parameters.has('lr')) {
      return { requestUri: this.#remoteTarget, routes: this.#routeSet.map(formatNameAddr) };
    }
    const last: NameAddr = { displayName: undefined, uri: this.#remoteTarget, parameters: new Map() };
    return { requestUri: first.uri, routes: [...rest, last].map(formatNameAddr) };
  }
}
