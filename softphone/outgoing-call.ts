// A call that we place.
import type { Runtime } from '../core/index.ts';
import type { OutgoingSession } from '../signaling/index.ts';
import type { CallSound } from './call-sounds.ts';
import { PhoneCall } from './phone-call.ts';

/** The INVITE, with the offer of `sound`, is already on its way. */
export class OutgoingPhoneCall extends PhoneCall {
  readonly direction = 'outgoing';

  constructor(runtime: Runtime, session: OutgoingSession, sound: CallSound) {
    super(runtime, session);
    this.useSound(sound);
    session.on('progress', ({ status, sdp }) => {
      if (status >= 180) {
        this.timeline.ringing(runtime.clock.now());
        this.emit('ringing', { status });
      }
      // Early media; a fork that sends none has it later.
      if (sdp !== undefined) this.guard(this.start(sound.negotiation.accept(sdp)));
    });
    session.on('accepted', ({ sdp }) => this.guard(this.#accepted(sound, sdp)));
  }

  async #accepted(sound: CallSound, sdp: string | undefined): Promise<void> {
    this.timeline.answered(this.runtime.clock.now());
    // RFC 3261 §13.2.1: the answer may have come in a reliable provisional response.
    if (sdp === undefined || (await this.start(sound.negotiation.accept(sdp)))) this.answered();
  }
}
