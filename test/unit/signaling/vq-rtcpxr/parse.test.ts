import { describe, expect, test } from 'vitest';
import { DecodeError } from '../../../../core/index.ts';
import { VQ_LINES } from '../../../../signaling/vq-rtcpxr/lines.ts';
import { MAX_VQ_BODY_BYTES, noMetrics, parseVqReport } from '../../../../signaling/vq-rtcpxr/parse.ts';
import { LINPHONE_LINES, PHONE_LINES, STANDARD_LINES } from './samples.ts';

function parsed(lines: readonly string[], lineBreak = '\r\n') {
  const report = parseVqReport(lines.join(lineBreak));
  if (report instanceof DecodeError) throw new Error(String(report));
  return report;
}

describe('parseVqReport()', () => {
  test('reads the example of RFC 6035 §4.6.2, with any line breaks', () => {
    const report = parsed(STANDARD_LINES);
    expect(report).toMatchObject({
      kind: 'session',
      isFinal: true,
      callId: '6dg37f1890463',
      localId: 'Alice <sip:alice@example.org>',
      remoteId: 'Bill <sip:bill@example.net>',
      localAddress: { address: '10.10.1.100', port: 5000, ssrc: 0x1a3b5c7d },
      remoteAddress: { address: '11.1.1.150', port: 5002, ssrc: 0x2468abcd },
      toTag: '8472761',
      fromTag: '9123dh311',
    });
    expect(report.local).toMatchObject({
      start: '2004-10-10T18:23:43Z',
      payloadType: 18,
      codec: 'G729',
      // Not what stands within the quotes.
      packetsPerSecond: 50,
      concealment: 3,
      jitterBufferNominalMs: 40,
      lossRatio: 0.05,
      discardRatio: 0.02,
      gapDensity: 0.02,
      minimumGap: 16,
      roundTripMs: 200,
      oneWayDelayMs: 200,
      jitterMs: 2,
      meanAbsoluteJitterMs: 10,
      signalLevelDbm: -18,
      noiseLevelDbm: -50,
      rFactorLq: 88,
      rFactorCq: 85,
      mosLq: 4.1,
      mosCq: 4,
    });
    expect(report.remote).toMatchObject({ lossRatio: 0.01, mosLq: 4.3, mosCq: null, codec: null });
    expect(parsed(STANDARD_LINES, '\n')).toEqual(report);
  });

  test('reads what phones write', () => {
    const report = parsed(PHONE_LINES);
    expect(report).toMatchObject({ isFinal: false, callId: '41a24694-78e60cfb@10.2.0.52', remote: null });
    expect([report.localAddress?.ssrc, report.remoteAddress?.ssrc]).toEqual([3_825_483_318, 0x1f634ea2]);
    expect(report.local).toMatchObject({
      start: '2015-11-20T08:43:05Z',
      jitterBufferMaximumMs: 20,
      // More than all, and no number: nothing is said.
      lossRatio: null,
      discardRatio: null,
      oneWayDelayMs: 240,
      // RFC 3611 §4.7.5: not available.
      echoReturnLossDb: null,
      mosCq: 3.4,
    });
  });

  test('reads what Linphone writes', () => {
    expect(parsed(LINPHONE_LINES)).toMatchObject({
      kind: 'interval',
      isFinal: false,
      localAddress: { address: '127.0.0.1', port: 17_078, ssrc: 546_997_123 },
      remoteAddress: { ssrc: 2_095_935_528 },
      local: { codec: 'opus', concealment: 2, jitterBufferNominalMs: 60, lossRatio: 0, mosLq: 4.5 },
      remote: { codec: 'opus', lossRatio: null, mosLq: null },
      toTag: 'Jt8oQzY',
      fromTag: '3xoq57ylakgv',
    });
  });

  test('reads an alert', () => {
    const lines = ['VQAlertReport: Type=RLQ Severity=Warning Dir=local', 'CallID: a'];
    expect(parsed(lines)).toMatchObject({
      kind: 'alert',
      alert: { metric: 'RLQ', severity: 'warning', direction: 'local' },
      local: null,
    });
  });

  test.for([
    { name: 'no report', text: 'v=0\r\n', place: 'line 1' },
    { name: 'nothing', text: '', place: 'line 1' },
    { name: 'no call', text: 'VQSessionReport\r\nLocalMetrics:\r\n', place: 'CallID' },
    { name: 'an empty call', text: 'VQSessionReport\r\nCallID: \r\n', place: 'CallID' },
    { name: 'too much', text: 'x'.repeat(MAX_VQ_BODY_BYTES + 1), place: 'body' },
  ])('refuses $name', ({ text, place }) => {
    expect(parseVqReport(text)).toMatchObject({ code: 'SIP_BAD_VQ_REPORT', place });
  });

  test('keeps texts short, and without control characters', () => {
    const report = parsed(['VQSessionReport', `CallID: a\u001b[2J${'b'.repeat(5000)}`]);
    expect(report.callId).toMatch(/^a \[2Jb+$/);
    expect(report.callId.length).toBeLessThanOrEqual(256);
  });

  test('takes no longer than its length asks for', () => {
    // Fifty take milliseconds each, or half a minute where a pattern looks at a part of it again and again.
    for (const part of ['a', 'a=', 'a="', ';', '; ', ' ', ':', '\r', '\r\n ']) {
      for (const line of ['LocalAddr: ', 'DialogID: ', 'LocalMetrics:\r\nDelay: ', '']) {
        const head = `VQSessionReport\r\nCallID: a\r\n${line}`;
        const room = MAX_VQ_BODY_BYTES - head.length;
        const body = `${head}${part.repeat(Math.floor(room / part.length))}`;
        for (let i = 0; i < (part === 'a' ? 50 : 1); i += 1) expect(parseVqReport(body)).toBeDefined();
      }
    }
  });

  test('never throws, cut at every character', () => {
    const text = STANDARD_LINES.join('\r\n');
    for (let end = 0; end <= text.length; end += 1) parseVqReport(text.slice(0, end));
  });
});

test('the table of lines has every figure once', () => {
  const fields = VQ_LINES.flatMap(([, line]) => line.map(({ field }) => field));
  expect(new Set(fields).size).toBe(fields.length);
  const { start, stop, codec, ...numbers } = noMetrics();
  expect(Object.keys(numbers).toSorted()).toEqual(fields.toSorted());
  expect([start, stop, codec]).toEqual([null, null, null]);
});
