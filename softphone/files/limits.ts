// Sizes and times of a file transfer. Both sides hold to them, and the receiver sees to it.

/** Of one message with data: no more than any WebRTC peer takes (RFC 8831 §6.6). */
export const MESSAGE_BYTES = 16 * 1024;

/** What is read from the disk at once. */
export const READ_BYTES = 256 * 1024;

/** Sent and not yet written by the receiver: bounds the memory of both, as the channel has no brake for readers. */
export const WINDOW_BYTES = 4 * 1024 * 1024;

/** Above it nothing more is given to the channel, below the low mark again. */
export const BUFFER_HIGH_BYTES = 1024 * 1024;
export const BUFFER_LOW_BYTES = 512 * 1024;

/** The receiver tells its progress after so much, or after so long where less has come. */
export const PROGRESS_BYTES = 256 * 1024;
export const PROGRESS_MS = 1000;

/** A far end of which nothing is heard for so long is gone. */
export const STALL_MS = 30_000;

/** Who reads its disk for longer says so that often. */
export const WORKING_MS = 5000;

/** The slowest disk for which is waited, after a minute: nobody keeps a transfer open by being at work for ever. */
const SLOWEST_CHECK_BYTES_A_MS = 10_000;
const SHORTEST_CHECK_MS = 60_000;

/** How long the far end may read what it has. */
export function checkLimitMs(sizeBytes: number): number {
  return SHORTEST_CHECK_MS + sizeBytes / SLOWEST_CHECK_BYTES_A_MS;
}

/** Prefixes that are compared when a transfer goes on. */
export const MOST_MARKS = 16;

/** Of one control message, in UTF-16 code units. */
export const MOST_CONTROL_LENGTH = 4096;

/** The receiver waits for the sender to hang up the channel that said it is done. */
export const LINGER_MS = 5000;

/** Files that are received at once. */
export const MOST_TRANSFERS = 4;
