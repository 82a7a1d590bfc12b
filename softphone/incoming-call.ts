// A call that somebody places to us.
import { type CancelTimer, DecodeError, messageOf, type Runtime } from '../core/index.ts';
import type { HeaderField, IncomingSession } from '../signaling/index.ts';
import type { CallSound } from './call-sounds.ts';
import { PhoneCall } from './phone-call.ts';

/**
 * RFC 3261 §16.6: how long a proxy lets a call ring (timer C), and a little over. A caller who is gone without a word
 * occupies the phone no longer.
 */
const LONGEST_RINGING_MS = 180_000;

export interface IncomingCallOptions {
  /** Opens the ports for the call's sound. */
  readonly openSound: () => Promise<CallSound>;
  /** Whether that takes so long that it is done while the call rings; else only when somebody accepts. */
  readonly isPrepared: boolean;
}

/** Rings (180) until it is accepted, rejected, or the caller gives up. */
export class IncomingPhoneCall extends PhoneCall {
  readonly direction = 'incoming';
  readonly #incoming: IncomingSession;
  readonly #openSound: () => Promise<CallSound>;
  readonly #cancelRinging: CancelTimer;
  /** Begun while the call rings, or when somebody accepts. */
  #opening: Promise<CallSound> | undefined;
  #isAccepting = false;

  constructor(runtime: Runtime, session: IncomingSession, { openSound, isPrepared }: IncomingCallOptions) {
    super(runtime, session);
    this.#incoming = session;
    this.#openSound = openSound;
    // What fails is told of where somebody accepts.
    if (isPrepared) this.#open().catch(() => {});
    session.progress(180);
    const now = runtime.clock.now();
    this.timeline.ringing(now);
    this.#cancelRinging = runtime.setTimer(now + LONGEST_RINGING_MS, () => this.reject(480));
    void this.finished.then(this.#cancelRinging);
  }

  /** Answers the call. Doing it twice, or too late, is harmless. Never rejects: what fails ends the call. */
  async accept(): Promise<void> {
    if (this.#isAccepting || this.state === 'ended') return;
    this.#isAccepting = true;
    this.#cancelRinging();
    let sound: CallSound;
    try {
      sound = await this.#open();
    } catch (error) {
      this.runtime.log.warn({ callId: this.callId, reason: messageOf(error) }, 'call not answered');
      return this.fail(messageOf(error), 500);
    }
    // The caller may have given up meanwhile.
    if (this.timeline.isEnded) return;
    this.useSound(sound);
    const answering = this.#answer(sound);
    this.guard(answering);
    await answering.catch(() => {});
  }

  /** @param status - 486 busy, 603 decline, or what else fits */
  reject(status = 486): void {
    this.session.end({ status });
  }

  /** Nobody accepted, or too late. */
  protected override async discard(): Promise<void> {
    const sound = this.sound ? undefined : await this.#opening?.catch(() => undefined);
    await sound?.media.close();
  }

  #open(): Promise<CallSound> {
    this.#opening ??= this.#openSound();
    return this.#opening;
  }

  async #answer({ negotiation, headers = [] }: CallSound): Promise<void> {
    const { offerSdp } = this.#incoming;
    if (offerSdp === undefined) {
      this.#accept(negotiation.offer('sendrecv'), headers);
    } else {
      const answer = await negotiation.answer(offerSdp, 'sendrecv');
      if (answer instanceof DecodeError) return this.fail(answer.reason);
      if (!(await this.start(answer.agreed)) || this.timeline.isEnded) return;
      this.#accept(answer.sdp, headers);
    }
  }

  #accept(sdp: string, headers: readonly HeaderField[]): void {
    this.#incoming.accept({ sdp, headers });
    this.timeline.answered(this.runtime.clock.now());
    this.answered();
  }
}
