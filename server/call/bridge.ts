// Two parties in conversation: what one changes is offered to the other, and the end of one is the end of both.
import type { Runtime } from '../../core/index.ts';
import type { MediaEngine } from '../../media/index.ts';
import {
  type HeaderField,
  type InfoDigit,
  type LocalOfferOptions,
  type RemoteOffer,
  refusePackage,
  type SessionDescription,
  type SessionEnd,
  withDirection,
} from '../../signaling/index.ts';
import { connectParties } from './agreement.ts';
import { readSdp } from './branch.ts';
import type { CallRecording } from './call-recording.ts';
import { refusalFor } from './change-refusal.ts';
import { DigitPath, type DigitPathDependencies } from './digits.ts';
import { HoldMusic } from './hold-music.ts';
import { inTime } from './in-time.ts';
import type { Party } from './party.ts';
import { restartsIce } from './party-ice.ts';
import { REASONS } from './reasons.ts';
import type { CallDependencies } from './types.ts';

/** Who ended the conversation; `reason` goes into the record. */
export interface BridgeEnd {
  readonly by: 'caller' | 'callee' | 'server';
  readonly reason: string;
}

/**
 * Carries re-INVITE, UPDATE (hold, resume, codec changes), INFO and MESSAGE between two answered parties until one
 * session ends; then ends the other.
 */
export class Bridge {
  readonly #media: MediaEngine;
  readonly #runtime: Runtime;
  /** Parties that owe us an answer of which nobody waits any more. */
  readonly #overdue = new Set<Party>();
  readonly #caller: Party;
  readonly #callee: Party;
  /** From the caller, and from the callee. */
  readonly #digits: readonly [DigitPath, DigitPath];
  readonly #holdMusic: HoldMusic | undefined;
  readonly #recording: CallRecording | undefined;
  readonly #ended: Promise<BridgeEnd>;
  #end: (end: BridgeEnd) => void = () => {};
  /** Goes with the BYE where we hang up. */
  #farewell: readonly HeaderField[] = [];

  constructor(
    { media, runtime, settings }: CallDependencies,
    caller: Party,
    callee: Party,
    recording?: CallRecording,
  ) {
    this.#media = media;
    this.#runtime = runtime;
    this.#caller = caller;
    this.#callee = callee;
    const surroundings = { media, log: runtime.log };
    const { holdMusic } = settings;
    this.#holdMusic = holdMusic === undefined ? undefined : new HoldMusic(surroundings, holdMusic);
    this.#recording = recording;
    this.#digits = [
      this.#digitPath(surroundings, caller, callee),
      this.#digitPath(surroundings, callee, caller),
    ];
    this.#ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.#listen(caller, callee, 'caller');
    this.#listen(callee, caller, 'callee');
    this.#bringBack(caller, callee);
    this.#bringBack(callee, caller);
  }

  /** Resolves when both parties are told that the conversation is over. */
  get ended(): Promise<BridgeEnd> {
    return this.#ended;
  }

  /** Hangs up both. */
  hangUp(reason: string, status: number): void {
    this.#end({ by: 'server', reason });
    const headers = [['Reason', `SIP;cause=${status};text="${reason}"`]] as const;
    // The end of one is the end of both, and comes at once.
    this.#farewell = headers;
    this.#caller.session.end({ headers });
    this.#callee.session.end({ headers });
  }

  /**
   * A leg of either party heard nothing for long. Sound that goes past the server says nothing of that: whether the phone
   * is still there is asked by signaling.
   *
   * @returns false where the sound should have come here
   */
  handleSilence(legId: number): boolean {
    const party = [this.#caller, this.#callee].find(({ media }) => media.legId === legId);
    if (!party?.media.isDirect) return false;
    void party.session.request('OPTIONS').then(({ status }) => {
      // RFC 3261 §12.2.1.2: no answer, or none that knows of the call, ends it.
      if (status === 408 || status === 481) this.hangUp(REASONS.phoneGone, 408);
    });
    return true;
  }

  /** A leg of either party told of a digit. */
  handleDigit(legId: number, digit: InfoDigit): void {
    this.#recording?.handleDigit(legId, digit, false);
    this.#digitsOf(legId).handleDigit(digit);
  }

  #digitPath(dependencies: DigitPathDependencies, from: Party, to: Party): DigitPath {
    const { legId } = from.media;
    const onInfo = (digit: InfoDigit) => this.#recording?.handleDigit(legId, digit, true);
    return new DigitPath({ ...dependencies, onInfo }, from, to);
  }

  #digitsOf(legId: number): DigitPath {
    return this.#digits[legId === this.#caller.media.legId ? 0 : 1];
  }

  #listen(party: Party, other: Party, by: 'caller' | 'callee'): void {
    const { session } = party;
    session.on('offer', (offer) => {
      this.#relayOffer(party, other, offer).catch(() => offer.reject(500));
    });
    session.on('acknowledged', ({ sdp }) => {
      this.#completeOfferlessChange(party, other, sdp).catch(() =>
        this.hangUp('the change of media failed', 500),
      );
    });
    session.on('request', (incoming) => {
      if (this.#digitsOf(party.media.legId).handleRequest(incoming)) return;
      const { request, respond } = incoming;
      if (refusePackage(incoming)) return;
      // REFER and NOTIFY steer a call; carried over blindly they would name dialogs that the other side never had.
      if (request.method !== 'INFO' && request.method !== 'MESSAGE') return respond(501);
      const contentType = request.contentType;
      other.session
        .request(request.method, { body: request.body, ...(contentType ? { contentType } : {}) })
        .then((result) => respond(result.status));
    });
    const finish = (end: SessionEnd) => {
      // First: with the other session ends the conversation, too, and that end would say that it was us.
      this.#end({ by: end.by === 'local' ? 'server' : by, reason: end.reason });
      other.session.end({ headers: this.#farewell });
    };
    session.on('ended', finish);
    // It may have been hung up while the other side was being answered.
    if (session.state !== 'terminated') return;
    other.session.end();
    this.#end({ by, reason: 'hung up while being answered' });
  }

  async #relayOffer(party: Party, other: Party, offer: RemoteOffer): Promise<void> {
    if (offer.sdp === undefined) return this.#answerOfferless(party, offer);
    const description = readSdp(offer.sdp);
    if (!description) return offer.reject(488);
    // A session refresh (RFC 4028 §7.4) repeats the description: nothing changes for the other side.
    if (party.media.localSdp && isSameDescription(description, party.media.remote)) {
      return offer.answer(party.media.localSdp);
    }
    const unasked = this.#holdMusic?.answerFor(party.media, other.media, description);
    if (unasked) return this.#answer(party, other, { offer, description, answer: unasked });
    // Whose NAT forgot the path may be out of reach for signaling, too, and heard all the same.
    const survivesTimeout = restartsIce(description, party.media.remote);
    // The one before it is still under way there, though its offerer was told not to wait.
    if (this.#overdue.has(other)) return offer.reject(491);
    const offering = this.#offer(other, description, { survivesTimeout });
    const result = await inTime(this.#runtime, offering);
    if (!result) return this.#giveUp(party, other, { offer, offering });
    const { status, answer } = result;
    if (!answer) return offer.reject(refusalFor(status));
    await this.#answer(party, other, { offer, description, answer });
  }

  /**
   * RFC 3261 §14.1: what is refused leaves the session as it was, but for 408 and 481, by which the party would hang up.
   * Whether there is anybody to talk to is settled by the other session: it ends where no answer comes (§12.2.1.2).
   */
  async #giveUp(party: Party, other: Party, { offer, offering }: OverdueOffer): Promise<void> {
    offer.reject(504);
    this.#overdue.add(other);
    const { answer } = await offering.finally(() => this.#overdue.delete(other));
    const { remote } = party.media;
    if (!answer || !remote || other.session.state === 'terminated') return;
    // It agreed to what the party was told is not so.
    const { answer: restored } = await this.#offer(other, remote);
    if (restored) await this.#connect(party, other);
  }

  /** Answers the offer of a party with what the other described. */
  async #answer(party: Party, other: Party, exchange: Exchange): Promise<void> {
    const { offer, description, answer } = exchange;
    const sdp = party.media.answer(description, answer, { answerer: other.media });
    if (sdp === undefined) return offer.reject(488);
    await this.#connect(party, other);
    offer.answer(sdp);
  }

  async #connect(party: Party, other: Party): Promise<void> {
    await connectParties(this.#media, other.media, party.media);
    this.#holdMusic?.play(party.media, other.media);
    this.#recording?.handleMediaChange();
  }

  /** A party that was offered the other one's ICE, and must not use it, is offered ours. */
  #bringBack(party: Party, other: Party): void {
    const { remote } = other.media;
    if (!party.media.isAstray || !remote || party.session.state === 'terminated') return;
    this.#offer(party, remote).then(
      ({ answer }) => (answer ? this.#connect(party, other) : undefined),
      // As it was: its sound goes to where SDP says, and that is here.
      () => {},
    );
  }

  /** RFC 3264 §5: asked for an offer, we describe what the other party can do, as last agreed. */
  #answerOfferless(party: Party, offer: RemoteOffer): void {
    const other = party === this.#caller ? this.#callee : this.#caller;
    if (!other.media.remote) return offer.reject(488);
    offer.answer(party.media.offer(withDirection(other.media.remote, 'sendrecv')));
  }

  async #completeOfferlessChange(party: Party, other: Party, sdp: string | undefined): Promise<void> {
    const description = readSdp(sdp);
    if (!description) return;
    party.media.accept(description);
    const { answer } = await this.#offer(other, description);
    if (answer) await this.#connect(party, other);
  }

  /** Offers to a party what the other described. @returns its answer where it agreed */
  async #offer(
    party: Party,
    description: SessionDescription,
    options?: LocalOfferOptions,
  ): Promise<OfferResult> {
    const { status, sdp } = await party.session.offer(party.media.offer(description), options);
    const answer = status < 300 ? readSdp(sdp) : undefined;
    if (answer) party.media.accept(answer);
    return { status, answer };
  }
}

interface OfferResult {
  readonly status: number;
  readonly answer: SessionDescription | undefined;
}

/** An offer whose offerer has waited for long enough. */
interface OverdueOffer {
  readonly offer: RemoteOffer;
  readonly offering: Promise<OfferResult>;
}

/** An offer of one party, and what the other has to say to it. */
interface Exchange {
  readonly offer: RemoteOffer;
  readonly description: SessionDescription;
  readonly answer: SessionDescription;
}

function isSameDescription(a: SessionDescription, b: SessionDescription | undefined): boolean {
  return b !== undefined && JSON.stringify(a) === JSON.stringify(b);
}
