// The caller of a call that is secured end to end, while phones ring.
import type { IncomingSession, SessionDescription } from '../../signaling/index.ts';
import type { Branch } from './branch.ts';
import { type PassedMedia, readSecuredSdp } from './passed-media.ts';
import type { WaitingCaller } from './pursuit.ts';

/** There is no early sound: the phones have to agree on keys first. */
export class PassedCaller implements WaitingCaller<PassedMedia> {
  readonly session: IncomingSession;
  readonly media: PassedMedia;
  readonly offer: SessionDescription;
  #toldRinging = false;

  constructor(session: IncomingSession, media: PassedMedia, offer: SessionDescription) {
    this.session = session;
    this.media = media;
    this.offer = offer;
  }

  ringing(): void {
    if (this.#toldRinging || this.session.state === 'terminated') return;
    this.#toldRinging = true;
    this.session.progress(180);
  }

  async earlyMedia(): Promise<void> {
    this.ringing();
  }

  forgetEarlyMedia(): void {}

  /** Answers the caller with what the phone answered. @returns false where that is not secured, or fits no offer */
  answer(branch: Branch<PassedMedia>, sdp: string | undefined): boolean {
    const answer = readSecuredSdp(sdp);
    // RFC 3264 §6: as many sections as the offer has.
    if (answer?.media.length !== this.offer.media.length) return false;
    branch.media.accept(answer);
    if (this.session.state === 'terminated') return false;
    this.session.accept({ sdp: this.media.answer(this.offer, answer) });
    return true;
  }
}
