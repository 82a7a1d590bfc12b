// Offers and answers within one call: what they agree on, who holds whom, and new paths.
import { DecodeError, messageOf } from '../core/index.ts';
import {
  canSend,
  type Direction,
  type LocalOfferOptions,
  type RemoteOffer,
  type Session,
} from '../signaling/index.ts';
import type { CallDigits } from './call-digits.ts';
import type { CallSound } from './call-sounds.ts';
import type { AgreedSound } from './negotiation.ts';

export interface CallOfferParts {
  readonly session: Session;
  readonly digits: CallDigits;
  readonly isEnded: () => boolean;
  readonly onHeldByPeer: (isHeld: boolean) => void;
}

export class CallOffers {
  readonly #parts: CallOfferParts;
  #sound: CallSound | undefined;
  #isHeld = false;
  #isHeldByPeer = false;

  constructor(parts: CallOfferParts) {
    this.#parts = parts;
  }

  get isHeld(): boolean {
    return this.#isHeld;
  }

  get isHeldByPeer(): boolean {
    return this.#isHeldByPeer;
  }

  useSound(sound: CallSound): void {
    this.#sound = sound;
  }

  /** Brings the sound to what was agreed on. @returns why it cannot be, or undefined */
  async apply(agreed: AgreedSound | DecodeError): Promise<string | undefined> {
    if (agreed instanceof DecodeError) return agreed.reason;
    if (!this.#sound || this.#parts.isEnded()) return undefined;
    try {
      await this.#sound.media.update(agreed);
    } catch (error) {
      return messageOf(error);
    }
    this.#parts.digits.agree(agreed);
    // Whoever does not want to hear us has put us on hold (RFC 3264 §8.4).
    const isHeld = !canSend(agreed.remote.direction);
    if (isHeld !== this.#isHeldByPeer) {
      this.#isHeldByPeer = isHeld;
      this.#parts.onHeldByPeer(isHeld);
    }
    return undefined;
  }

  /** Answers an offer of the far end, or offers where it asks for that. */
  async handleOffer(offer: RemoteOffer): Promise<void> {
    const sound = this.#sound;
    if (!sound) return offer.reject(488);
    if (offer.sdp !== undefined && sound.secure && !(await sound.secure.take(offer.sdp)))
      return offer.reject(488);
    const direction = this.#direction;
    // Asked for an offer we give ours; the answer comes with the ACK.
    if (offer.sdp === undefined) return offer.answer(sound.negotiation.offer(direction));
    const answer = await sound.negotiation.answer(offer.sdp, direction);
    if (answer instanceof DecodeError) return offer.reject(488);
    const failure = await this.apply(answer.agreed);
    if (failure === undefined) offer.answer(answer.sdp);
    else offer.reject(488);
  }

  /** @returns whether the far end agreed */
  async setHold(isHeld: boolean): Promise<boolean> {
    const sound = this.#sound;
    if (!sound) return false;
    if (this.#isHeld === isHeld) return true;
    this.#isHeld = isHeld;
    // At once, whatever becomes of the offer: who presses hold means not to be heard.
    sound.media.isHolding = isHeld;
    const failure = await this.#offer(sound);
    // A refused re-INVITE leaves everything as it was (RFC 3261 §14.1).
    if (failure !== undefined) {
      this.#isHeld = !isHeld;
      sound.media.isHolding = !isHeld;
    }
    return failure === undefined;
  }

  /** Looks for paths anew (RFC 8445 §9). Whatever comes of it: without an answer everything stays as it was. */
  async renewPath(): Promise<void> {
    const sound = this.#sound;
    if (!sound?.path) return;
    await sound.path.renew();
    await this.#offer(sound, { survivesTimeout: true }).catch(() => {});
  }

  /** Looks for another association in the place of one that broke; what refuses it leaves that as it is. */
  async renewAssociation(): Promise<void> {
    const sound = this.#sound;
    if (!sound?.secure || !(await sound.secure.renew())) return;
    const failure = await this.#offer(sound, { survivesTimeout: true }).catch(messageOf);
    if (failure !== undefined) sound.secure.abandon();
  }

  /** Offers what we do now. @returns why it was refused, or undefined */
  async #offer(sound: CallSound, options?: LocalOfferOptions): Promise<string | undefined> {
    const offer = sound.negotiation.offer(this.#direction);
    const result = await this.#parts.session.offer(offer, options);
    if (result.status >= 300 || result.sdp === undefined) return result.reason;
    return this.apply(sound.negotiation.accept(result.sdp));
  }

  get #direction(): Direction {
    return this.#isHeld ? 'sendonly' : 'sendrecv';
  }
}
