// A SIP user agent: owns sessions, sends requests outside dialogs, and sorts what comes in.
import { Emitter, type Log, OperationError, type Runtime, sleep } from '../../core/index.ts';
import { DialogTable } from '../dialog/index.ts';
import { DigestClient } from '../digest/index.ts';
import type { ServerTransaction, SipEndpoint } from '../endpoint/types.ts';
import { createResponse, type HeaderField, type SipRequest, type SipResponse } from '../message/index.ts';
import {
  type Credentials,
  IncomingInvite,
  type InviteOptions,
  OutgoingInvite,
  type OutgoingSession,
  respond,
  type SessionBase,
  type SessionHost,
  SUPPORTED_OPTIONS,
  TimerScheduler,
} from '../session/index.ts';
import { judge } from './acceptability.ts';
import { answerOptions } from './capabilities.ts';
import { OutOfDialogRequests } from './out-of-dialog-requests.ts';
import type { RequestOptions, RequestResult, UserAgent, UserAgentEvents, UserAgentOptions } from './types.ts';

/** RFC 4028 §4: the recommended interval. */
const SESSION_EXPIRES_SECONDS = 1800;
/** How long `close` waits for sessions to end. */
const CLOSE_GRACE_MS = 2000;
const CLOSE_STEP_MS = 20;
/** Sessions at once; more are refused with 503. */
const MAX_SESSIONS = 50_000;
/** Credentials whose nonces are kept; the oldest are asked for anew. */
const MAX_DIGEST_CLIENTS = 64;

export class SipUserAgent extends Emitter<UserAgentEvents> implements UserAgent, SessionHost {
  readonly endpoint: SipEndpoint;
  readonly runtime: Runtime;
  readonly log: Log;
  readonly dialogs = new DialogTable<SessionBase>();
  readonly sessionExpiresSeconds: number;
  readonly scheduler: TimerScheduler;
  readonly supportedOptions: ReadonlySet<string>;
  readonly #options: UserAgentOptions;
  readonly #sessions = new Set<SessionBase>();
  readonly #digests = new Map<string, DigestClient>();
  readonly #requests: OutOfDialogRequests;
  #invariantFailures = 0;
  #tracked = 0;

  constructor(runtime: Runtime, endpoint: SipEndpoint, options: UserAgentOptions = {}) {
    super();
    this.runtime = runtime;
    this.endpoint = endpoint;
    this.log = runtime.log;
    this.sessionExpiresSeconds = options.sessionExpiresSeconds ?? SESSION_EXPIRES_SECONDS;
    this.scheduler = new TimerScheduler(runtime);
    const tags = [...SUPPORTED_OPTIONS, ...(options.supported ?? [])];
    this.supportedOptions = new Set(tags.map((tag) => tag.toLowerCase()));
    this.#options = options;
    this.#requests = new OutOfDialogRequests(this);
    endpoint.on('request', (transaction) => this.#handleRequest(transaction));
    endpoint.on('ack', ({ request }) => this.#handleAck(request));
    endpoint.on('stray2xx', ({ response }) => this.#handleStraySuccess(response));
  }

  get sessionCount(): number {
    return this.#sessions.size;
  }

  get dialogCount(): number {
    return this.dialogs.size;
  }

  /** Sessions that wait for a time. */
  get timerCount(): number {
    return this.scheduler.size;
  }

  /** Failures of ours that ended a session. */
  get invariantFailures(): number {
    return this.#invariantFailures;
  }

  invite(options: InviteOptions): OutgoingSession {
    if (this.#sessions.size >= MAX_SESSIONS) {
      throw new OperationError('SIP_TOO_MANY_SESSIONS', `there are ${MAX_SESSIONS} sessions already`);
    }
    const session = new OutgoingInvite(this, options);
    this.#sessions.add(session);
    this.guard(session, () => session.start());
    return session;
  }

  request(method: string, options: RequestOptions): Promise<RequestResult> {
    return this.#requests.send(method, options);
  }

  async close(graceMs = CLOSE_GRACE_MS): Promise<void> {
    for (const session of [...this.#sessions]) session.end({ status: 480 });
    const endAt = this.runtime.clock.now() + graceMs;
    // BYEs and CANCELs under way are given their time, too.
    while (this.#isBusy && this.runtime.clock.now() < endAt) await sleep(this.runtime, CLOSE_STEP_MS);
    for (const session of [...this.#sessions]) {
      session.finish({ by: 'local', status: undefined, reason: 'closed', message: undefined });
    }
    this.endpoint.close();
    this.scheduler.close();
  }

  get #isBusy(): boolean {
    return this.#sessions.size > 0 || this.#requests.pending > 0 || this.#tracked > 0;
  }

  authorize(
    request: SipRequest,
    response: SipResponse,
    credentials: Credentials | undefined,
  ): readonly HeaderField[] | undefined {
    const used = credentials ?? this.#options.credentials;
    return used && this.#digestFor(used).answerChallenge(request, response);
  }

  async track<Result>(work: Promise<Result>): Promise<Result> {
    this.#tracked += 1;
    try {
      return await work;
    } finally {
      this.#tracked -= 1;
    }
  }

  forget(session: SessionBase): void {
    this.#sessions.delete(session);
  }

  guard(session: SessionBase, work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#invariantFailures += 1;
      this.log.error({ callId: session.callId, err: error }, 'session failed');
      this.#fail(session);
    }
  }

  #fail(session: SessionBase): void {
    try {
      session.fail();
    } catch {
      // What failed once may fail again while it is put away.
      this.forget(session);
    }
  }

  #digestFor(credentials: Credentials): DigestClient {
    const { username, password } = credentials;
    const key = `${username}\n${password}`;
    const known = this.#digests.get(key);
    if (known) return known;
    if (this.#digests.size >= MAX_DIGEST_CLIENTS) this.#digests.clear();
    const client = new DigestClient({ username, password, random: this.runtime.random });
    this.#digests.set(key, client);
    return client;
  }

  #handleAck(ack: SipRequest): void {
    const found = this.dialogs.findForRequest(ack);
    if (found) this.guard(found.owner, () => found.owner.handleAck(ack));
  }

  /** Only what belongs to a dialog of ours is answered: anybody can send a 2xx. */
  #handleStraySuccess(response: SipResponse): void {
    const found = this.dialogs.findForResponse(response);
    if (found) this.guard(found.owner, () => found.owner.handleStraySuccess(response));
  }

  #handleRequest(transaction: ServerTransaction): void {
    const { request } = transaction;
    // RFC 3261 §10.2: a registration makes no dialog, though some phones repeat the tag of the answer.
    if (request.toTag === undefined || request.method === 'REGISTER') return this.#handleInitial(transaction);
    const found = this.dialogs.findForRequest(request);
    // RFC 3261 §12.2.2: a dialog that we do not know, or do not know any more.
    if (!found) return this.#refuse(transaction, { status: 481 });
    this.guard(found.owner, () => found.owner.handleRequest(transaction, found.dialog));
  }

  #handleInitial(transaction: ServerTransaction): void {
    const { request, flow } = transaction;
    // RFC 3261 §8.2 puts authentication first; what nobody may ask for is refused before it, which tells strangers no more.
    const refusal = judge(request, this.supportedOptions);
    if (refusal) return this.#refuse(transaction, refusal);
    const screened = this.#options.screen?.(request, flow);
    if (screened) return this.#refuse(transaction, screened);
    if (request.method === 'INVITE') return this.#handleInvite(transaction);
    this.#passRequest(transaction);
  }

  /** A refusal before anything is remembered: a challenge, most of the time. */
  #refuse(
    transaction: ServerTransaction,
    screened: NonNullable<ReturnType<NonNullable<UserAgentOptions['screen']>>>,
  ): void {
    const { status, options = {} } = screened;
    // RFC 3261 §8.2.7: a retransmission is refused again and alike. Kept, the refusal of an INVITE would be repeated
    // until an ACK, towards an address that may be forged.
    transaction.respondAndForget(createResponse(transaction.request, status, options));
  }

  #handleInvite(transaction: ServerTransaction): void {
    if (this.#sessions.size >= MAX_SESSIONS) {
      return respond(transaction, 503, { headers: [['Retry-After', '10']] });
    }
    const session = new IncomingInvite(this, transaction);
    this.#sessions.add(session);
    if (!this.emit('invite', { session, flow: transaction.flow })) session.reject(480);
  }

  #passRequest(transaction: ServerTransaction): void {
    const { request, flow } = transaction;
    let isAnswered = false;
    const wasHeard = this.emit('request', {
      request,
      flow,
      respond: (status, options) => {
        if (isAnswered) return;
        isAnswered = true;
        respond(transaction, status, options);
      },
    });
    if (!wasHeard) answerOptions(transaction);
  }
}
