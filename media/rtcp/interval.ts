// When to send RTCP: RFC 3550 §6.2, §6.3 and appendix A.7.

/**
 * The least interval, before it is randomized: a report comes every two seconds, in one to three.
 *
 * Departs from RFC 3550 §6.2: 5 s are recommended there, and less from 72 kbit/s on, which a call seldom has. Half of it
 * is what the answer to loss waits for, and of a call's bandwidth still under 1 %, of the 5 % that RTCP may have.
 */
export const RTCP_MINIMUM_INTERVAL_MS = 2500;
/** RFC 3550 §6.2: the share of the RTCP bandwidth for senders, while they are at most as many of the members. */
const SENDER_SHARE = 0.25;
/** RFC 3550 §6.3.1: e - 3/2, which makes up for what timer reconsideration takes. */
const COMPENSATION = Math.E - 1.5;
/** RFC 3550 §6.3.3: weight of the newest packet in the average size. */
const SIZE_GAIN = 1 / 16;

/** Who takes part, as it stands when an interval is drawn (RFC 3550 §6.3). */
export interface RtcpMembership {
  /** We included. */
  readonly members: number;
  readonly senders: number;
  readonly rtcpBytesPerSecond: number;
  readonly weSent: boolean;
  /** 0 up to 1, drawn anew for each call. */
  readonly chance: number;
}

/** RFC 3550 A.7, `rtcp_interval`, in milliseconds. */
export function rtcpIntervalMs(
  schedule: Pick<RtcpSchedule, 'isInitial' | 'averageSizeBytes'>,
  membership: RtcpMembership,
): number {
  const { members, senders, weSent } = membership;
  let minimumMs = RTCP_MINIMUM_INTERVAL_MS;
  // RFC 3550 §6.2: in a unicast session the first report need not wait, and two short calls in three would have none.
  if (schedule.isInitial) minimumMs = 0;
  let share = 1;
  let sharers = members;
  if (senders <= members * SENDER_SHARE) {
    share = weSent ? SENDER_SHARE : 1 - SENDER_SHARE;
    sharers = weSent ? senders : members - senders;
  }
  const bytesPerSecond = membership.rtcpBytesPerSecond * share;
  const byBandwidthMs = (1000 * schedule.averageSizeBytes * sharers) / bytesPerSecond;
  return (Math.max(minimumMs, byBandwidthMs) * (0.5 + membership.chance)) / COMPENSATION;
}

/** The timer of one participant (RFC 3550 §6.3), as A.7 keeps it. */
export interface RtcpSchedule {
  /** When the last packet of ours went out (`tp`). */
  lastSentAt: number;
  /** When the next may (`tn`). */
  nextAt: number;
  /** No RTCP of ours went out yet. */
  isInitial: boolean;
  /** UDP and IP headers included. */
  averageSizeBytes: number;
}

export function startRtcpSchedule(
  now: number,
  membership: RtcpMembership,
  firstSizeBytes: number,
): RtcpSchedule {
  const schedule = {
    lastSentAt: now,
    nextAt: now,
    isInitial: true,
    averageSizeBytes: firstSizeBytes,
  };
  schedule.nextAt = now + rtcpIntervalMs(schedule, membership);
  return schedule;
}

/**
 * The timer expired (RFC 3550 §6.3.6, A.7 `OnExpire`). With timer reconsideration the interval is drawn again:
 * where it is not over yet, the schedule waits for the rest of it.
 *
 * @returns whether to send now; the sender then calls {@link noteRtcpSent}
 */
export function reconsiderRtcp(schedule: RtcpSchedule, now: number, membership: RtcpMembership): boolean {
  const due = schedule.lastSentAt + rtcpIntervalMs(schedule, membership);
  if (due <= now) return true;
  schedule.nextAt = due;
  return false;
}

/** RFC 3550 A.7: after sending, the next interval is drawn afresh. */
export function noteRtcpSent(
  schedule: RtcpSchedule,
  now: number,
  membership: RtcpMembership,
  sizeBytes: number,
): void {
  noteRtcpSize(schedule, sizeBytes);
  schedule.lastSentAt = now;
  schedule.isInitial = false;
  schedule.nextAt = now + rtcpIntervalMs(schedule, membership);
}

/** RFC 3550 §6.3.3: every compound packet, sent or received, moves the average. */
export function noteRtcpSize(schedule: RtcpSchedule, sizeBytes: number): void {
  schedule.averageSizeBytes += SIZE_GAIN * (sizeBytes - schedule.averageSizeBytes);
}
