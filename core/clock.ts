// Time, injected.
import { performance } from 'node:perf_hooks';

/** Where time comes from. `now` drives protocols; `wallClock` is only ever shown, stored or put into NTP stamps. */
export interface Clock {
  /** Monotonic milliseconds with a fraction; its zero means nothing. */
  now(): number;
  /** The same where `now` stands still during the work of one wake-up, for who measures that work; `now` where not given. */
  exactNow?(): number;
  /** Milliseconds since 1970-01-01 UTC, with a fraction. */
  wallClock(): number;
}

/** The clock of the machine. */
export const systemClock: Clock = {
  now: () => performance.now(),
  wallClock: () => performance.timeOrigin + performance.now(),
};
