// What both ends of a file transfer share: a state, actions for the owner, and how it is over.
import { WORKING_MS } from './limits.ts';
import type { ControlMessage } from './messages.ts';
import type { FailureReason, TransferOutcome } from './types.ts';

/** What either end wants of its owner. */
export type CommonAction =
  | { readonly type: 'send'; readonly message: ControlMessage }
  | { readonly type: 'finished'; readonly outcome: TransferOutcome };

/** Longest text that goes with an abort, in characters. */
const MAX_REASON_LENGTH = 200;

/** @typeParam State - `over` is the one that either ends in */
export abstract class TransferEnd<State extends string, Action> {
  protected current: State | 'over';
  /** When the far end last said something that counts. */
  protected heardAt: number;
  protected stateSince: number;
  /** When the far end is next told that we are at work; infinite where it need not be. */
  protected workingAt = Number.POSITIVE_INFINITY;
  #actions: (Action | CommonAction)[] = [];

  protected constructor(now: number, first: State) {
    this.current = first;
    this.heardAt = now;
    this.stateSince = now;
  }

  get state(): State | 'over' {
    return this.current;
  }

  /** Outputs: what the owner is to do, in this order. */
  takeActions(): readonly (Action | CommonAction)[] {
    const actions = this.#actions;
    if (actions.length > 0) this.#actions = [];
    return actions;
  }

  /** Our disk failed, or a person breaks off. */
  handleFailure(reason: FailureReason, text: string): void {
    if (this.current !== 'over') this.abort(reason, text);
  }

  handleClosed(): void {
    if (this.current !== 'over') this.fail('broken', 'the connection broke');
  }

  protected enter(now: number, state: State): void {
    this.current = state;
    this.stateSince = now;
    this.heardAt = now;
    this.workingAt = Number.POSITIVE_INFINITY;
  }

  protected act(action: Action | CommonAction): void {
    this.#actions.push(action);
  }

  protected send(message: ControlMessage): void {
    this.act({ type: 'send', message });
  }

  /** Tells the far end that we are at work, where it is time. */
  protected tellWorking(now: number): void {
    if (now < this.workingAt) return;
    this.workingAt = now + WORKING_MS;
    this.send({ type: 'working' });
  }

  /** Fails, and tells the far end why. */
  protected abort(reason: FailureReason, text: string): void {
    this.send({ type: 'abort', reason, text: text.slice(0, MAX_REASON_LENGTH) });
    this.fail(reason, text);
  }

  protected fail(reason: FailureReason, text: string): void {
    this.finish({ kind: 'failed', reason, text });
  }

  protected finish(outcome: TransferOutcome): void {
    this.current = 'over';
    this.act({ type: 'finished', outcome });
  }
}
