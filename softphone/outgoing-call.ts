// A call that we place.
import { DecodeError, type Runtime } from '../core/index.ts';
import type { OutgoingSession } from '../signaling/index.ts';
import type { CallSound } from './call-sounds.ts';
import { PhoneCall } from './phone-call.ts';

/** The INVITE, with the offer of `sound`, is already on its way. */
export class OutgoingPhoneCall extends PhoneCall {
  readonly direction = 'outgoing';
  /** Whose early media is heard; undefined before there is some. */
  #early: Pick<Described, 'fork'> | undefined;

  constructor(runtime: Runtime, session: OutgoingSession, sound: CallSound) {
    super(runtime, session);
    this.useSound(sound);
    session.on('progress', ({ status, sdp, remoteTag }) => {
      if (status >= 180) {
        this.timeline.ringing(runtime.clock.now());
        this.emit('ringing', { status });
      }
      if (sdp !== undefined) this.guard(this.#heardEarly(sound, { sdp, fork: remoteTag }));
    });
    session.on('accepted', ({ sdp, response }) => {
      this.guard(this.#accepted(sound, { sdp, fork: response?.toTag }));
    });
  }

  /** Early media: of several forks the first that has some is heard, until one of them answers (RFC 3261 §12.1). */
  async #heardEarly(sound: CallSound, { sdp, fork }: Described): Promise<void> {
    if (sdp === undefined || this.timeline.isAnswered) return;
    this.#early ??= { fork };
    if (this.#early.fork === fork) await this.start(sound.negotiation.accept(sdp));
  }

  async #accepted(sound: CallSound, { sdp, fork }: Described): Promise<void> {
    this.timeline.answered(this.runtime.clock.now());
    // RFC 3261 §13.2.1: the answer may have come in a reliable provisional response.
    if (sdp === undefined) return this.answered();
    const isOther = this.#early !== undefined && this.#early.fork !== fork;
    const agreed = sound.negotiation.accept(sdp);
    const isStarted = await this.start(agreed instanceof DecodeError ? agreed : { ...agreed, isOther });
    if (isStarted) this.answered();
  }
}

/** A description, and the To tag of the fork that gave it. */
interface Described {
  readonly sdp: string | undefined;
  readonly fork: string | undefined;
}
