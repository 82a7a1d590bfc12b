// What is told of the quality of a call.
import type { VqReport } from '../../signaling/index.ts';

/** What a phone said of a call of its own (RFC 6035). */
export interface PhoneReport {
  /** The user whose phone it is. */
  readonly from: string;
  /** ISO 8601 in UTC. */
  readonly receivedAt: string;
  readonly report: VqReport;
}
