// A phone: an account, its calls, and the SIP user agent under them.
import {
  createNodeRuntime,
  Emitter,
  type Endpoint,
  formatEndpoint,
  OperationError,
  type Runtime,
} from '../core/index.ts';
import { type CodecRegistry, loadCodecs } from '../media/index.ts';
import { openIcePath } from '../nat/index.ts';
import type { NameAddr, UserAgent } from '../signaling/index.ts';
import { type Account, createAccount } from './account.ts';
import { CodecWarmUp } from './audio/codec-warm-up.ts';
import { CallIce } from './call-ice.ts';
import { CallSounds } from './call-sounds.ts';
import { Dialling } from './dialling.ts';
import type { Line, NoLine } from './files/delivery.ts';
import type { IncomingPhoneCall } from './incoming-call.ts';
import { Invitations } from './invitations.ts';
import { locate, type PhoneLocation } from './location.ts';
import { OpenCalls } from './open-calls.ts';
import type { SoftphoneOptions } from './options.ts';
import type { OutgoingPhoneCall } from './outgoing-call.ts';
import type { OutsideAddress } from './outside-address.ts';
import type { PhoneCall } from './phone-call.ts';
import type { PingReply } from './ping.ts';
import { QualityPublisher } from './quality-publisher.ts';
import { Reachability } from './reachability.ts';
import { RegistrarRelays } from './registrar-relays.ts';
import { Registration, type RegistrationEvents } from './registration.ts';
import type { IncomingDataCall } from './secure/data-call.ts';
import { loadLibrary } from './secure/library.ts';
import { SecurePaths } from './secure/secure-paths.ts';
import { checkPathUse } from './secure/secure-use.ts';

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
 * @throws UsageError where the account, an address or a port cannot be used, or `ice` with `secure`
 */
export async function createSoftphone(options: SoftphoneOptions = {}): Promise<Softphone> {
  const { secure = 'off' } = options;
  if (secure !== 'off') checkPathUse(options, 'encrypted calls (--secure)');
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
  readonly #options: SoftphoneOptions;
  readonly #ice: CallIce;
  readonly #secure: SecurePaths;
  readonly #sounds: CallSounds;
  readonly #warmUp: CodecWarmUp;
  readonly #local: Endpoint;
  readonly #outside: OutsideAddress | undefined;
  readonly #openCalls: OpenCalls;
  readonly #dialling: Dialling;
  #closing: Promise<void> | undefined;

  constructor(runtime: Runtime, { options, codecs, location }: SoftphoneParts) {
    super();
    this.#runtime = runtime;
    this.#options = options;
    this.#userAgent = location.userAgent;
    this.#openCalls = new OpenCalls(runtime.log);
    this.#local = location.local;
    this.#outside = location.outside;
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
        this.#openCalls.publisher = new QualityPublisher(this.#userAgent, this.#account);
      }
      this.#registration.on('changed', (change) => this.emit('registration', change));
    }
    const relays = this.#makeRelays();
    this.#ice = new CallIce(runtime, {
      options,
      openPath: openIcePath,
      relays,
    });
    this.#secure = new SecurePaths(runtime, {
      options,
      address: location.local.address,
      relays,
    });
    this.#sounds = new CallSounds(runtime, { options, codecs, ice: this.#ice, secure: this.#secure });
    this.#warmUp = new CodecWarmUp(runtime);
    void this.#warmUp.run(codecs);
    // Whoever knows our Contact is to know the new one.
    if (this.#outside) this.#outside.onMoved = () => this.#registration?.moved();
    this.#dialling = this.#makeDialling();
    const invitations = this.#makeInvitations();
    this.#userAgent.on('invite', ({ session, flow }) => invitations.handleInvite(session, flow));
  }

  #makeRelays(): RegistrarRelays {
    const [userAgent, account, registration] = [this.#userAgent, this.#account, this.#registration];
    return new RegistrarRelays(account && registration && { userAgent, account, registration });
  }

  #makeDialling(): Dialling {
    return new Dialling(this.#runtime, {
      options: this.#options,
      userAgent: this.#userAgent,
      account: this.#account,
      local: this.#local,
      openCalls: this.#openCalls,
      sounds: this.#sounds,
      secure: this.#secure,
    });
  }

  #makeInvitations(): Invitations {
    const hasListeners = (event: keyof SoftphoneEvents) => this.hasListeners(event);
    return new Invitations(this.#runtime, {
      options: this.#options,
      callee: {
        get takesCalls() {
          return hasListeners('call');
        },
        get takesData() {
          return hasListeners('dataCall');
        },
        handleCall: (call) => this.emit('call', call),
        handleDataCall: (call) => this.emit('dataCall', call),
      },
      openCalls: this.#openCalls,
      sounds: this.#sounds,
      ice: this.#ice,
      secure: this.#secure,
      loadLibrary,
    });
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
    return this.#openCalls.calls;
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
  call(target: string): Promise<OutgoingPhoneCall> {
    return this.#dialling.call(target);
  }

  /**
   * Calls somebody who takes files, and opens a channel. Resolves when it is open; rejects where the target cannot be
   * dialled, or the package for it is missing.
   */
  openData(target: string, label: string, signal?: AbortSignal): Promise<Line | NoLine> {
    return this.#dialling.openData(target, label, signal);
  }

  /** Sends one OPTIONS (RFC 3261 §11). Any answer but none counts. Never rejects but for a target that is none. */
  ping(
    target: string,
    options: { readonly sequence?: number; readonly timeoutMs?: number } = {},
  ): Promise<PingReply> {
    return this.#dialling.ping(target, options);
  }

  /** Hangs up, removes the binding, closes the sockets. Doing it twice is harmless. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#warmUp.close();
    this.#openCalls.close();
    await this.#registration?.stop();
    this.#registration?.close();
    this.#reachability?.close();
    this.#outside?.close();
    await this.#userAgent.close(CLOSE_GRACE_MS);
    this.#openCalls.publisher?.close();
    await this.#openCalls.settled();
    await this.#ice.settled();
    this.#options.makeSource?.close?.();
  }

  #contactFor(peer: Endpoint): NameAddr {
    const user =
      this.#account && this.#account.aor.uri.scheme === 'sip' ? this.#account.aor.uri.user : undefined;
    return this.#userAgent.endpoint.contactFor(peer, user);
  }
}
