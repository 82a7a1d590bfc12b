import { describe, expect, test } from 'vitest';
import { diagnose } from '../../../../server/doctor/index.ts';
import type { GoodLeg, GoodRecord } from './good-record.ts';
import { goodRecord } from './good-record.ts';
import { codesOf, LOST } from './spoilt-record.ts';

describe('a call whose sound went past the server', () => {
  const direct = (record: GoodRecord) => {
    for (const leg of record.quality) {
      Object.assign(leg, { received: 40, forwarded: 40, sent: 40, outbound: null, source: undefined });
      Object.assign(leg.facts, { lastPacketMs: 1300, rtcpReports: 1 });
      Object.assign(leg.facts, { ice: { mode: 'pass', verified: 9, stranded: 0 } });
    }
  };

  test('is no call without sound', () => {
    expect(codesOf(direct, true)).toEqual(['direct-path', 'direct-path']);
  });

  test('is judged by what the phones say themselves', () => {
    const reported = (lossRatio: number) => (record: GoodRecord) => {
      direct(record);
      const report = { local: { lossRatio, mosLq: lossRatio > 0.05 ? 2.8 : 4.2 } };
      Object.assign(record, { phoneReports: [{ from: 'bob', report }] });
    };
    expect(codesOf(reported(0.1))).toEqual(['direct-path-poor']);
    expect(codesOf(reported(0))).toEqual([]);
  });

  test('names packets that came too late, where no others are missing', () => {
    const record = goodRecord();
    direct(record);
    const report = { local: { lossRatio: 0, discardRatio: 0.12, mosLq: 2.3 } };
    Object.assign(record, { phoneReports: [{ from: 'bob', report }] });
    const finding = diagnose(record).findings.find(({ code }) => code === 'direct-path-poor');
    expect(finding?.sentence).toContain('12 % of packets that came too late to be played and a MOS of 2.3');
    expect(finding?.mend).toContain('jitter buffer');
    expect(finding?.evidence).toContainEqual({ name: 'too late, by the phone', value: 12, unit: '%' });
  });

  test('has rules of every other where the sound came here after all', () => {
    const relayed = (_: GoodRecord, alice: GoodLeg) => {
      Object.assign(alice.facts, { ice: { mode: 'pass', verified: 9, stranded: 0 } });
      Object.assign(alice.inbound, LOST);
    };
    expect(codesOf(relayed)).not.toContain('direct-path');
    expect(codesOf(relayed)).not.toEqual([]);
  });

  test('may have ended because a phone was gone', () => {
    const gone = (record: GoodRecord) => {
      direct(record);
      record.reason = 'a phone does not answer any more';
    };
    expect(codesOf(gone)).toEqual(['phone-gone']);
  });
});
