// A caller that is served by the server itself: what every service does with its session and its leg.
import {
  type ExtensionCapability,
  type IncomingSession,
  type RemoteOffer,
  type SessionDescription,
  type SessionEnd,
  withDirection,
} from '../../signaling/index.ts';
import { takesEvents } from './agreement.ts';
import { readSdp } from './branch.ts';
import type { PartyMedia } from './party.ts';
import { REASONS } from './reasons.ts';
import type { Account, CallDependencies } from './types.ts';

/** A caller that is served here: its session, its leg, and what it offered. */
export interface Served {
  readonly dependencies: CallDependencies;
  readonly session: IncomingSession;
  readonly media: PartyMedia;
  readonly offer: SessionDescription;
  readonly user: Account;
  /** Called when the caller has been answered. */
  onAnswered(): void;
  /** Ends the call before it was answered, and says so in its record. */
  refuse(status: number, reason: string): void;
  /** Plays a file before the call is refused, where the caller hears early sound. */
  announce(path: string): Promise<void>;
  /** Tells of the caller's digits from now on, to the last one who asked. */
  listenForDigits(listener: (digit: string) => void): void;
}

export interface AnswerHereOptions {
  /** The caller changed what was agreed on: hold, another codec. */
  readonly onChanged?: () => void;
  /** Whether digits are waited for: as tones within the sound of who has no telephone-events. */
  readonly wantsDigits?: boolean;
  /** Header extensions that the service knows: `ROOM_EXTENSIONS` for a room; none where not given. */
  readonly extensions?: readonly ExtensionCapability[];
}

/** @returns false where no format is shared, or the caller hung up */
export async function answerHere(served: Served, options: AnswerHereOptions = {}): Promise<boolean> {
  const sdp = await agreeHere(served.media, served.offer, options);
  if (sdp === undefined || served.session.state === 'terminated') return false;
  const changes = new Changes(served, options);
  served.session.on('offer', (change) => changes.handleOffer(change));
  served.session.on('acknowledged', ({ sdp }) => changes.handleAcknowledged(sdp));
  served.session.accept({ sdp });
  served.onAnswered();
  return true;
}

/** What the caller changes of what was agreed on. */
class Changes {
  readonly #served: Served;
  readonly #options: AnswerHereOptions;
  /** What the caller described last. */
  #described: SessionDescription;
  /** Whether the answer to an offer of ours is to come with the ACK. */
  #isAsked = false;

  constructor(served: Served, options: AnswerHereOptions) {
    this.#served = served;
    this.#options = options;
    this.#described = served.offer;
  }

  handleOffer(change: RemoteOffer): void {
    this.#answer(change).catch(() => change.reject(488));
  }

  handleAcknowledged(sdp: string | undefined): void {
    if (!this.#isAsked) return;
    this.#isAsked = false;
    const answer = readSdp(sdp);
    if (answer) this.#take(answer).catch(() => this.#served.session.end());
  }

  async #answer(change: RemoteOffer): Promise<void> {
    // RFC 3264 §5, §8.4: asked for an offer, we offer both directions, for a hold may end with it.
    const isAsked = change.sdp === undefined;
    const offer = isAsked ? withDirection(this.#described, 'sendrecv') : readSdp(change.sdp);
    const sdp = offer && (await agreeHere(this.#served.media, offer, this.#options));
    if (offer === undefined || sdp === undefined) return change.reject(488);
    this.#isAsked = isAsked;
    change.answer(sdp);
    if (!isAsked) this.#changed(offer);
  }

  async #take(answer: SessionDescription): Promise<void> {
    if ((await agreeHere(this.#served.media, answer, this.#options)) !== undefined) this.#changed(answer);
  }

  #changed(described: SessionDescription): void {
    this.#described = described;
    this.#options.onChanged?.();
  }
}

/** Brings the leg to what both can do. @returns our answer */
async function agreeHere(
  media: PartyMedia,
  offer: SessionDescription,
  { wantsDigits = false, extensions }: AnswerHereOptions,
): Promise<string | undefined> {
  const answer = media.answer(offer, undefined, { extensions });
  if (answer !== undefined) await media.apply({ detectsTones: wantsDigits && !takesEvents(media) });
  return answer;
}

export function refuseFormats({ session, refuse }: Served): string {
  const [status, reason] =
    session.state === 'terminated'
      ? ([487, REASONS.callerLeft] as const)
      : ([488, REASONS.noSharedCodec] as const);
  refuse(status, reason);
  return reason;
}

export function sessionEnd(session: IncomingSession): Promise<SessionEnd> {
  return new Promise((resolve) => session.once('ended', resolve));
}
