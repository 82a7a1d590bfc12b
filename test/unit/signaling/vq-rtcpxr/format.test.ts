import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DecodeError } from '../../../../core/index.ts';
import { formatVqReport, metricsOf, parseVqReport, type VqReport } from '../../../../signaling/index.ts';
import { VQ_LINES } from '../../../../signaling/vq-rtcpxr/lines.ts';
import { noMetrics } from '../../../../signaling/vq-rtcpxr/parse.ts';
import { STANDARD_LINES } from './samples.ts';

const START = Date.UTC(2026, 1, 3, 4, 5, 6, 789);

const REPORT: VqReport = {
  kind: 'session',
  isFinal: true,
  alert: null,
  callId: 'abc@192.0.2.1',
  localId: '<sip:alice@example.org>',
  remoteId: '<sip:bob@example.org>',
  origId: '<sip:alice@example.org>',
  localAddress: { address: '192.0.2.7', port: 4000, ssrc: 0xabc },
  remoteAddress: { address: '2001:db8::1', port: 5000, ssrc: null },
  local: metricsOf(
    {
      packets: 900,
      lost: 100,
      lossRatio: 0.1,
      discarded: 9,
      jitterMs: 3.14,
      rFactor: 87.6,
      mosLq: 4.234,
      mosCq: 4.1,
      burstGap: { burstDensity: 0.25, gapDensity: 0.01, burstMs: 120, gapMs: 4000 },
    },
    { startAt: START, stopAt: START + 10_000, codec: 'opus/48000', roundTripMs: 41.6 },
  ),
  remote: null,
  toTag: 'to',
  fromTag: 'from',
};

describe('formatVqReport()', () => {
  test('writes the lines of RFC 6035 §4.6.1 in their order', () => {
    expect(formatVqReport(REPORT)).toBe(
      [
        'VQSessionReport: CallTerm',
        'CallID: abc@192.0.2.1',
        'LocalID: <sip:alice@example.org>',
        'RemoteID: <sip:bob@example.org>',
        'OrigID: <sip:alice@example.org>',
        'LocalAddr: IP=192.0.2.7 PORT=4000 SSRC=0x00000abc',
        'RemoteAddr: IP=2001:db8::1 PORT=5000',
        'LocalMetrics:',
        'Timestamps: START=2026-02-03T04:05:06Z STOP=2026-02-03T04:05:16Z',
        'SessionDesc: PD=OPUS SR=48000',
        'PacketLoss: NLR=10.00 JDR=0.90',
        'BurstGapLoss: BLD=25.00 BD=120 GLD=1.00 GD=4000 GMIN=16',
        'Delay: RTD=42 IAJ=3.1',
        'QualityEst: RCQ=88 MOSLQ=4.23 MOSCQ=4.10',
        'DialogID: abc@192.0.2.1;to-tag=to;from-tag=from',
        '',
      ].join('\r\n'),
    );
  });

  test('tells a rating without a delay as that of listening', () => {
    const direction = { packets: 1, lost: 0, lossRatio: 0, discarded: null, jitterMs: null };
    const around = { startAt: START, stopAt: START, codec: null, roundTripMs: null };
    const metrics = metricsOf({ ...direction, rFactor: 93, mosLq: 4.4, mosCq: null }, around);
    expect(metrics).toMatchObject({ rFactorLq: 93, rFactorCq: null, discardRatio: null });
    expect(formatVqReport({ ...REPORT, local: metrics })).toContain('QualityEst: RLQ=93 MOSLQ=4.40\r\n');
  });

  test('writes an alert', () => {
    const alert = { metric: 'NLR', severity: 'critical', direction: 'remote' } as const;
    expect(formatVqReport({ ...REPORT, kind: 'alert', alert }).split('\r\n')[0]).toBe(
      'VQAlertReport: Type=NLR Severity=Critical Dir=remote',
    );
  });

  test('lets no value begin a line of its own, and writes no figure that is none', () => {
    const local = { ...noMetrics(), lossRatio: Number.NaN, mosLq: 99, codec: 'X\r\nCallID: evil' };
    const text = formatVqReport({ ...REPORT, localId: 'x\r\nCallID: evil', local });
    expect(text.match(/^CallID/gm)).toHaveLength(1);
    expect(text).not.toContain('NaN');
    expect(text).toContain('MOSLQ=5.00');
  });

  test('is read back as it was, what the standard shows as well', () => {
    for (const report of [REPORT, parseVqReport(STANDARD_LINES.join('\r\n'))]) {
      if (report instanceof DecodeError) throw new Error(String(report));
      const again = parseVqReport(formatVqReport(report));
      if (again instanceof DecodeError) throw new Error(String(again));
      expect(formatVqReport(again)).toBe(formatVqReport(report));
      expect({ ...again, local: null, remote: null }).toEqual({ ...report, local: null, remote: null });
    }
  });

  test('any figures within their bounds are read back to the last digit written', () => {
    const figures = fc.record(
      Object.fromEntries(
        VQ_LINES.flatMap(([, fields]) =>
          fields.map(({ field, lowest, highest, scale, decimals }) => [
            field,
            fc.option(
              fc
                .integer({ min: lowest * 10 ** decimals, max: highest * 10 ** decimals })
                .map((n) => (n / 10 ** decimals) * scale),
            ),
          ]),
        ),
      ),
    );
    fc.assert(
      fc.property(figures, (numbers) => {
        const local = { ...noMetrics(), ...numbers };
        const again = parseVqReport(formatVqReport({ ...REPORT, local }));
        if (again instanceof DecodeError) throw new Error(String(again));
        for (const [name, value] of Object.entries(numbers)) {
          const read = again.local?.[name as keyof typeof local];
          if (value === null) expect(read).toBeNull();
          else expect(read).toBeCloseTo(value, 6);
        }
      }),
      { numRuns: 200 },
    );
  });
});
