// What a party is told whose change of the session the other did not agree to.

/** RFC 3261 §12.2.1.2: on 408 the party would hang up, and whether the call goes on is settled by the other session. */
export function refusalFor(status: number): number {
  if (status < 300) return 488;
  return status === 408 ? 504 : status;
}
