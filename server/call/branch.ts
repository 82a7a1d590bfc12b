// One phone that is rung: an outgoing session with media of its own.
import { DecodeError } from '../../core/index.ts';
import {
  type HeaderField,
  type NameAddr,
  type OutgoingSession,
  parseSdp,
  remoteMediaOf,
  type SessionDescription,
  type SipResponse,
} from '../../signaling/index.ts';
import type { PartyMedia } from './party.ts';
import type { CallDependencies, Reachable } from './types.ts';

/** What a branch needs of its media: a leg here (`PartyMedia`), or the sound that is none of our business. */
export interface BranchMedia {
  /** Our offer to the phone that stands for what the caller described. */
  offer(other: SessionDescription): string;
  close(): Promise<unknown>;
}

export interface BranchOptions<Media extends BranchMedia = PartyMedia> {
  readonly dependencies: Pick<CallDependencies, 'userAgent'>;
  readonly openMedia: (target: Reachable, label: string) => Promise<Media>;
  readonly target: Reachable;
  readonly from: NameAddr;
  readonly to: NameAddr;
  readonly headers: readonly HeaderField[];
  /** The caller's offer; undefined where the phone is to make one. */
  readonly offer: SessionDescription | undefined;
  readonly maxForwards: number;
  readonly label: string;
}

/** How an unanswered branch ended. */
export interface BranchEnd {
  /** 300 to 699. */
  readonly status: number;
  readonly reason: string;
  /** Nothing at all came back from the phone. */
  readonly isSilent: boolean;
  readonly response: SipResponse | undefined;
}

export interface BranchHandlers {
  onProgress(status: number, sdp: string | undefined): void;
  onAnswer(sdp: string | undefined): void;
  onEnd(end: BranchEnd): void;
}

/** Owns its media until {@link Branch.close}. */
export class Branch<Media extends BranchMedia = PartyMedia> {
  readonly media: Media;
  readonly #options: BranchOptions<Media>;
  #session: OutgoingSession | undefined;
  #stopPostponing: () => void = () => {};

  static async open<Media extends BranchMedia>(options: BranchOptions<Media>): Promise<Branch<Media>> {
    return new Branch(options, await options.openMedia(options.target, options.label));
  }

  private constructor(options: BranchOptions<Media>, media: Media) {
    this.#options = options;
    this.media = media;
  }

  /** The session; there is one from {@link Branch.start} on. */
  get session(): OutgoingSession | undefined {
    return this.#session;
  }

  /** Sends the INVITE. `onEnd` comes once, also after an answer. */
  start(handlers: BranchHandlers): void {
    const { dependencies, target, from, to, headers, maxForwards, offer } = this.#options;
    let isSilent = true;
    const session = dependencies.userAgent.invite({
      target: target.contact,
      from,
      to,
      headers,
      maxForwards,
      ...(offer ? { sdp: this.media.offer(offer) } : {}),
      ...(target.path.length > 0 ? { routeSet: target.path } : {}),
      ...(target.flow ? { flow: target.flow } : {}),
    });
    this.#session = session;
    // RFC 3261 §14.1: a phone that offers anew before the caller is answered tries again after a moment.
    this.#stopPostponing = session.on('offer', (offer) => offer.reject(491));
    session.on('progress', ({ status, sdp }) => {
      isSilent = false;
      handlers.onProgress(status, sdp);
    });
    session.on('accepted', ({ sdp }) => handlers.onAnswer(sdp));
    session.on('ended', ({ status, reason, message }) => {
      const response = message?.kind === 'response' ? message : undefined;
      handlers.onEnd({ status: status ?? 487, reason, isSilent: isSilent && !response, response });
    });
  }

  /** From now on offers of the phone are somebody else's, who listens for them. */
  handOver(): void {
    this.#stopPostponing();
  }

  /** Takes the call back: CANCEL, or BYE where the answer crossed it. */
  cancel(reasonHeader?: string): void {
    this.#session?.end(reasonHeader === undefined ? {} : { headers: [['Reason', reasonHeader]] });
  }

  async close(): Promise<void> {
    await this.media.close();
  }
}

/** Reads SDP of a party; undefined where there is none, it makes no sense, or it has no audio that we could carry. */
export function readSdp(text: string | undefined): SessionDescription | undefined {
  if (text === undefined) return undefined;
  const description = parseSdp(text);
  return description instanceof DecodeError || !remoteMediaOf(description) ? undefined : description;
}
