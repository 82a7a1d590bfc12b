import { describe, expect, it } from 'vitest';
import type { ReceiverStatistics } from '../../../../media/index.ts';
import {
  type CallReport,
  exitStatusOf,
  formatReport,
  sparkline,
  worstExitStatus,
} from '../../../../softphone/report/index.ts';
import {
  DIRECTION as direction,
  FAR_END_METRICS,
  REPORT as good,
  UNMEASURED as unmeasured,
} from './sample.ts';

const failed: CallReport = { ...good, isAnswered: false, status: 486, reason: 'Busy Here', durationMs: null };

describe('exitStatusOf()', () => {
  it.each([
    { name: 'a good call', report: good, minMos: undefined, status: 0 },
    { name: 'a good call above the limit', report: good, minMos: 4, status: 0 },
    { name: 'a failed call', report: failed, minMos: undefined, status: 1 },
    { name: 'a failed call with a limit', report: failed, minMos: 5, status: 1 },
    { name: 'what we heard below the limit', report: good, minMos: 4.36, status: 3 },
    { name: 'what the far end heard below the limit', report: good, minMos: 4.2, status: 3 },
    {
      name: 'quality that nobody measured',
      report: { ...good, inbound: { ...direction, mosCq: null, mosLq: null } },
      minMos: 1,
      status: 3,
    },
    {
      name: 'a call too short for its round trip',
      report: { ...good, inbound: { ...direction, mosCq: null } },
      minMos: 4,
      status: 0,
    },
    {
      name: 'a far end that never reported',
      report: { ...good, outbound: unmeasured },
      minMos: 4,
      status: 0,
    },
    {
      name: 'no packet',
      report: { ...good, inbound: { ...direction, packets: 0, levelDbov: null } },
      minMos: undefined,
      status: 4,
    },
    {
      name: 'digital silence',
      report: { ...good, inbound: { ...direction, levelDbov: -127 } },
      minMos: 4,
      status: 4,
    },
    {
      name: 'a call that broke off',
      report: { ...good, endedBy: 'timeout' as const },
      minMos: undefined,
      status: 1,
    },
    { name: 'a call whose sound stopped', report: { ...good, silentTailMs: 8000 }, minMos: 4, status: 3 },
    { name: 'a call whose sound failed here', report: { ...good, failure: 'x' }, minMos: 4, status: 1 },
    {
      name: 'a good call whose recording is not whole',
      report: { ...good, recordingFailure: 'the disk takes no more' },
      minMos: undefined,
      status: 2,
    },
  ])('$name: $status', ({ report, minMos, status }) => {
    expect(exitStatusOf(report, minMos)).toBe(status);
  });

  it.each([
    { statuses: [], worst: 0 },
    { statuses: [0, 3, 0], worst: 3 },
    { statuses: [3, 4], worst: 4 },
    { statuses: [4, 1, 3], worst: 1 },
  ] as const)('the worst of $statuses is $worst', ({ statuses, worst }) => {
    expect(worstExitStatus(statuses)).toBe(worst);
  });
});

describe('sparkline()', () => {
  const scale = { lowest: 1, highest: 4.5, width: 4 };
  it.each([
    { name: 'the whole range and beyond', values: [0, 1, 4.5, 9], line: '▁▁██' },
    { name: 'a gap', values: [4.5, null], line: '█·' },
    { name: 'the lowest of each group', values: [4.5, 1, 4.5, 4.5, null, null, null, 1], line: '▁█·▁' },
    { name: 'nothing', values: [], line: '' },
  ])('draws $name', ({ values, line }) => {
    expect(sparkline(values, scale)).toBe(line);
  });
});

describe('formatReport(): playout', () => {
  const quiet: ReceiverStatistics = {
    received: 500,
    played: 498,
    late: 2,
    lost: 0,
    recovered: 0,
    duplicate: 0,
    reordered: 0,
    overflowed: 0,
    concealedMs: 40,
    stretchedMs: 0,
    compressedMs: 0,
    targetDelayMs: 40,
    delayMs: 42.4,
    clockDriftPpm: null,
    undecodable: 0,
  };
  const busy = {
    ...quiet,
    recovered: 12,
    undecodable: 3,
    concealedMs: 1260,
    stretchedMs: 95,
    compressedMs: 1250,
    clockDriftPpm: -31.7,
  };

  it.each([
    { name: 'what there is', playout: quiet, line: '  playout: 42 ms of delay, 0.04 s made up' },
    {
      name: 'repair, stretching and drift',
      playout: busy,
      line: '  playout: 42 ms of delay, 12 packets from copies, 3 not decodable, 1.26 s made up, 0.1 s put in, 1.3 s taken out, clock -32 ppm',
    },
    { name: 'nothing before anything was played', playout: { ...quiet, delayMs: null }, line: undefined },
    { name: 'nothing without a buffer', playout: null, line: undefined },
  ])('tells $name', ({ playout, line }) => {
    const lines = formatReport({ ...good, inbound: { ...direction, playout } }).split('\n');
    expect(lines.find((text) => text.includes('playout'))).toBe(line);
  });
});

describe('formatReport(): bursts, and the far end’s own words', () => {
  const linesOf = (report: CallReport) => formatReport(report).split('\n').slice(-4);
  const bursts = { burstDensity: 0.75, gapDensity: 0.01, burstMs: 80, gapMs: 1920 };
  const metrics = FAR_END_METRICS;

  it('tells of losses that came together, here and there', () => {
    const calm = { ...bursts, burstDensity: 0, burstMs: 0 };
    expect(linesOf({ ...good, inbound: { ...direction, burstGap: bursts } })).toContain(
      '  lost in bursts: here 75 % within 80 ms on average, 1.9 s apart',
    );
    expect(
      linesOf({
        ...good,
        inbound: { ...direction, burstGap: calm },
        outbound: { ...direction, burstGap: bursts },
      }),
    ).toContain('  lost in bursts: there 75 % within 80 ms on average, 1.9 s apart');
  });

  it('tells what only the far end can know (RFC 3611 §4.7)', () => {
    expect(linesOf({ ...good, farEndMetrics: metrics })).toContain(
      '  the far end says: R 77, MOS-LQ 3.9, 1.2 % came too late, 61 ms of delay of its own, echo 55 dB down',
    );
  });

  it.each([
    { name: 'nothing was lost and nothing said', report: good },
    {
      name: 'the far end knows nothing',
      report: {
        ...good,
        inbound: { ...direction, burstGap: { burstDensity: 0, gapDensity: 0.01, burstMs: 0, gapMs: 9000 } },
        farEndMetrics: {
          ...metrics,
          rFactor: null,
          mosLq: null,
          discardRatio: 0,
          endSystemDelayMs: null,
          echoReturnLossDb: null,
        },
      },
    },
  ])('says nothing where $name', ({ report }) => {
    expect(formatReport(report)).not.toMatch(/bursts|far end says/);
  });
});

describe('formatReport()', () => {
  it('shows both directions, the set-up and MOS over time', () => {
    expect(formatReport({ ...good, digits: '12#', recording: 'a.wav' })).toBe(
      [
        'Call to sip:bob@b: 10.0 s, ended here',
        '  ringing after 35 ms, answered after 120 ms, codec opus/48000, round trip 1.5 ms (1.0 to 2.0)',
        '',
        '                           heard here          heard there',
        '  packets                         500                  500',
        '  lost                      2 (0.4 %)            0 (0.4 %)',
        '  discarded                         1                    1',
        '  jitter             1.3 (max 3.5) ms     1.3 (max 3.5) ms',
        '  level                      -21 dBov             -21 dBov',
        '  R factor                       92.1                 92.1',
        '  MOS-LQ                         4.39                 4.39',
        '  MOS-CQ                         4.35                 4.10',
        '',
        '  MOS █·▆ 3.20 to 4.40, a bar is 5.0 s',
        '  digits received: 12#',
        '  recorded in a.wav',
      ].join('\n'),
    );
  });

  it('shows a dash for what nobody measured', () => {
    const text = formatReport({ ...good, outbound: unmeasured, mosHistory: [null], roundTripMs: null });
    expect(text).not.toMatch(/null|NaN|undefined/);
    expect(text.split('\n').filter((line) => line.endsWith(' -'))).toHaveLength(7);
  });

  it('says why a call failed, with its status', () => {
    expect(formatReport(failed).split('\n')[0]).toBe('Call to sip:bob@b: failed, 486 Busy Here');
  });

  it('keeps the columns apart where jitter is bad', () => {
    const outbound = { ...good.outbound, jitterMs: 164.2, maxJitterMs: 164.2 };
    expect(formatReport({ ...good, outbound })).toContain(' 1.3 (max 3.5) ms 164.2 (max 164.2) ms');
  });

  it('paints by MOS', () => {
    const text = formatReport(good, (part, colour) => `<${colour}>${part}</>`);
    expect(text).toMatch(/<green> +4\.35<\/>/);
    expect(text).toMatch(/<red>█·▆<\/>/);
  });
});

it('a report says which servers did not answer, and what to look at', () => {
  const report = { ...good, silentServers: ['stun:a:3478', 'turn:b:3478?transport=udp'] };
  expect(formatReport(report)).toMatch(/no answer from stun:a:3478: .*--stun/);
  expect(formatReport(report)).toMatch(/no answer from turn:b:3478\?transport=udp: .*--turn/);
});
