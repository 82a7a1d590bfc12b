// A SIP user agent: sessions and requests over an endpoint. The server's phone system and the softphone both own one.
import type { Emitter } from '../../core/index.ts';
import type { SipEndpoint } from '../endpoint/types.ts';
import type { HeaderField, NameAddr, SipRequest, SipResponse, Uri } from '../message/index.ts';
import type {
  Credentials,
  IncomingSession,
  InviteOptions,
  OutgoingSession,
  ResponseOptions,
} from '../session/types.ts';
import type { Flow } from '../transport/types.ts';

/** A request outside dialogs that is not INVITE: REGISTER, OPTIONS, MESSAGE, SUBSCRIBE, PUBLISH … */
export interface IncomingRequest {
  readonly request: SipRequest;
  readonly flow: Flow;
  respond(status: number, options?: ResponseOptions): void;
}

export interface UserAgentOptions {
  /**
   * Looks at every request outside our dialogs before anything remembers it. A returned response is sent and that is
   * all: challenges, 403, 420, 503 while draining.
   */
  readonly screen?: (
    request: SipRequest,
    flow: Flow,
  ) => { status: number; options?: ResponseOptions } | undefined;
  /** Option tags understood besides `100rel`, `timer`, `replaces` … of the user agent itself. */
  readonly supported?: readonly string[];
  /** Session-Expires that we ask for, in seconds; 1800 where not given, 0 never asks (RFC 4028). */
  readonly sessionExpiresSeconds?: number;
  /** Whether a 401 or 407 to a request of ours is answered with these, where the request brings none of its own. */
  readonly credentials?: Credentials;
}

export interface UserAgentEvents {
  /** A new call. With no listener it is refused with 480. */
  invite: { readonly session: IncomingSession; readonly flow: Flow };
  /** With no listener: OPTIONS is answered with 200 and what we support, others with 405 or 501. */
  request: IncomingRequest;
}

export interface RequestOptions {
  readonly target: Uri;
  readonly from: NameAddr;
  readonly to?: NameAddr;
  readonly headers?: readonly HeaderField[];
  readonly body?: string | Uint8Array;
  readonly contentType?: string;
  readonly routeSet?: readonly NameAddr[];
  readonly credentials?: Credentials;
  readonly flow?: Flow;
  /** Continue this Call-ID and CSeq (REGISTER refreshes, RFC 3261 §10.2). */
  readonly callId?: string;
  readonly sequenceNumber?: number;
  readonly fromTag?: string;
  /** Gives up earlier than timer F. */
  readonly timeoutMs?: number;
}

/** What a request of ours came to. A timeout is 408 and a transport error 503, both without `response`. */
export interface RequestResult {
  readonly status: number;
  readonly reason: string;
  readonly response: SipResponse | undefined;
  readonly flow: Flow | undefined;
  /** CSeq of the last try: authentication may have used one more. */
  readonly sequenceNumber: number;
}

export interface UserAgent extends Emitter<UserAgentEvents> {
  readonly endpoint: SipEndpoint;
  /** Sessions that are not over. */
  readonly sessionCount: number;
  invite(options: InviteOptions): OutgoingSession;
  /** Sends one request outside dialogs, answering a challenge once. Never rejects. */
  request(method: string, options: RequestOptions): Promise<RequestResult>;
  /** Ends every session (BYE, CANCEL, 480), then closes the endpoint once they are over or after `graceMs`. */
  close(graceMs?: number): Promise<void>;
}

/** `new SipUserAgent(runtime, endpoint, options)` */
export type CreateUserAgent = (
  runtime: import('../../core/index.ts').Runtime,
  endpoint: SipEndpoint,
  options?: UserAgentOptions,
) => UserAgent;
