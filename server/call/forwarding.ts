// Who is tried next when a user does not take a call: a pure function of settings and outcome.
import type { RingFailure } from './ring.ts';
import type { ForwardKind, ForwardSettings } from './types.ts';

/** How often one call may be forwarded. */
export const MAX_HOPS = 5;

/** Default of `afterSeconds` for forwarding on no answer, set by star code or without a time. */
export const DEFAULT_NO_ANSWER_SECONDS = 20;

/** One forwarding that a call went through. */
export interface Hop {
  /** Text URI of whom the call was meant for before. */
  readonly from: string;
  readonly reason: ForwardReason;
}

/** `deflection`: the phone itself answered 302. */
export type ForwardReason = ForwardKind | 'deflection';

/** Which forwarding a failed attempt calls for, and where it leads. */
export function forwardAfter(
  failure: RingFailure,
  settings: ForwardSettings,
): { readonly reason: ForwardReason; readonly target: string } | undefined {
  const deflected = failure.contacts[0];
  if (failure.cause === 'redirected' && deflected) return { reason: 'deflection', target: deflected };
  const target = {
    busy: settings.busy,
    noAnswer: settings.noAnswer?.target,
    unreachable: settings.unreachable,
    redirected: undefined,
    declined: undefined,
    callerLeft: undefined,
    other: undefined,
  }[failure.cause];
  if (target === undefined) return undefined;
  // The table above has a target only for causes that are kinds of forwarding.
  return { reason: failure.cause as ForwardKind, target };
}

/**
 * Why a call must not be forwarded once more, as the SIP status that says so.
 *
 * @param visited - keys of all destinations tried so far
 */
export function refusalOfHop(
  next: string,
  visited: ReadonlySet<string>,
  hops: number,
): { readonly status: 482 | 486; readonly reason: string } | undefined {
  if (visited.has(next)) return { status: 482, reason: `the call was already forwarded to ${next}` };
  if (hops >= MAX_HOPS) return { status: 486, reason: `the call was forwarded more than ${MAX_HOPS} times` };
  return undefined;
}
