import { describe, expect, it } from 'vitest';
import {
  noteRtcpSent,
  RTCP_MINIMUM_INTERVAL_MS,
  type RtcpMembership,
  type RtcpSchedule,
  reconsiderRtcp,
  rtcpIntervalMs,
  startRtcpSchedule,
} from '../../../../media/rtcp/index.ts';

const COMPENSATION = Math.E - 1.5;

type Input = RtcpMembership & Pick<RtcpSchedule, 'averageSizeBytes' | 'isInitial'>;

const intervalOf = (input: Input): number => rtcpIntervalMs(input, input);

const call = (changes: Partial<Input> = {}): Input => ({
  members: 2,
  senders: 2,
  rtcpBytesPerSecond: 400,
  weSent: true,
  averageSizeBytes: 120,
  isInitial: false,
  chance: 0.5,
  ...changes,
});

describe('rtcpIntervalMs() (RFC 3550 §6.3.1)', () => {
  it('gives a call a report every two seconds, and never more than three and a half between two', () => {
    const [least, most] = [intervalOf(call({ chance: 0 })), intervalOf(call({ chance: 1 }))];
    expect(intervalOf(call())).toBeCloseTo(RTCP_MINIMUM_INTERVAL_MS / COMPENSATION, 6);
    expect(least).toBeGreaterThan(1000);
    expect(most).toBeLessThan(3500);
  });

  it('keeps RTCP under one percent of a call of 56 kbit/s', () => {
    const bitsPerSecond = (8 * 120 * 1000) / intervalOf(call());
    expect(bitsPerSecond).toBeLessThan(560);
  });

  it('lets the first report come at once where bandwidth allows', () => {
    const first = intervalOf(call({ isInitial: true }));
    expect(first).toBeCloseTo((1000 * 120 * 2) / 400 / COMPENSATION, 6);
  });

  it('grows with the size of reports once bandwidth is the limit', () => {
    expect(intervalOf(call({ averageSizeBytes: 1000 }))).toBeCloseTo(5000 / COMPENSATION, 6);
  });

  it('gives senders a quarter of the bandwidth where they are few', () => {
    const crowd = { members: 100, senders: 1, averageSizeBytes: 100 };
    expect(intervalOf(call({ ...crowd, weSent: false }))).toBeCloseTo((99 * 100_000) / 300 / COMPENSATION, 6);
    expect(intervalOf(call({ ...crowd, senders: 25 }))).toBeCloseTo((25 * 100_000) / 100 / COMPENSATION, 6);
  });
});

describe('the schedule of RTCP (RFC 3550 §6.3, A.7)', () => {
  const member = (chance: number) => ({
    members: 2,
    senders: 2,
    rtcpBytesPerSecond: 400,
    weSent: true,
    chance,
  });

  it('waits for the rest where the interval that is drawn anew is longer', () => {
    const schedule = startRtcpSchedule(0, member(0), 120);
    const dueAt = schedule.nextAt;
    expect(reconsiderRtcp(schedule, dueAt, member(1))).toBe(false);
    expect(schedule.nextAt).toBeGreaterThan(dueAt);
    expect(reconsiderRtcp(schedule, schedule.nextAt, member(1))).toBe(true);
  });

  it('is no longer initial once a report was sent', () => {
    const schedule = startRtcpSchedule(0, member(0.5), 120);
    noteRtcpSent(schedule, 1000, member(0.5), 120);
    expect(schedule.nextAt - 1000).toBeCloseTo(RTCP_MINIMUM_INTERVAL_MS / COMPENSATION, 6);
  });
});
