// What a rule is: it looks at a call, and says what it finds.
import type { CallView, LegView } from '../call-view.ts';
import type { Finding } from '../types.ts';

/** Pure, and never throws: a record says anything. */
export type Rule = (call: CallView) => readonly Finding[];

/** A rule that looks at each leg for itself. */
export function ofEachLeg(examine: (leg: LegView) => Finding | readonly Finding[] | undefined): Rule {
  return (call) => call.legs.flatMap((leg) => examine(leg) ?? []);
}
