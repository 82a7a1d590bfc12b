// Offers and answers of a secured call: the sound is agreed on as ever, and put into the description of the association.
import { DecodeError } from '../../core/index.ts';
import { type Direction, formatSdp, type SessionDescription } from '../../signaling/index.ts';
import type { AgreedSound, Answer, CallNegotiation } from '../negotiation.ts';
import { plainDescription, securedDescription } from './secured-description.ts';

/** The association, as far as descriptions go. */
export interface SecuredPath {
  /** Ours; the same as long as it lives. */
  readonly description: SessionDescription;
  /** Takes the far end's answer; only the first matters. */
  accept(answerSdp: string): void;
}

export class SecureNegotiation implements CallNegotiation {
  readonly #plain: CallNegotiation;
  readonly #path: SecuredPath;

  /** @param plain - that of the sound alone, used by nobody else */
  constructor(plain: CallNegotiation, path: SecuredPath) {
    this.#plain = plain;
    this.#path = path;
  }

  offer(direction: Direction): string {
    return this.#secured(this.#plain.offer(direction));
  }

  async answer(offerSdp: string, direction: Direction): Promise<Answer | DecodeError> {
    const offer = plainDescription(offerSdp);
    if (offer instanceof DecodeError) return offer;
    const answer = await this.#plain.answer(formatSdp(offer), direction);
    if (answer instanceof DecodeError) return answer;
    return { sdp: this.#secured(answer.sdp), agreed: answer.agreed };
  }

  accept(answerSdp: string): AgreedSound | DecodeError {
    const answer = plainDescription(answerSdp);
    if (answer instanceof DecodeError) return answer;
    const agreed = this.#plain.accept(formatSdp(answer));
    if (!(agreed instanceof DecodeError)) this.#path.accept(answerSdp);
    return agreed;
  }

  #secured(plainSdp: string): string {
    return securedDescription(plainSdp, this.#path.description);
  }
}
