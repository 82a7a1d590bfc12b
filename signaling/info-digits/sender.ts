// Sends digits by INFO, one after the other.
import type { Session } from '../session/index.ts';
import { DTMF_RELAY_TYPE, formatInfoDigit, type InfoDigit } from './body.ts';

/** Digits that wait at most: as many as wait for telephone-events. */
export const MAX_WAITING_DIGITS = 64;

/** Each INFO waits for the answer to the one before it, so that the digits arrive in their order. */
export class InfoDigitSender {
  readonly #session: Pick<Session, 'request'>;
  readonly #onAnswer: (status: number) => void;
  readonly #waiting: InfoDigit[] = [];
  #isSending = false;

  /** @param onAnswer - told of the final status of each */
  constructor(session: Pick<Session, 'request'>, onAnswer: (status: number) => void = () => {}) {
    this.#session = session;
    this.#onAnswer = onAnswer;
  }

  /** @returns false where too many wait; then none of these is sent */
  push(...digits: readonly InfoDigit[]): boolean {
    if (this.#waiting.length + digits.length > MAX_WAITING_DIGITS) return false;
    this.#waiting.push(...digits);
    void this.#send();
    return true;
  }

  async #send(): Promise<void> {
    if (this.#isSending) return;
    this.#isSending = true;
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
      // It never rejects. A digit that was refused is not sent again: late, it would mean something else.
      const body = formatInfoDigit(next);
      const { status } = await this.#session.request('INFO', { body, contentType: DTMF_RELAY_TYPE });
      this.#onAnswer(status);
    }
    this.#isSending = false;
  }
}
