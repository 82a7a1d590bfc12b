// The caller's side of a call before it is answered: its leg, and what it is told while phones ring.
import { messageOf, sleep } from '../../core/index.ts';
import type { IncomingSession, SessionDescription } from '../../signaling/index.ts';
import { connectParties } from './agreement.ts';
import { type Branch, readSdp } from './branch.ts';
import type { PartyMedia } from './party.ts';
import type { CallDependencies } from './types.ts';

/** The caller waits for the refusal no longer than this. */
const LONGEST_ANNOUNCEMENT_MS = 60_000;

/** The party that called. Its session is the call's; its leg is opened before anything rings. */
export class Caller {
  readonly session: IncomingSession;
  readonly media: PartyMedia;
  readonly offer: SessionDescription | undefined;
  readonly #dependencies: CallDependencies;
  #earlyBranch: Branch | undefined;
  /** Whose description the caller was given last. */
  #described: Branch | 'server' | undefined;
  #isAnswering = false;
  #toldRinging = false;

  constructor(
    dependencies: CallDependencies,
    session: IncomingSession,
    options: { readonly media: PartyMedia; readonly offer: SessionDescription | undefined },
  ) {
    this.#dependencies = dependencies;
    this.session = session;
    this.media = options.media;
    this.offer = options.offer;
  }

  /** 180, once: more of them tell the caller nothing. */
  ringing(): void {
    if (this.#toldRinging || this.session.state === 'terminated') return;
    this.#toldRinging = true;
    this.session.progress(180);
  }

  /** Sound before the answer: the first phone that sends some is heard. */
  async earlyMedia(branch: Branch, sdp: string): Promise<void> {
    const answer = readSdp(sdp);
    if (!this.offer || !answer) return this.ringing();
    if (this.#earlyBranch && this.#earlyBranch !== branch) return;
    this.#earlyBranch = branch;
    const told = await this.#agree(branch, this.offer, answer);
    if (told === undefined || this.#isAnswering || this.session.state === 'terminated') return;
    this.#speakFor(branch);
    this.session.progress(183, { sdp: told });
  }

  /** RFC 3261 §13.2.1: in one dialog the first description is the answer; another one needs a dialog of its own. */
  #speakFor(source: Branch | 'server'): void {
    if (this.#described && this.#described !== source) this.session.fork();
    this.#described = source;
  }

  /** The next attempt rings other phones, whose early sound is to be heard again. */
  forgetEarlyMedia(): void {
    this.#earlyBranch = undefined;
  }

  /** Plays a file before the call is refused (RFC 3960 §3); resolves at its end, or when the caller hangs up. */
  async announce(path: string, callerLeft: AbortSignal): Promise<void> {
    const sdp = this.offer && this.media.answer(this.offer);
    if (sdp === undefined || callerLeft.aborted) return;
    await this.media.apply();
    if (callerLeft.aborted) return;
    this.#speakFor('server');
    this.session.progress(183, { sdp });
    const { media, runtime } = this.#dependencies;
    const over = new AbortController();
    const patience = sleep(runtime, LONGEST_ANNOUNCEMENT_MS, AbortSignal.any([callerLeft, over.signal]));
    const played = media.playFile(this.media.legId, { path }).catch((error: unknown) => {
      runtime.log.warn({ file: path, reason: messageOf(error) }, 'announcement not played');
    });
    await Promise.race([played, patience]);
    over.abort();
  }

  /**
   * Answers the caller with what the phone answered. Where the phone made the offer (the caller made none), the
   * caller's ACK brings the answer to it.
   *
   * @returns false where the SDP made no sense
   */
  async answer(branch: Branch, sdp: string | undefined): Promise<boolean> {
    this.#isAnswering = true;
    const described = readSdp(sdp);
    if (!described) return false;
    if (this.offer) {
      const told = await this.#agree(branch, this.offer, described);
      if (told === undefined || this.session.state === 'terminated') return false;
      this.#speakFor(branch);
      this.session.accept({ sdp: told });
      return true;
    }
    return this.#answerWithOffer(branch, described);
  }

  async #answerWithOffer(branch: Branch, offer: SessionDescription): Promise<boolean> {
    const acknowledged = new Promise<string | undefined>((resolve) => {
      this.session.once('acknowledged', ({ sdp }) => resolve(sdp));
      this.session.once('ended', () => resolve(undefined));
    });
    this.session.accept({ sdp: this.media.offer(offer) });
    const answer = readSdp(await acknowledged);
    if (!answer) return false;
    this.media.accept(answer);
    const told = branch.media.answer(offer, answer, { answerer: this.media });
    if (told === undefined) return false;
    await connectParties(this.#dependencies.media, this.media, branch.media);
    branch.session?.acknowledge(told);
    return true;
  }

  /** @returns our answer to the caller; undefined where the phones have no sound in common */
  async #agree(
    branch: Branch,
    offer: SessionDescription,
    answer: SessionDescription,
  ): Promise<string | undefined> {
    branch.media.accept(answer);
    // A phone may answer with digits alone, or with sound that it was not offered.
    if (!branch.media.agreed) return undefined;
    const told = this.media.answer(offer, answer, { answerer: branch.media });
    if (told !== undefined) await connectParties(this.#dependencies.media, branch.media, this.media);
    return told;
  }
}
