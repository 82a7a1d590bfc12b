// How long things last (RFC 8656 §3.2, §7.2, §9, §12).

/** Of an allocation that asks for nothing else, and the least that one gets. */
export const DEFAULT_LIFETIME_SECONDS = 600;
/** RFC 8656 §7.2: no more than an hour. */
export const MAX_LIFETIME_SECONDS = 3600;
/** RFC 8656 §9: fixed. */
export const PERMISSION_LIFETIME_MS = 300_000;
/** RFC 8656 §12: fixed. */
export const CHANNEL_LIFETIME_MS = 600_000;
