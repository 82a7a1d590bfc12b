// A call that somebody places to us.
import { DecodeError, messageOf, type Runtime } from '../core/index.ts';
import type { IncomingSession } from '../signaling/index.ts';
import { type CallSound, PhoneCall } from './phone-call.ts';

/** Rings (180) until it is accepted, rejected, or the caller gives up. */
export class IncomingPhoneCall extends PhoneCall {
  readonly direction = 'incoming';
  readonly #incoming: IncomingSession;
  readonly #openSound: () => Promise<CallSound>;
  #isAccepting = false;

  /** @param openSound - opens the ports for the call's sound: only when somebody accepts */
  constructor(runtime: Runtime, session: IncomingSession, openSound: () => Promise<CallSound>) {
    super(runtime, session);
    this.#incoming = session;
    this.#openSound = openSound;
    session.progress(180);
    this.timeline.ringing(runtime.clock.now());
  }

  /** Answers the call. Doing it twice, or too late, is harmless. Never rejects: what fails ends the call. */
  async accept(): Promise<void> {
    if (this.#isAccepting || this.state === 'ended') return;
    this.#isAccepting = true;
    let sound: CallSound;
    try {
      sound = await this.#openSound();
    } catch (error) {
      this.runtime.log.warn({ callId: this.callId, reason: messageOf(error) }, 'call not answered');
      return this.fail(messageOf(error), 500);
    }
    // The caller may have given up meanwhile.
    if (this.timeline.isEnded) return sound.media.close();
    this.useSound(sound);
    const answering = this.#answer(sound);
    this.guard(answering);
    await answering.catch(() => {});
  }

  /** @param status - 486 busy, 603 decline, or what else fits */
  reject(status = 486): void {
    this.session.end({ status });
  }

  async #answer({ negotiation }: CallSound): Promise<void> {
    const { offerSdp } = this.#incoming;
    if (offerSdp === undefined) {
      this.#accept(negotiation.offer('sendrecv'));
    } else {
      const answer = negotiation.answer(offerSdp, 'sendrecv');
      if (answer instanceof DecodeError) return this.fail(answer.reason);
      if (!(await this.start(answer.agreed)) || this.timeline.isEnded) return;
      this.#accept(answer.sdp);
    }
  }

  #accept(sdp: string): void {
    this.#incoming.accept({ sdp });
    this.timeline.answered(this.runtime.clock.now());
    this.answered();
  }
}
