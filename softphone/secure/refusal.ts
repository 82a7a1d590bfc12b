// Whether a call has to be placed anew without security.
import type { PhoneCall } from '../phone-call.ts';

/** Not this description, not this type of it, not these parts (RFC 3261 §21.4.13, §21.4.26, §21.6.4). */
const REFUSALS: ReadonlySet<number> = new Set([415, 488, 606]);

/** Resolves when the far end rings, answers or refuses. */
export function wasRefusedAsSecured(call: PhoneCall): Promise<boolean> {
  return new Promise((resolve) => {
    call.once('ringing', () => resolve(false));
    call.once('answered', () => resolve(false));
    call.once('ended', ({ isAnswered, status }) => resolve(!isAnswered && REFUSALS.has(status ?? 0)));
  });
}
