// A call with baresip over a network whose every loss and delay is known: the reports of both ends name them, loss within
// one point and jitter within 2 ms.
import { writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Impairment, impairSound } from '../../support/peers/impairment.ts';
import { missingPeer } from '../../support/peers/require-peer.ts';
import { Lab } from './lab.ts';

const CALL_SECONDS = 18;
const PACKET_MS = 20;
/** One point, and 2 ms. */
const MOST_LOSS_ERROR = 0.01;
const MOST_JITTER_ERROR_MS = 2;

/** Of a hundred packets a burst of four, of which the third comes, and one alone: the same share in every two seconds. */
const LOSS_PERIOD = 100;
const LOST = [10, 11, 13, 60];
const LOSS_PATTERN = Array.from({ length: LOSS_PERIOD }, (_, i) => (LOST.includes(i) ? '1' : '0')).join('');

/**
 * A delay that rises and falls by half a millisecond each millisecond: packets at 20 ms come 10 ms later, or sooner, than
 * those before, but at the turns. No multiple of 20 ms, so that the turns fall everywhere between two packets.
 */
const TURN_MS = 203;
const SLOPE = 0.5;
const delayAt = (ms: number) => {
  const phase = ms % (2 * TURN_MS);
  return SLOPE * (phase < TURN_MS ? phase : 2 * TURN_MS - phase);
};
const DELAY_TRACE = Array.from({ length: 2 * TURN_MS }, (_, ms) => `${ms},${ms + delayAt(ms)}`).join('\n');

/**
 * The interarrival jitter (RFC 3550 §6.4.1) that a receiver of such packets has on average, by the definition and nothing
 * of ours: D(i-1,i) = (R_i - R_i-1) - (S_i - S_i-1), J += (|D| - J) / 16. Seen from moment to moment it is within half a
 * millisecond of that.
 */
function expectedJitterMs(): number {
  let [jitter, sum, count] = [0, 0, 0];
  let before: { sent: number; received: number } | undefined;
  for (let i = 0; i < 50_000; i += 1) {
    if (LOST.includes(i % LOSS_PERIOD)) continue;
    const sent = PACKET_MS * i;
    const received = sent + delayAt(sent);
    if (before) {
      const difference = received - before.received - (sent - before.sent);
      jitter += (Math.abs(difference) - jitter) / 16;
    }
    before = { sent, received };
    if (i < 1000) continue;
    sum += jitter;
    count += 1;
  }
  return sum / count;
}

interface OwnWords {
  /** Of what it received, and of what it sent, as we told it by RTCP. */
  readonly lost: readonly [received: number, sent: number];
  readonly jitterMs: readonly [received: number, sent: number];
  readonly packets: readonly [received: number, sent: number];
}

/** What baresip's module rtcpsummary prints at the end of a call. */
function summaryOf(log: string): OwnWords {
  const [, received, sent, ...rest] =
    /EX=BareSip;.*?PR=(\d+);PS=(\d+);PL=(-?\d+),(-?\d+);.*?JI=([\d.]+),([\d.]+);/.exec(log)?.map(Number) ??
    [];
  const [lostHere = Number.NaN, lostThere = Number.NaN, jitterHere = Number.NaN, jitterThere = Number.NaN] =
    rest;
  return {
    packets: [received ?? Number.NaN, sent ?? Number.NaN],
    lost: [lostHere, lostThere],
    jitterMs: [jitterHere, jitterThere],
  };
}

let lab: Lab;
let impaired: Impairment | undefined;

beforeEach(async () => {
  lab = await Lab.openForImpairment();
});

afterEach(async () => {
  await impaired?.stop();
  impaired = undefined;
  await lab.close();
});

describe.skipIf(missingPeer('baresip'))('a call with baresip whose network is known', () => {
  // A machine that stalls for 100 ms adds 6 ms of jitter for half a second, and both ends are right to say so.
  it('has its loss and jitter in the reports of both ends', { retry: 3 }, async () => {
    const [loss, delays] = [lab.path('loss'), lab.path('delays.csv')];
    writeFileSync(loss, LOSS_PATTERN);
    writeFileSync(delays, DELAY_TRACE);
    const bob = await lab.baresip('bob', { codecs: ['pcmu'], answerMode: 'auto' });
    const args = ['--loss', `pattern:${loss}`, '--jitter', `trace:${delays}`];
    impaired = await impairSound(lab.server, { phonePorts: bob.rtpPorts, args, seed: 1 });
    const phone = ['--play', 'tone:440', '--duration', String(2 * CALL_SECONDS), '--codec', 'pcmu'];
    const call = lab.calling('alice', 'bob', phone);
    await bob.waitFor('CALL_ESTABLISHED');
    await delay(1000 * CALL_SECONDS);
    // It says what it counted when it hangs up itself: before our phone sends its last packets late.
    await bob.command('hangup');
    const { status } = await call.result(20_000);
    const record = await lab.closedRecord();
    const leg = record.quality.find(({ label }) => label === 'bob');
    const theirs = summaryOf(bob.log);
    const injected = LOST.length / LOSS_PERIOD;
    const jitterMs = expectedJitterMs();
    const expectNamed = (
      name: string,
      lossRatio: number | null | undefined,
      jitter: number | null | undefined,
    ) => {
      expect(Math.abs((lossRatio ?? Number.NaN) - injected), `loss: ${name}, ${lossRatio}`).toBeLessThan(
        MOST_LOSS_ERROR,
      );
      expect(Math.abs((jitter ?? Number.NaN) - jitterMs), `jitter: ${name}, ${jitter}`).toBeLessThan(
        MOST_JITTER_ERROR_MS,
      );
    };
    const ratio = (lost: number, packets: number) => lost / packets;

    expect(status).toBe(0);
    expectNamed('we of what came', leg?.inbound.lossRatio, leg?.inbound.jitterMs);
    expectNamed('we of what baresip told', leg?.outbound?.lossRatio, leg?.outbound?.jitterMs);
    // It counts what came, so what it lost is among what it did not count; and what it sent with all that was lost.
    const [lostHere, lostThere] = theirs.lost;
    expectNamed('baresip of what came', ratio(lostHere, theirs.packets[0] + lostHere), theirs.jitterMs[0]);
    expectNamed('baresip of what we told', ratio(lostThere, theirs.packets[1]), theirs.jitterMs[1]);

    // The burst of 80 ms in which three of four are lost, and the gap with one loss up to the next.
    const burstGap = leg?.inbound.burstGap;
    expect(burstGap?.burstDensity).toBeCloseTo(3 / 4, 1);
    expect(burstGap?.gapDensity).toBeCloseTo(1 / 96, 2);
    expect(Math.abs((burstGap?.burstMs ?? Number.NaN) - 80)).toBeLessThan(8);
    // Those at both ends of the call are shorter.
    expect(burstGap?.gapMs).toBeGreaterThan(1500);
    expect(burstGap?.gapMs).toBeLessThan(2000);
    expect(leg?.facts).toMatchObject({ rtcpLies: 0 });
    expect(leg?.facts.rtcpReports).toBeGreaterThan(1);
  });
});
