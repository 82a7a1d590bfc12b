// How long a party agreed not to send, and not to hear: hold, in its two halves.
import type { Direction } from '../engine/types.ts';

export class AgreedSilence {
  #direction: Direction | null = null;
  #since = 0;
  #noReceiveMs = 0;
  #noSendMs = 0;

  /** As last agreed on, as we see it. */
  get direction(): Direction | null {
    return this.#direction;
  }

  agree(now: number, direction: Direction): void {
    this.#noReceiveMs = this.noReceiveMsAt(now);
    this.#noSendMs = this.noSendMsAt(now);
    this.#direction = direction;
    this.#since = now;
  }

  /** How long nothing was to come from the party. */
  noReceiveMsAt(now: number): number {
    const isOn = this.#direction === 'sendonly' || this.#direction === 'inactive';
    return this.#noReceiveMs + (isOn ? now - this.#since : 0);
  }

  /** How long nothing was to go to the party. */
  noSendMsAt(now: number): number {
    const isOn = this.#direction === 'recvonly' || this.#direction === 'inactive';
    return this.#noSendMs + (isOn ? now - this.#since : 0);
  }
}
