// The timers of RFC 3261 §17 (its table 4 in annex A) with those of RFC 6026, in milliseconds.

/** Estimate of the round trip (RFC 3261 §17.1.1.1). */
export const T1 = 500;
/** Longest interval between retransmissions of non-INVITE requests and INVITE responses (§17.1.2.2). */
export const T2 = 4000;
/** How long a message may stay in the network (§17.1.2.2). */
export const T4 = 5000;

/** Time after which a TU that has not answered an INVITE is helped out with a 100 (RFC 3261 §17.2.1). */
export const TRYING_DELAY_MS = 200;

export type TimerName =
  | 'timerA'
  | 'timerB'
  | 'timerD'
  | 'timerE'
  | 'timerF'
  | 'timerG'
  | 'timerH'
  | 'timerI'
  | 'timerJ'
  | 'timerK'
  | 'timerL'
  | 'timerM';

/** Timers that end a wait, over an unreliable transport. A, E and G repeat instead, starting at {@link T1}. */
const UNRELIABLE_MS = {
  timerB: 64 * T1,
  timerD: 64 * T1,
  timerF: 64 * T1,
  timerH: 64 * T1,
  timerI: T4,
  timerJ: 64 * T1,
  timerK: T4,
  timerL: 64 * T1,
  timerM: 64 * T1,
} as const;

export type WaitTimer = keyof typeof UNRELIABLE_MS;

/**
 * How long a timer that does not repeat runs, in milliseconds.
 *
 * @param isReliable - whether the transport is: D, I, J and K only absorb retransmissions, so they are zero there
 */
export function waitMs(timer: WaitTimer, isReliable: boolean): number {
  const isAbsorbing = timer === 'timerD' || timer === 'timerI' || timer === 'timerJ' || timer === 'timerK';
  return isReliable && isAbsorbing ? 0 : UNRELIABLE_MS[timer];
}
