// Whose turn it is to offer: offers, answers and INVITEs under way in one dialog (RFC 3261 §14, RFC 3311 §5, RFC 6337).
//
//   idle ──our offer──▶ ours ──its final response──▶ idle
//     └──their offer──▶ theirs ──2xx to UPDATE, refusal──▶ idle
//                         ├──2xx to INVITE with the answer──▶ unacknowledged ──ACK──▶ idle
//                         └──2xx to INVITE with our offer──▶ offered ──ACK with the answer──▶ idle

export type ExchangeState = 'idle' | 'ours' | 'theirs' | 'unacknowledged' | 'offered';

export type ExchangeInput =
  /** We want to offer, or ask for an offer. */
  | 'localOffer'
  /** The final response to that, or its answer in a reliable provisional. */
  | 'localDone'
  /** The peer offers, or asks for an offer. */
  | 'remoteOffer'
  /** Our answer left in a 2xx to UPDATE or PRACK, in an ACK, or in a provisional that was acknowledged. */
  | 'answered'
  /** Our 2xx to INVITE left, and their offer has its answer. */
  | 'answeredInvite'
  /** Our 2xx to INVITE left with our offer in it. */
  | 'offeredInvite'
  | 'refused'
  | 'acknowledged';

/** `pending` is answered with 491, `overlap` with 500 and Retry-After; `wait` is for offers of ours alone. */
export type ExchangeAction = 'go' | 'wait' | 'pending' | 'overlap';

export interface ExchangeStep {
  readonly action: ExchangeAction;
  readonly state: ExchangeState;
}

const step = (action: ExchangeAction, state: ExchangeState): ExchangeStep => ({ action, state });

export const EXCHANGE: Readonly<
  Record<ExchangeState, Readonly<Partial<Record<ExchangeInput, ExchangeStep>>>>
> = {
  idle: {
    localOffer: step('go', 'ours'),
    remoteOffer: step('go', 'theirs'),
    // The answer was in a reliable provisional already.
    answeredInvite: step('go', 'unacknowledged'),
  },
  ours: {
    localOffer: step('wait', 'ours'),
    localDone: step('go', 'idle'),
    // RFC 3261 §14.2, RFC 3311 §5.2.
    remoteOffer: step('pending', 'ours'),
  },
  theirs: {
    localOffer: step('wait', 'theirs'),
    // RFC 3261 §14.2, RFC 3311 §5.2.
    remoteOffer: step('overlap', 'theirs'),
    answered: step('go', 'idle'),
    answeredInvite: step('go', 'unacknowledged'),
    offeredInvite: step('go', 'offered'),
    refused: step('go', 'idle'),
  },
  unacknowledged: {
    // RFC 3261 §14.1: no INVITE of ours while one of theirs is under way.
    localOffer: step('wait', 'unacknowledged'),
    // RFC 5407 §3.1.4: whoever offers anew has our 2xx, though its ACK was lost.
    remoteOffer: step('go', 'theirs'),
    acknowledged: step('go', 'idle'),
  },
  offered: {
    localOffer: step('wait', 'offered'),
    // RFC 5407 §3.1.5: the answer to our offer is still under way.
    remoteOffer: step('pending', 'offered'),
    acknowledged: step('go', 'idle'),
  },
};

/** The state of one dialog's offers, and who waits for it to be idle. */
export class Exchange {
  #state: ExchangeState = 'idle';
  #waiting: (() => void)[] = [];

  get state(): ExchangeState {
    return this.#state;
  }

  /** @returns what to do; undefined where the input means nothing in this state */
  handle(input: ExchangeInput): ExchangeAction | undefined {
    const next = EXCHANGE[this.#state][input];
    if (!next) return undefined;
    this.#state = next.state;
    if (next.state === 'idle') this.release();
    return next.action;
  }

  /** Calls once, when either side may offer or the session is over. */
  whenIdle(resume: () => void): void {
    if (this.#state === 'idle') resume();
    else this.#waiting.push(resume);
  }

  /** Lets everybody go who waits. */
  release(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resume of waiting) resume();
  }
}
