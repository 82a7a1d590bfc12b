// What a report of the far end says about our stream, in the terms of the sender.

/** One report block, without what it repeats from earlier ones. */
export interface Reception {
  /** Of the packets since the last report, 0 to 1. */
  readonly lossRatio: number;
  /** How many packets that ratio is of; 0 where the report is no news. */
  readonly packets: number;
  /** As measured by this report; null where it does not measure it. */
  readonly roundTripMs: number | null;
  /** Interarrival jitter of our stream (RFC 3550 §6.4.1). */
  readonly jitterMs: number;
}
