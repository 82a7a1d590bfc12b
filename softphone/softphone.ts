// A phone: an account, its calls, and the SIP user agent under them.
import {
  codeOf,
  createNodeRuntime,
  Emitter,
  type Endpoint,
  formatEndpoint,
  messageOf,
  OperationError,
  type Runtime,
} from '../core/index.ts';
import { type CodecRegistry, loadCodecs } from '../media/index.ts';
import { openIcePath } from '../nat/index.ts';
import {
  type Flow,
  type IncomingSession,
  type NameAddr,
  NO_PARAMETERS,
  type OutgoingSession,
  sipUri,
  type UserAgent,
} from '../signaling/index.ts';
import { type Account, createAccount, type Destination, parseTarget } from './account.ts';
import { CallIce } from './call-ice.ts';
import { CallSounds } from './call-sounds.ts';
import type { Line, NoLine } from './files/delivery.ts';
import { IncomingPhoneCall } from './incoming-call.ts';
import { locate, type PhoneLocation } from './location.ts';
import { MOST_CALLS, type SoftphoneOptions } from './options.ts';
import { OutgoingPhoneCall } from './outgoing-call.ts';
import type { CallSound, PhoneCall } from './phone-call.ts';
import type { PingReply } from './ping.ts';
import { QualityPublisher } from './quality-publisher.ts';
import { Reachability } from './reachability.ts';
import { Registration, type RegistrationEvents } from './registration.ts';
import { dialData, IncomingDataCall } from './secure/data-call.ts';
import { loadLibrary } from './secure/library.ts';
import { wasRefusedAsSecured } from './secure/refusal.ts';
import { SecurePaths } from './secure/secure-paths.ts';
import { securedOfferOf } from './secure/secured-offer.ts';

export interface SoftphoneEvents {
  /** Somebody calls. With no listener the call is refused with 480. */
  call: IncomingPhoneCall;
  /** Somebody calls to send files. With no listener the call is refused with 488. */
  dataCall: IncomingDataCall;
  registration: RegistrationEvents['changed'];
}

/** How long hanging up may take when the phone is closed. */
const CLOSE_GRACE_MS = 2000;

/**
 * Makes a phone that listens. Close it when it is no longer needed.
 *
 * @throws UsageError where the account, an address or a port cannot be used
 */
export async function createSoftphone(options: SoftphoneOptions = {}): Promise<Softphone> {
  const runtime = options.runtime ?? createNodeRuntime();
  const { codecs: names, opusEngine, isStereo } = options;
  const codecs = await loadCodecs({
    log: runtime.log,
    ...(names ? { names } : {}),
    ...(opusEngine ? { opusEngine } : {}),
    ...(isStereo ? { isStereo } : {}),
  });
  const location = await locate(runtime, options).catch((error: unknown) => {
    options.makeSource?.close?.();
    throw error;
  });
  return new Softphone(runtime, { options, codecs, location });
}

interface SoftphoneParts {
  readonly options: SoftphoneOptions;
  readonly codecs: CodecRegistry;
  readonly location: PhoneLocation;
}

/** Made by {@link createSoftphone}. Owns its calls; they are over when {@link Softphone.close} has resolved. */
export class Softphone extends Emitter<SoftphoneEvents> {
  readonly #runtime: Runtime;
  readonly #userAgent: UserAgent;
  readonly #account: Account | undefined;
  readonly #registration: Registration | undefined;
  readonly #reachability: Reachability | undefined;
  readonly #publisher: QualityPublisher | undefined;
  readonly #options: SoftphoneOptions;
  readonly #ice: CallIce;
  readonly #secure: SecurePaths;
  readonly #sounds: CallSounds;
  readonly #local: Endpoint;
  readonly #calls = new Set<PhoneCall>();
  readonly #dataCalls = new Set<IncomingDataCall>();
  /** Calls that are about to be placed. */
  readonly #openings = new Set<Promise<CallSound>>();
  #closing: Promise<void> | undefined;

  constructor(runtime: Runtime, { options, codecs, location }: SoftphoneParts) {
    super();
    this.#runtime = runtime;
    this.#options = options;
    this.#userAgent = location.userAgent;
    this.#local = location.local;
    this.#ice = new CallIce(runtime, {
      options,
      openPath: openIcePath,
      registered: () => this.#registration?.turnServers ?? [],
    });
    this.#secure = new SecurePaths(runtime, {
      options,
      address: location.local.address,
      registered: () => this.#registration?.turnServers ?? [],
    });
    this.#sounds = new CallSounds(runtime, { options, codecs, ice: this.#ice, secure: this.#secure });
    if (options.account) {
      const contact = async () => this.#contactFor(await location.serverEndpoint());
      this.#account = createAccount(options.account, options.transport ?? 'udp', contact);
      const [userAgent, account] = [this.#userAgent, this.#account];
      this.#registration = new Registration(runtime, userAgent, account);
      this.#reachability = new Reachability(runtime, {
        userAgent,
        account,
        registration: this.#registration,
      });
      if (options.reportsQuality !== false) {
        this.#publisher = new QualityPublisher(this.#userAgent, this.#account);
      }
      this.#registration.on('changed', (change) => this.emit('registration', change));
    }
    this.#userAgent.on('invite', ({ session, flow }) => this.#invited(session, flow));
  }

  get hasAccount(): boolean {
    return this.#account !== undefined;
  }

  /** The address-of-record, or where the phone listens. */
  get addressText(): string {
    return this.#account?.aorText ?? formatEndpoint(this.#local);
  }

  /** Where SIP is listened for. */
  get local(): Endpoint {
    return this.#local;
  }

  /** Those that are not over. */
  get calls(): readonly PhoneCall[] {
    return [...this.#calls];
  }

  get isRegistered(): boolean {
    return this.#registration?.state === 'registered';
  }

  /**
   * Registers the account, and keeps it registered.
   *
   * @throws OperationError `REGISTRATION_FAILED` where the first try fails, `SOFTPHONE_NO_ACCOUNT` without an account
   */
  async register(): Promise<void> {
    if (!this.#registration)
      throw new OperationError('SOFTPHONE_NO_ACCOUNT', 'the phone has no account to register');
    await this.#registration.start();
  }

  /** Removes the binding; calls go on. */
  async unregister(): Promise<void> {
    await this.#registration?.stop();
  }

  /**
   * Calls somebody: a name, a number or a SIP URI. Resolves when the INVITE is on its way, or with `secure: 'auto'`
   * when it is clear whether the call can be secured; how it goes on is told by the call's events and `finished`.
   *
   * @throws UsageError where the target cannot be dialled, OperationError where no port is free for the
   *   sound, `SOFTPHONE_CLOSED` where the phone is closed
   */
  async call(target: string): Promise<OutgoingPhoneCall> {
    const destination = this.#destination(target);
    const { secure } = this.#options;
    if (secure === 'required') return this.#place(destination, () => this.#sounds.openSecured());
    if (secure === 'auto') {
      const secured = this.#place(destination, () => this.#sounds.openSecured());
      const call = await secured.catch((error: unknown) => {
        if (codeOf(error) !== 'SECURE_UNAVAILABLE') throw error;
        this.#runtime.log.warn({ reason: messageOf(error) }, 'call not secured');
      });
      if (call && !(await wasRefusedAsSecured(call))) return call;
    }
    const hop = destination.routeSet?.[0]?.uri ?? destination.uri;
    const peer = hop.scheme === 'sip' || hop.scheme === 'sips' ? hop.host : '';
    return this.#place(destination, () => this.#sounds.open(peer, 'controlling'));
  }

  /**
   * Calls somebody who takes files, and opens a channel. Resolves when it is open; rejects where the target cannot be
   * dialled, or the package for it is missing.
   */
  async openData(target: string, label: string, signal?: AbortSignal): Promise<Line | NoLine> {
    const destination = this.#destination(target);
    if (this.#closing) throw closedError();
    const peer = await this.#secure.open({ hasSound: false, channels: [label] });
    return dialData({ peer, invite: (sdp) => this.#invite(destination, sdp), signal });
  }

  async #place(destination: Destination, open: () => Promise<CallSound>): Promise<OutgoingPhoneCall> {
    if (this.#closing) throw closedError();
    const sound = await this.#openSound(open);
    const session = this.#invite(destination, sound.negotiation.offer('sendrecv'));
    return this.#keep(new OutgoingPhoneCall(this.#runtime, session, sound));
  }

  #invite(destination: Destination, sdp: string): OutgoingSession {
    return this.#userAgent.invite({
      target: destination.uri,
      from: this.#from(),
      sdp,
      ...(destination.routeSet ? { routeSet: destination.routeSet } : {}),
      ...(this.#account?.credentials ? { credentials: this.#account.credentials } : {}),
    });
  }

  /** Sends one OPTIONS (RFC 3261 §11). Any answer but none counts. Never rejects but for a target that is none. */
  async ping(
    target: string,
    options: { readonly sequence?: number; readonly timeoutMs?: number } = {},
  ): Promise<PingReply> {
    const { sequence = 1, timeoutMs = 1000 } = options;
    const destination = this.#destination(target);
    const startedAt = this.#runtime.clock.now();
    const result = await this.#userAgent.request('OPTIONS', {
      target: destination.uri,
      from: this.#from(),
      headers: [['Accept', 'application/sdp']],
      timeoutMs,
      ...(destination.routeSet ? { routeSet: destination.routeSet } : {}),
    });
    if (!result.response) return { sequence, roundTripMs: null, status: null, reason: result.reason };
    const roundTripMs = this.#runtime.clock.now() - startedAt;
    return { sequence, roundTripMs, status: result.status, reason: result.reason };
  }

  /** Hangs up, removes the binding, closes the sockets. Doing it twice is harmless. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    for (const call of [...this.#calls, ...this.#dataCalls]) call.hangUp();
    await this.#registration?.stop();
    this.#registration?.close();
    this.#reachability?.close();
    await this.#userAgent.close(CLOSE_GRACE_MS);
    this.#publisher?.close();
    await Promise.allSettled([...this.#openings]);
    await Promise.all([...this.#calls].map((call) => call.finished));
    await this.#ice.settled();
    this.#options.makeSource?.close?.();
  }

  /** @throws OperationError also where the phone is closed meanwhile; then the sound is closed, too */
  async #openSound(open: () => Promise<CallSound>): Promise<CallSound> {
    const opening = open().then(async (sound) => {
      if (!this.#closing) return sound;
      await sound.media.close();
      throw closedError();
    });
    this.#openings.add(opening);
    return opening.finally(() => this.#openings.delete(opening));
  }

  #invited(session: IncomingSession, flow: Flow): void {
    if (this.#closing) return session.reject(480);
    const most = this.#options.maxCalls ?? MOST_CALLS;
    if (this.#calls.size + this.#dataCalls.size >= most) return session.reject(486);
    const secured = securedOfferOf(session.offerSdp);
    if (this.#options.secure === (secured ? 'off' : 'required')) return session.reject(488);
    if (!secured) return this.#ring(session, flow);
    // Told before anything rings: on 488 the far end calls again without.
    loadLibrary().then(
      () => (secured.hasSound ? this.#ring(session, flow) : this.#invitedToData(session)),
      () => session.reject(488),
    );
  }

  #ring(session: IncomingSession, flow: Flow): void {
    if (session.state === 'terminated') return;
    if (!this.hasListeners('call')) return session.reject(480);
    const call = new IncomingPhoneCall(this.#runtime, session, {
      openSound: () => this.#soundFor(session, flow),
      isPrepared: securedOfferOf(session.offerSdp) !== undefined || this.#ice.asksServers,
    });
    this.emit('call', this.#keep(call));
  }

  #soundFor({ offerSdp }: IncomingSession, flow: Flow): Promise<CallSound> {
    if (securedOfferOf(offerSdp)) return this.#sounds.openSecured(offerSdp);
    // RFC 8445 §6.1.1: whoever offers first controls.
    return this.#sounds.open(flow.remote.address, offerSdp === undefined ? 'controlling' : 'controlled');
  }

  #invitedToData(session: IncomingSession): void {
    if (session.state === 'terminated') return;
    if (!this.hasListeners('dataCall')) return session.reject(488);
    const { offerSdp } = session;
    const open = () => this.#secure.open({ hasSound: false, channels: [], offerSdp });
    const call = new IncomingDataCall(this.#runtime, session, open);
    this.#dataCalls.add(call);
    void call.finished.then(() => this.#dataCalls.delete(call));
    this.emit('dataCall', call);
  }

  #keep<Call extends PhoneCall>(call: Call): Call {
    this.#calls.add(call);
    void call.finished.then((report) => {
      this.#calls.delete(call);
      this.#publisher?.publish(report, call.soundAddresses).catch((error: unknown) => {
        // A fault of ours costs the report alone.
        this.#runtime.log.error(
          { callId: report.callId, err: error },
          'the quality of a call was not reported',
        );
      });
    });
    return call;
  }

  #destination(target: string) {
    return parseTarget(target, {
      server: this.#options.account?.server,
      transport: this.#options.transport ?? 'udp',
    });
  }

  #from(): NameAddr {
    if (this.#account) return this.#account.aor;
    const host = isWildcard(this.#local.address) ? 'localhost' : this.#local.address;
    return {
      displayName: undefined,
      // RFC 3261 §8.1.1.3: nobody vouches for a phone without an account.
      uri: sipUri({ user: 'anonymous', host }),
      parameters: NO_PARAMETERS,
    };
  }

  #contactFor(peer: Endpoint): NameAddr {
    const user =
      this.#account && this.#account.aor.uri.scheme === 'sip' ? this.#account.aor.uri.user : undefined;
    return this.#userAgent.endpoint.contactFor(peer, user);
  }
}

function closedError(): OperationError {
  return new OperationError('SOFTPHONE_CLOSED', 'the phone was closed');
}

function isWildcard(address: string): boolean {
  return address === '0.0.0.0' || address === '::';
}
