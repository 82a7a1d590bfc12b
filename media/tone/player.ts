// What a party hears instead of its peer, until it ends.

/** `reformatted`: the party takes another format now, and shall hear the rest in that one. */
export type PlayerOutcome = 'done' | 'reformatted';

/** On a beat of its own; whoever starts it calls `handleTimeout` when it wants to be called. */
export interface Player {
  nextTimeoutAt(): number | undefined;
  handleTimeout(now: number): void;
  /** Ends it before its time. */
  stop(): void;
}
