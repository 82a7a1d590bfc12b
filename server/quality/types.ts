// What is told of the quality of a call.
import type { VqReport } from '../../signaling/index.ts';
import type { CallRecord } from '../store/index.ts';

/** What a phone said of a call of its own (RFC 6035). */
export interface PhoneReport {
  /** The user whose phone it is. */
  readonly from: string;
  /** ISO 8601 in UTC. */
  readonly receivedAt: string;
  readonly report: VqReport;
}

/** The live calls of a server, as shown to who follows them. */
export interface LiveCalls {
  /** ISO 8601 in UTC. */
  readonly at: string;
  /** Calls that live; the latest of them are shown. */
  readonly total: number;
  /** Records that are open: `end` is null, and `duration`, `billsec` and `quality` are those of now. */
  readonly calls: readonly CallRecord[];
}
