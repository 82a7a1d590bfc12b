// What a user of signaling sees of one call leg: the INVITE usage of a dialog (RFC 3261 §13 to §15, RFC 5057).
import type { Emitter } from '../../core/index.ts';
import type { HeaderField, NameAddr, SipRequest, SipResponse, Uri } from '../message/index.ts';

/** Why a session ended; `reason` is a sentence for logs and call records. */
export interface SessionEnd {
  readonly by:
    | 'local' // we sent BYE, CANCEL or a final refusal
    | 'remote' // the peer sent BYE, CANCEL or a final refusal
    | 'timeout' // no final answer (timer B, or no ACK within 64*T1), or the session timer ran out
    | 'transport' // nothing could be sent
    | 'error'; // our invariant failed
  /** Final SIP status that ended an unanswered call; undefined after BYE. */
  readonly status: number | undefined;
  readonly reason: string;
  /** The BYE, CANCEL or refusal that ended it, where there was one. */
  readonly message: SipRequest | SipResponse | undefined;
}

export type SessionState = 'calling' | 'proceeding' | 'early' | 'confirmed' | 'terminated';

/** An offer within the dialog (re-INVITE or UPDATE). Exactly one of `answer` and `reject` is to be called, soon. */
export interface RemoteOffer {
  /** The SDP; undefined where a re-INVITE has none and asks us for an offer. */
  readonly sdp: string | undefined;
  readonly method: 'INVITE' | 'UPDATE';
  /** The answer; or our offer where `sdp` is undefined (its answer then comes as `answered`). */
  answer(sdp: string): void;
  reject(status: number, headers?: readonly HeaderField[]): void;
}

export interface SessionEvents {
  /** A provisional response over 100 came (outgoing only). `sdp` is an early answer or, rarely, an offer. */
  progress: {
    readonly status: number;
    readonly reason: string;
    readonly sdp: string | undefined;
    readonly response: SipResponse;
    /** To tag: forked early dialogs are told apart by it. */
    readonly remoteTag: string | undefined;
  };
  /** The call was answered with 2xx. On the outgoing side `sdp` is the answer (or the offer, if INVITE had none). */
  accepted: { readonly sdp: string | undefined; readonly response: SipResponse | undefined };
  /** ACK arrived (incoming only); `sdp` where the answer came in it. */
  acknowledged: { readonly sdp: string | undefined };
  /** The peer offers anew. With no listener it is refused with 488. */
  offer: RemoteOffer;
  /** INFO, MESSAGE, NOTIFY, REFER within the dialog. Unanswered by a listener, it is refused with 405 or 489. */
  request: { readonly request: SipRequest; respond(status: number, options?: ResponseOptions): void };
  /** The session is over. Comes exactly once, and last. */
  ended: SessionEnd;
}

export interface ResponseOptions {
  readonly reason?: string;
  readonly headers?: readonly HeaderField[];
  readonly body?: string | Uint8Array;
  /** Content-Type; `application/sdp` where a body is given and this is not. */
  readonly contentType?: string;
}

/** The answer to an offer or request of ours within the dialog. */
export interface InDialogResult {
  readonly status: number;
  readonly reason: string;
  /** The answer where the status is 2xx. */
  readonly sdp: string | undefined;
  readonly response: SipResponse | undefined;
}

export interface LocalOfferOptions {
  readonly headers?: readonly HeaderField[];
  /**
   * Whether the session goes on where no answer comes: for an offer that tries to mend it. RFC 3261 §12.2.1.2 ends the
   * dialog; so it is where this is not given.
   */
  readonly survivesTimeout?: boolean;
}

/** Common to both directions. */
export interface Session extends Emitter<SessionEvents> {
  readonly direction: 'incoming' | 'outgoing';
  readonly state: SessionState;
  readonly callId: string;
  /** The peer: From of an incoming, To of an outgoing call. */
  readonly remote: NameAddr;
  readonly local: NameAddr;
  /** The INVITE as received, or as first sent. */
  readonly invite: SipRequest;
  /** Whether the peer's Allow lists INFO (RFC 6086); false as long as it has sent none. */
  readonly peerAllowsInfo: boolean;
  /**
   * Ends the session by what its state asks for: CANCEL, a refusal, or BYE. Doing it twice is harmless.
   *
   * @param options.status - status of the refusal of an unanswered incoming call; 480 where not given
   */
  end(options?: { readonly status?: number; readonly headers?: readonly HeaderField[] }): void;
  /**
   * Offers anew by re-INVITE (RFC 3261 §14), or by UPDATE before the answer where the peer allows it. Waits out
   * glare (491, §14.1). Without `sdp` a re-INVITE asks the peer for an offer: the result's `sdp` is that offer and
   * `acknowledge` must be called with the answer.
   */
  offer(sdp: string, options?: LocalOfferOptions): Promise<InDialogResult>;
  /** Sends INFO, MESSAGE, NOTIFY, REFER or OPTIONS within the dialog. Never rejects: a timeout is status 408. */
  request(method: string, options?: ResponseOptions): Promise<InDialogResult>;
}

export interface IncomingSession extends Session {
  readonly direction: 'incoming';
  /** The offer of the INVITE, where it had one. */
  readonly offerSdp: string | undefined;
  /** 101 to 199. Reliable (RFC 3262) where the peer requires it, or supports it and there is SDP. */
  progress(status: number, options?: ResponseOptions & { readonly sdp?: string }): void;
  /**
   * What follows comes from somebody else than what came before, as where a proxy forks: in a dialog of its own
   * (RFC 3261 §12.1), which may answer the offer of the INVITE in its own way.
   */
  fork(): void;
  accept(options: ResponseOptions & { readonly sdp: string }): void;
  /** 300 to 699. */
  reject(status: number, options?: ResponseOptions): void;
}

export interface OutgoingSession extends Session {
  readonly direction: 'outgoing';
  /** Sends the answer in the ACK, where the INVITE had no offer and the 2xx brought one. */
  acknowledge(sdp: string): void;
}

/** Credentials with which a user agent answers a challenge. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}

export interface InviteOptions {
  /** Request-URI. */
  readonly target: Uri;
  readonly from: NameAddr;
  /** To; the target where it is not given. */
  readonly to?: NameAddr;
  readonly sdp?: string;
  readonly headers?: readonly HeaderField[];
  /** Pre-loaded route set (outbound proxy, Path of a binding). */
  readonly routeSet?: readonly NameAddr[];
  readonly credentials?: Credentials;
  readonly maxForwards?: number;
  /** Send over this flow (the one on which the callee registered) instead of resolving the URI. */
  readonly flow?: import('../transport/types.ts').Flow;
}
