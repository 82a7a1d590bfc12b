// What signaling knows of a party's sound: evidence of `patchcord doctor`, kept with the report of its leg. Plain data.
import type { Endpoint } from '../../core/index.ts';
import type { Direction, LegReport, PayloadFormat } from '../../media/index.ts';

/** Kept with the call's record. */
export interface PartyFacts {
  /** Where its SIP came from: the phone itself, or its NAT; null for one that was called by its URI alone. */
  readonly signalingAddress: string | null;
  /** Where the leg listens, and where our SDP told the party to send to. */
  readonly boundAddress: string;
  readonly told: Endpoint;
  /** The party's last description; null where it gave none. */
  readonly described: {
    readonly rtp: Endpoint;
    /** As the party sees it. */
    readonly direction: Direction;
    readonly formats: readonly PayloadFormat[];
  } | null;
  readonly digits: DigitFacts;
}

/** Digits that did not go as telephone-events by themselves. */
export interface DigitFacts {
  /** Whether the party's Allow lists INFO; null where no conversation was reached. */
  readonly takesInfo: boolean | null;
  /** Sent to the party by INFO, how many of them it refused, and the last status of those. */
  readonly sentByInfo: number;
  readonly refusedByInfo: number;
  readonly refusal: number | null;
  /** INFO of the party that made no sense: 400. */
  readonly unreadable: number;
  /** Could not be sent in RTP: the party takes no events, and its codec carries no tones. */
  readonly unsendable: number;
}

/** The report of a leg with what signaling knows of its party. */
export interface PartyReport extends LegReport {
  readonly party: PartyFacts;
}

/** Keeps {@link DigitFacts} while a call lasts. */
export class DigitNotes {
  #takesInfo: boolean | null = null;
  #sentByInfo = 0;
  #refusedByInfo = 0;
  #refusal: number | null = null;
  unreadable = 0;
  unsendable = 0;

  set takesInfo(takesInfo: boolean) {
    this.#takesInfo = takesInfo;
  }

  /** The party answered an INFO of ours. */
  answeredInfo(status: number): void {
    this.#sentByInfo += 1;
    if (status < 300) return;
    this.#refusedByInfo += 1;
    this.#refusal = status;
  }

  facts(): DigitFacts {
    return {
      takesInfo: this.#takesInfo,
      sentByInfo: this.#sentByInfo,
      refusedByInfo: this.#refusedByInfo,
      refusal: this.#refusal,
      unreadable: this.unreadable,
      unsendable: this.unsendable,
    };
  }
}
