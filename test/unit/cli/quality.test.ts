import { describe, expect, test } from 'vitest';
import { directionsCsv, secondsCsv } from '../../../cli/quality-csv.ts';
import { detailsText } from '../../../cli/quality-details.ts';
import { qualityJson } from '../../../cli/quality-json.ts';
import { listHead, listLine } from '../../../cli/quality-list.ts';
import { plainPaint } from '../../../softphone/index.ts';
import { OLD_RECORD, RECORD, UNANSWERED } from './quality-sample.ts';

const marked = (text: string, colour: string) => `<${colour}>${text}</${colour}>`;

describe('the table of calls', () => {
  test('has a line a call, under its head', () => {
    const lines = [
      listHead(plainPaint),
      ...[RECORD, OLD_RECORD, UNANSWERED].map((r) => listLine(r, plainPaint)),
    ];
    expect(lines.map((line) => line.replace(/ +/g, ' '))).toEqual([
      'start (UTC) call who seconds caller> >caller callee> >callee loss late jitter ms RTT ms worst second',
      '2026-01-01 12:00:00 1700000000.7 alice -> bob (carol, "C") 10 4.40 4.40 4.40 3.50 5.0 % - 12.5 100 1.50 at 0:01',
      '2026-01-01 12:00:00 1600000000.1 alice -> bob 10 4.40 - - - 0.0 % - 1.3 40 4.41 at 0:00',
      '2026-01-01 12:00:00 1700000000.8 alice -> bob (carol, "C") 0 - - - - - - - - -',
    ]);
    // Columns stand below each other.
    const end = lines[0]?.indexOf('loss') ?? 0;
    expect(lines.map((line) => line.slice(end - 3, end + 4).trim())).toEqual(['loss', '5.0 %', '0.0 %', '-']);
  });

  test('names what came too late, of direct calls as their phones said', () => {
    const [alice, carol] = RECORD.quality;
    const late = { ...alice, inbound: { ...alice?.inbound, packets: 450, lost: 0, discarded: 50 } };
    const facts = { openMs: 10_000, ice: { mode: 'pass' } };
    const direct = { ...carol, sent: 0, facts };
    const phoneReports = [{ from: 'carol', report: { local: { lossRatio: 0, discardRatio: 0.14 } } }];
    // Casts: of these records the table reads no more.
    const here = { ...RECORD, quality: [late, carol] } as unknown as typeof RECORD;
    const past = { ...RECORD, quality: [alice, direct], phoneReports } as unknown as typeof RECORD;
    expect(listLine(here, plainPaint)).toMatch(/ 5\.0 % +11\.1 % /);
    expect(listLine(past, plainPaint)).toMatch(/ 0\.0 % +14\.0 % /);
  });

  test('is coloured by MOS', () => {
    const line = listLine(RECORD, marked);
    expect(line).toMatch(/<green> +4\.40<\/green>.*<red> +3\.50<\/red>.*<red> +1\.50 at 0:01<\/red>/);
    expect(listLine(UNANSWERED, marked)).toMatch(/<dim> +-<\/dim>/);
  });
});

describe('the details of a call', () => {
  test('show both legs in both directions, second by second, and what phones said', () => {
    const text = detailsText(RECORD, plainPaint);
    for (const expected of [
      /^call 1700000000\.7: alice -> bob \(carol, "C"\), ANSWERED, 10 s, the caller hung up$/m,
      /^ {2}Call-ID of the callee: two@b$/m,
      /^alice \(caller\), opus, round trip 40\.0 ms \(38\.0 to 61\.5\)$/m,
      /^ +from carol +to carol$/m,
      /^ {2}lost +0 \(0\.0 %\) +25 \(5\.0 %\)$/m,
      /^ {2}jitter +1\.3 \(max 4\.0\) ms +12\.5 ms$/m,
      /^ {2}MOS-CQ +4\.40 +3\.50$/m,
      /^ {2}lost or late to carol: 40\.0 % in bursts of 120 ms, 1\.0 % in gaps of 4\.0 s$/m,
      /^ {2}MOS from alice {2}██·█ 4\.20 to 4\.41, a bar is 1\.0 s$/m,
      /^ {2}MOS to carol {2}█▂▇ 1\.50 to 4\.40, a bar is 1\.0 s$/m,
      /^ {2}told by carol \(RTCP XR\): lost 5\.0 %, discarded 1\.0 %, round trip 61 ms, end system 80 ms, /m,
      /^worst second: MOS 1\.50 at 0:01, to carol$/m,
      /^carol reported \(vq-rtcpxr, session\) at 2026-01-01T12:00:12\.400Z$/m,
      /^ {2}heard by carol: OPUS, jitter 1\.3 ms, lost 5\.0 %, MOS-LQ 3\.65$/m,
    ]) {
      expect(text).toMatch(expected);
    }
  });

  test('of older records and unanswered calls show what there is', () => {
    expect(detailsText(OLD_RECORD, plainPaint)).toMatch(/^ {2}MOS from alice {2}██ 4\.41 to 4\.41/m);
    expect(detailsText(OLD_RECORD, plainPaint)).not.toMatch(/undefined|NaN/);
    expect(detailsText(UNANSWERED, plainPaint)).toMatch(/BUSY, 0 s, busy\n[\s\S]*no sound was measured$/);
  });
});

describe('quality for machines', () => {
  test('as JSON has four directions with their histories', () => {
    expect(qualityJson(RECORD)).toMatchObject({
      uniqueid: '1700000000.7',
      roundTripMs: 100.4,
      worstSecond: { mos: 1.5, atMs: 1000, role: 'callee', way: 'to' },
      directions: [
        { role: 'caller', way: 'from', mos: 4.4, lossRatio: 0 },
        { role: 'caller', way: 'to' },
        { role: 'callee', way: 'from' },
        { role: 'callee', way: 'to', party: 'carol', lossRatio: 0.05, history: { mosLq: [4.4, 1.5, 3.9] } },
      ],
      reportedByRtcp: [
        { role: 'caller', metrics: null },
        { role: 'callee', metrics: { discardRatio: 0.01 } },
      ],
      phoneReports: [{ from: 'carol' }],
    });
    expect(qualityJson(OLD_RECORD)).toMatchObject({ directions: [{ mos: 4.4 }, { mos: null }] });
  });

  test('as CSV has a line a direction', () => {
    const lines = directionsCsv([RECORD, UNANSWERED, OLD_RECORD]).split('\r\n');
    expect(lines).toHaveLength(1 + 4 + 2 + 1);
    const columns = lines[0]?.split(',') ?? [];
    expect(lines[4]).toMatch(
      /^1700000000\.7,2026-01-01T12:00:00\.250Z,alice,bob,"carol, ""C""",10,callee,to,/,
    );
    // Two commas more, within the quotes and not: none is lost.
    const cells = lines[4]?.replace('"carol, ""C"""', 'carol').split(',') ?? [];
    const cell = (name: string) => cells[columns.indexOf(name)];
    expect(cells).toHaveLength(columns.length);
    expect([cell('loss_ratio'), cell('jitter_ms'), cell('max_jitter_ms')]).toEqual(['0.05', '12.5', '']);
    expect([cell('burst_ms'), cell('gap_ms'), cell('worst_second_at_s')]).toEqual(['120', '4000', '1']);
  });

  test.each([
    { dst: '=HYPERLINK("http://evil")', cell: `"'=HYPERLINK(""http://evil"")"` },
    { dst: '@SUM(1)', cell: "'@SUM(1)" },
    { dst: "+1+cmd|'/C calc'", cell: "'+1+cmd|'/C calc'" },
    { dst: '+49 (30) 12-34', cell: '+49 (30) 12-34' },
    { dst: 'bob=', cell: 'bob=' },
  ])('as CSV has nothing that a spreadsheet would run: $dst', ({ dst, cell }) => {
    const [, line] = directionsCsv([{ ...RECORD, dst }]).split('\r\n');
    expect(line).toContain(`,alice,${cell},"carol`);
  });

  test('of one call as CSV has a line a second and direction', () => {
    const lines = secondsCsv(RECORD).split('\r\n');
    expect(lines[0]).toBe('uniqueid,role,way,party,at_s,r_factor,mos_lq,mos_cq');
    expect(lines.slice(1, 5)).toEqual([
      '1700000000.7,caller,from,alice,0,90,4.41,',
      '1700000000.7,caller,from,alice,1,90,4.4,',
      '1700000000.7,caller,from,alice,2,,,',
      '1700000000.7,caller,from,alice,3,90,4.2,',
    ]);
    expect(lines).toHaveLength(1 + 4 + 2 + 4 + 3 + 1);
  });
});
