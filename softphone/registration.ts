// Keeps one address-of-record registered.
import { type CancelTimer, Emitter, OperationError, type Runtime, sleep } from '../core/index.ts';
import type { TurnService } from '../nat/index.ts';
import {
  type Flow,
  formatNameAddr,
  type HeaderField,
  isSameUri,
  type NameAddr,
  type RequestResult,
  turnServersOf,
  type Uri,
  type UserAgent,
} from '../signaling/index.ts';
import type { Account } from './account.ts';
import { REGISTER_EXPIRES_SECONDS, refreshDelayMs, retryDelayMs } from './registration-timing.ts';

export type RegistrationState = 'unregistered' | 'registering' | 'registered' | 'failed';

export interface RegistrationEvents {
  /** `status` and `reason` are those of the last answer. */
  changed: {
    readonly state: RegistrationState;
    readonly status: number | undefined;
    readonly reason: string;
    /** When the next try comes, in milliseconds from now; undefined where none does. */
    readonly nextTryMs: number | undefined;
  };
}

/** A request may outlive the phone's patience by far: 32 s is timer F. */
const UNREGISTER_TIMEOUT_MS = 2000;

/**
 * Registers, refreshes, and after a failure tries again later and later. One REGISTER is under way at a time; all
 * have one Call-ID and a growing CSeq (RFC 3261 §10.2).
 */
export class Registration extends Emitter<RegistrationEvents> {
  readonly #runtime: Runtime;
  readonly #userAgent: UserAgent;
  readonly #account: Account;
  readonly #callId: string;
  readonly #fromTag: string;
  #sequenceNumber = 0;
  #expiresSeconds: number;
  #state: RegistrationState = 'unregistered';
  #failures = 0;
  #cancelTimer: CancelTimer | undefined;
  #isWanted = false;
  #contact: NameAddr | undefined;
  #isMoved = false;
  /** Which the registrar may still have. */
  #formerContact: NameAddr | undefined;
  /** Over which the registrar answered last, and will call us. */
  #flow: Flow | undefined;
  #turnServers: readonly TurnService[] = [];
  /** The REGISTER that is under way; never rejects. */
  #underWay: Promise<unknown> = Promise.resolve();

  constructor(runtime: Runtime, userAgent: UserAgent, account: Account) {
    super();
    this.#runtime = runtime;
    this.#userAgent = userAgent;
    this.#account = account;
    this.#callId = runtime.random.token(24);
    this.#fromTag = runtime.random.token(12);
    this.#expiresSeconds = account.expiresSeconds ?? REGISTER_EXPIRES_SECONDS;
    userAgent.endpoint.on('flowLost', (flow) => this.#flowLost(flow));
  }

  get state(): RegistrationState {
    return this.#state;
  }

  /** Over which the registrar answered last; undefined before it did. */
  get flow(): Flow | undefined {
    return this.#flow;
  }

  /** Relays, with credentials that hold until the next refresh; none before the first answer. */
  get turnServers(): readonly TurnService[] {
    return this.#turnServers;
  }

  /** Where the registrar was told to find us. */
  get contact(): NameAddr | undefined {
    return this.#contact;
  }

  /**
   * Registers, and keeps registered until {@link Registration.stop}.
   *
   * @throws OperationError `REGISTRATION_FAILED` where the first try fails, `SOFTPHONE_SERVER_UNKNOWN` where the
   *   server has no address; then nothing more is tried
   */
  async start(): Promise<void> {
    if (this.#isWanted) return;
    this.#isWanted = true;
    const result = await this.#register().catch((error: unknown) => {
      this.#isWanted = false;
      throw error;
    });
    if (isSuccess(result)) return this.#succeeded(result);
    this.#isWanted = false;
    this.#change('failed', result);
    throw new OperationError(
      'REGISTRATION_FAILED',
      `${this.#account.aorText} could not be registered: ${result.status} ${result.reason}${hintFor(result.status)}`,
    );
  }

  /** Removes the binding. Never rejects; a registrar that does not answer costs two seconds, or twice as many. */
  async stop(): Promise<void> {
    this.close();
    if (this.#contact === undefined) return;
    // RFC 3261 §10.2: no new REGISTER before the last one is answered; it would bind again what this one removes.
    await this.#settled(UNREGISTER_TIMEOUT_MS);
    const result = await this.#send(0, { timeoutMs: UNREGISTER_TIMEOUT_MS });
    this.#contact = undefined;
    this.#change('unregistered', result);
  }

  /** Registers again at once: the registrar cannot reach us where it believes us to be. After a failure RFC 5626 §4.5 holds. */
  renew(): void {
    if (this.#isWanted && this.#state === 'registered') this.#schedule(0);
  }

  /** We are reached elsewhere than before: registers the new Contact, and takes the old one back. */
  moved(): void {
    this.#isMoved = true;
    this.renew();
  }

  /** Forgets everything without a word to the registrar. */
  close(): void {
    this.#isWanted = false;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  async #register(): Promise<RequestResult> {
    this.#change('registering');
    let result = await this.#send(this.#expiresSeconds);
    // RFC 3261 §10.2.8: too brief; Min-Expires says how long it has to be.
    const minExpires = Number(result.response?.header('Min-Expires'));
    if (result.status === 423 && minExpires > this.#expiresSeconds && minExpires < 2 ** 31) {
      this.#expiresSeconds = minExpires;
      result = await this.#send(minExpires);
    }
    return result;
  }

  async #refresh(): Promise<void> {
    this.#cancelTimer = undefined;
    const result = await this.#register();
    if (!this.#isWanted) return;
    if (isSuccess(result)) this.#succeeded(result);
    else this.#failed(result);
  }

  #succeeded(result: RequestResult): void {
    this.#failures = 0;
    this.#formerContact = undefined;
    this.#flow = result.flow;
    if (result.response) this.#turnServers = turnServersOf(result.response);
    if (!this.#isWanted) return;
    const delayMs = refreshDelayMs(this.#grantedSeconds(result), this.#runtime.random);
    this.#schedule(delayMs);
    this.#change('registered', result, delayMs);
  }

  #failed(result: RequestResult): void {
    this.#failures += 1;
    const retryAfter = Number.parseInt(result.response?.header('Retry-After') ?? '', 10);
    const delayMs = retryDelayMs(
      this.#failures,
      this.#runtime.random,
      Number.isFinite(retryAfter) ? Math.min(retryAfter, 3600) : 0,
    );
    this.#schedule(delayMs);
    this.#change('failed', result, delayMs);
  }

  #schedule(delayMs: number): void {
    this.#cancelTimer?.();
    this.#cancelTimer = this.#runtime.setTimer(
      this.#runtime.clock.now() + delayMs,
      () => void this.#refresh(),
    );
  }

  /** Waits for the REGISTER that is under way, but no longer than `limitMs`. */
  async #settled(limitMs: number): Promise<void> {
    const patience = new AbortController();
    void this.#underWay.then(() => patience.abort());
    await sleep(this.#runtime, limitMs, patience.signal);
  }

  /** RFC 5626 §4.4.1: without its connection the binding is worth nothing, so a new one is made soon. */
  #flowLost({ connectionId }: Flow): void {
    if (!this.#isWanted || this.#state !== 'registered' || connectionId !== this.#flow?.connectionId) return;
    this.#schedule(1000 + 2000 * this.#runtime.random.float());
  }

  #send(expiresSeconds: number, options: { readonly timeoutMs?: number } = {}): Promise<RequestResult> {
    const sending = this.#request(expiresSeconds, options);
    this.#underWay = sending.catch(() => {});
    return sending;
  }

  async #request(expiresSeconds: number, options: { readonly timeoutMs?: number }): Promise<RequestResult> {
    const account = this.#account;
    if (this.#isMoved) this.#formerContact ??= this.#contact;
    if (this.#isMoved || !this.#contact) this.#contact = await account.contact();
    this.#isMoved = false;
    const headers: HeaderField[] = [
      ['Contact', formatNameAddr(this.#contact)],
      ...this.#formerContacts(),
      ['Expires', String(expiresSeconds)],
    ];
    const result = await this.#userAgent.request('REGISTER', {
      target: account.registrar,
      from: account.aor,
      to: account.aor,
      headers,
      callId: this.#callId,
      fromTag: this.#fromTag,
      sequenceNumber: this.#sequenceNumber + 1,
      ...(account.credentials ? { credentials: account.credentials } : {}),
      ...(account.routeSet ? { routeSet: account.routeSet } : {}),
      ...options,
    });
    this.#sequenceNumber = Math.max(this.#sequenceNumber + 1, result.sequenceNumber);
    return result;
  }

  /** RFC 3261 §10.2.2: with `expires=0` it is removed. */
  #formerContacts(): HeaderField[] {
    const former = this.#formerContact;
    if (!former || !this.#contact || isSameContact(former.uri, this.#contact.uri)) return [];
    return [['Contact', `${formatNameAddr(former)};expires=0`]];
  }

  /** RFC 3261 §10.2.4: our Contact in the answer, else Expires, else what we asked for. */
  #grantedSeconds({ response }: RequestResult): number {
    const contact = this.#contact;
    const ours = response?.contacts.find((entry) => contact && isSameContact(entry.uri, contact.uri));
    const granted = Number(ours?.parameters.get('expires') ?? response?.expires ?? this.#expiresSeconds);
    // RFC 3261 §25.1: whole seconds; less than one would flood the registrar.
    return granted >= 1 && granted < 2 ** 31 ? granted : this.#expiresSeconds;
  }

  #change(state: RegistrationState, result?: RequestResult, nextTryMs?: number): void {
    this.#state = state;
    this.emit('changed', { state, status: result?.status, reason: result?.reason ?? '', nextTryMs });
  }
}

function isSuccess(result: RequestResult): boolean {
  return result.status >= 200 && result.status < 300;
}

function isSameContact(a: Uri, b: Uri): boolean {
  if (a.scheme !== 'sip' || b.scheme !== 'sip') return isSameUri(a, b);
  return a.user === b.user && a.host === b.host && (a.port ?? 5060) === (b.port ?? 5060);
}

function hintFor(status: number): string {
  if (status === 401 || status === 403 || status === 407) return '; check --user and --password';
  if (status === 404) return '; check --user';
  return status === 408 || status === 503 ? '; check --server, and whether it runs' : '';
}
