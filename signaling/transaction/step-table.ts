// The form in which the four transactions of RFC 3261 §17 are written down: (state, input) → (actions, state).

/** What one input does in one state. */
export interface Step<State extends string, Action extends string> {
  /** Carried out in this order, after the state has changed. */
  readonly actions: readonly Action[];
  readonly state: State;
}

/** An input that a state lacks is ignored there. */
export type StepTable<State extends string, Input extends string, Action extends string> = Readonly<
  Record<State, Readonly<Partial<Record<Input, Step<State, Action>>>>>
>;

/** Writes one step of a table. */
export function step<State extends string, Action extends string>(
  state: State,
  ...actions: readonly Action[]
): Step<State, Action> {
  return { actions, state };
}
