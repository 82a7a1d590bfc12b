// One phone that is rung: an outgoing session with a media leg of its own.
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
import type { MediaAddresses } from './media-addresses.ts';
import { PartyMedia } from './party.ts';
import type { PartyReport } from './party-facts.ts';
import type { CallDependencies, Reachable } from './types.ts';

export interface BranchOptions {
  readonly dependencies: CallDependencies;
  readonly addresses: MediaAddresses;
  readonly target: Reachable;
  readonly from: NameAddr;
  readonly to: NameAddr;
  readonly headers: readonly HeaderField[];
  /** The caller's offer; undefined where the phone is to make one. */
  readonly offer: SessionDescription | undefined;
  readonly maxForwards: number;
  readonly callKey: string;
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

/** Owns its media leg until {@link Branch.close}. */
export class Branch {
  readonly media: PartyMedia;
  readonly #options: BranchOptions;
  #session: OutgoingSession | undefined;
  #stopPostponing: () => void = () => {};

  static async open(options: BranchOptions): Promise<Branch> {
    const { dependencies, addresses, callKey, label, target } = options;
    const media = await PartyMedia.open({
      media: dependencies.media,
      random: dependencies.runtime.random,
      addresses,
      capabilities: dependencies.settings.media,
      callKey,
      label,
      flow: target.flow,
      host: target.contact.scheme === 'sip' || target.contact.scheme === 'sips' ? target.contact.host : '',
    });
    return new Branch(options, media);
  }

  private constructor(options: BranchOptions, media: PartyMedia) {
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

  close(): Promise<PartyReport> {
    return this.media.close();
  }
}

/** Reads SDP of a party; undefined where there is none, it makes no sense, or it has no audio that we could carry. */
export function readSdp(text: string | undefined): SessionDescription | undefined {
  if (text === undefined) return undefined;
  const description = parseSdp(text);
  return description instanceof DecodeError || !remoteMediaOf(description) ? undefined : description;
}
