import { describe, expect, it } from 'vitest';
import { createRequest, createResponse, type HeaderField, sipUri } from '../../../../signaling/index.ts';
import {
  agreeAsClient,
  agreeAsServer,
  isTooShort,
  minSeOf,
  readSessionExpires,
  sessionTimerRequest,
} from '../../../../signaling/session/session-refresh.ts';

const invite = (headers: readonly HeaderField[]) =>
  createRequest({
    method: 'INVITE',
    requestUri: sipUri({ host: 'example.org' }),
    headers: [
      ['Via', 'SIP/2.0/UDP h;branch=z9hG4bKx'],
      ['From', '<sip:a@h>;tag=1'],
      ['To', '<sip:b@h>'],
      ['Call-ID', 'c'],
      ['CSeq', '1 INVITE'],
      ...headers,
    ],
  });
const ok = (headers: readonly HeaderField[]) => createResponse(invite([]), 200, { headers });

describe('readSessionExpires()', () => {
  it.each([
    { text: '1800', expected: { seconds: 1800, refresher: undefined } },
    { text: '1800;refresher=uac', expected: { seconds: 1800, refresher: 'uac' } },
    { text: '90 ; x=y ; Refresher = UAS', expected: { seconds: 90, refresher: 'uas' } },
    { text: '90;refresher=nobody', expected: { seconds: 90, refresher: undefined } },
    { text: '-1', expected: undefined },
    { text: '12345678901', expected: undefined },
    { text: 'soon', expected: undefined },
  ])('reads $text', ({ text, expected }) => {
    expect(readSessionExpires(invite([['Session-Expires', text]]))).toEqual(expected);
  });

  it('finds nothing where there is no header', () => {
    expect(readSessionExpires(invite([]))).toBeUndefined();
  });
});

const SUPPORTED: HeaderField = ['Supported', 'timer'];

describe('agreeAsServer() chooses interval and refresher (RFC 4028 §9, table 2)', () => {
  it.each([
    { name: 'nobody asks', headers: [], own: 1800, expected: undefined },
    {
      name: 'we ask a caller that supports it',
      headers: [SUPPORTED],
      own: 1800,
      expected: '1800;refresher=uac',
    },
    { name: 'we want none', headers: [SUPPORTED], own: 0, expected: undefined },
    {
      name: 'the caller names the callee',
      headers: [SUPPORTED, ['Session-Expires', '600;refresher=uas']],
      own: 0,
      expected: '600;refresher=uas',
    },
    {
      name: 'the caller leaves it open',
      headers: [SUPPORTED, ['Session-Expires', '600']],
      own: 0,
      expected: '600;refresher=uac',
    },
    {
      name: 'a proxy asked for a caller without timers',
      headers: [['Session-Expires', '600']],
      own: 0,
      expected: '600;refresher=uas',
    },
    {
      name: 'too short for us, and the caller would not understand 422',
      headers: [['Session-Expires', '5']],
      own: 0,
      expected: '90;refresher=uas',
    },
    {
      name: 'our own below the Min-SE of the caller',
      headers: [SUPPORTED, ['Min-SE', '3600']],
      own: 1800,
      expected: '3600;refresher=uac',
    },
    {
      name: 'longer than a day',
      headers: [SUPPORTED, ['Session-Expires', '4000000000']],
      own: 0,
      expected: '86400;refresher=uac',
    },
  ] satisfies { name: string; headers: HeaderField[]; own: number; expected: string | undefined }[])(
    '$name',
    ({ headers, own, expected }) => {
      const agreed = agreeAsServer(invite(headers), own);
      const sent = new Map(agreed?.headers);
      expect(sent.get('Session-Expires')).toBe(expected);
      expect(sent.get('Require')).toBe(expected?.endsWith('uac') ? 'timer' : undefined);
    },
  );
});

describe('agreeAsClient()', () => {
  it('lets a session without Session-Expires live for ever (RFC 4028 §7.2)', () => {
    expect(agreeAsClient(ok([]))).toBeUndefined();
  });

  it('takes the refreshing over where no refresher is named', () => {
    expect(agreeAsClient(ok([['Session-Expires', '600']]))).toEqual({ seconds: 600, refresher: 'uac' });
  });

  it('is not driven to refresh every second by a peer', () => {
    expect(agreeAsClient(ok([['Session-Expires', '1;refresher=uac']]))?.seconds).toBe(90);
    expect(agreeAsClient(ok([['Session-Expires', '0;refresher=uac']]))?.seconds).toBe(90);
  });
});

describe('422 (RFC 4028 §8)', () => {
  it.each([
    { headers: [SUPPORTED, ['Session-Expires', '89']], expected: true },
    { headers: [SUPPORTED, ['Session-Expires', '90']], expected: false },
    { headers: [['Session-Expires', '89']], expected: false },
    { headers: [SUPPORTED], expected: false },
  ] satisfies { headers: HeaderField[]; expected: boolean }[])('is due: $expected for $headers', (row) => {
    expect(isTooShort(invite(row.headers))).toBe(row.expected);
  });

  it.each([
    { text: '600', expected: 600 },
    { text: '600;x=y', expected: 600 },
    { text: '1', expected: 90 },
    { text: '9999999', expected: 86_400 },
    { text: 'x', expected: 90 },
  ])('minSeOf() reads $text', ({ text, expected }) => {
    expect(minSeOf(ok([['Min-SE', text]]))).toBe(expected);
  });
});

describe('sessionTimerRequest()', () => {
  it('asks for nothing where the interval is 0', () => {
    expect(sessionTimerRequest(0)).toEqual([]);
  });

  it('names the refresher where it is settled, and never a Min-SE below 90', () => {
    expect(sessionTimerRequest(600, { refresher: 'uac' })).toEqual([
      ['Session-Expires', '600;refresher=uac'],
      ['Min-SE', '90'],
    ]);
    expect(sessionTimerRequest(7200, { minSeSeconds: 7200 })[1]).toEqual(['Min-SE', '7200']);
  });
});
