// When a phone registers again: after success, and after failure.
import type { Random } from '../core/index.ts';

/** What we ask for (design: REGISTER 3600 s). */
export const REGISTER_EXPIRES_SECONDS = 3600;

// Between half and 0.9 of the lifetime, so that many phones that started together part.
const EARLIEST_REFRESH = 0.5;
const LATEST_REFRESH = 0.9;

/** RFC 5626 §4.5, with its defaults, no flow being left. */
const BASE_TIME_MS = 30_000;
const MAX_TIME_MS = 1_800_000;

/** @returns milliseconds until the refresh of a binding that lives for `expiresSeconds` */
export function refreshDelayMs(expiresSeconds: number, random: Random): number {
  const share = EARLIEST_REFRESH + (LATEST_REFRESH - EARLIEST_REFRESH) * random.float();
  return expiresSeconds * 1000 * share;
}

/**
 * RFC 5626 §4.5: doubles with each failure up to a limit, and then takes 50 to 100 % of it.
 *
 * @param failures - failures in a row, 1 or more
 * @param retryAfterSeconds - what the registrar asked for (RFC 3261 §20.33): never earlier
 */
export function retryDelayMs(failures: number, random: Random, retryAfterSeconds = 0): number {
  const upperBound = Math.min(MAX_TIME_MS, BASE_TIME_MS * 2 ** Math.min(failures, 30));
  return Math.max(upperBound * (0.5 + 0.5 * random.float()), retryAfterSeconds * 1000);
}
