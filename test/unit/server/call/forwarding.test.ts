import { describe, expect, it } from 'vitest';
import { forwardAfter, MAX_HOPS, refusalOfHop } from '../../../../server/call/forwarding.ts';
import { forwardingHeaders } from '../../../../server/call/history.ts';
import type { FailureCause } from '../../../../server/call/ring.ts';

const settings = {
  busy: 'onbusy',
  noAnswer: { target: 'onnoanswer', afterSeconds: 20 },
  unreachable: 'onunreachable',
};

const failure = (cause: FailureCause, contacts: string[] = []) => ({
  cause,
  status: 480,
  reason: '',
  contacts,
});

describe('forwardAfter()', () => {
  const cases: { cause: FailureCause; contacts?: string[]; expected: unknown }[] = [
    { cause: 'busy', expected: { reason: 'busy', target: 'onbusy' } },
    { cause: 'noAnswer', expected: { reason: 'noAnswer', target: 'onnoanswer' } },
    { cause: 'unreachable', expected: { reason: 'unreachable', target: 'onunreachable' } },
    { cause: 'declined', expected: undefined },
    { cause: 'callerLeft', expected: undefined },
    { cause: 'other', expected: undefined },
    { cause: 'redirected', expected: undefined },
    {
      cause: 'redirected',
      contacts: ['sip:c@x', 'sip:d@x'],
      expected: { reason: 'deflection', target: 'sip:c@x' },
    },
  ];
  it.each(cases)('after $cause with contacts $contacts', ({ cause, contacts, expected }) => {
    expect(forwardAfter(failure(cause, contacts), settings)).toEqual(expected);
  });

  it('does nothing where no forwarding is set', () => {
    expect(forwardAfter(failure('busy'), {})).toBeUndefined();
  });
});

describe('refusalOfHop()', () => {
  it('ends a loop with 482', () => {
    expect(refusalOfHop('sip:a@x', new Set(['sip:a@x', 'sip:b@x']), 1)?.status).toBe(482);
  });
  it('allows the fifth hop and ends the sixth with 486', () => {
    expect(refusalOfHop('sip:f@x', new Set(), MAX_HOPS - 1)).toBeUndefined();
    expect(refusalOfHop('sip:g@x', new Set(), MAX_HOPS)?.status).toBe(486);
  });
});

describe('forwardingHeaders()', () => {
  it('are none for a call that was not forwarded', () => {
    expect(forwardingHeaders([], 'sip:a@x')).toEqual([]);
  });

  it('name every hop, the latest diversion first (RFC 7044 §10, RFC 5806 §5)', () => {
    const hops = [
      { from: 'sip:a@x', reason: 'always' as const },
      { from: 'sip:b@x', reason: 'noAnswer' as const },
    ];
    expect(forwardingHeaders(hops, 'sip:c@x')).toEqual([
      [
        'History-Info',
        '<sip:a@x?Reason=SIP%3Bcause%3D302>;index=1, ' +
          '<sip:b@x?Reason=SIP%3Bcause%3D408>;index=1.1;mp=1, ' +
          '<sip:c@x>;index=1.1.1;mp=1.1',
      ],
      ['Diversion', '<sip:b@x>;reason=no-answer;counter=1'],
      ['Diversion', '<sip:a@x>;reason=unconditional;counter=1'],
    ]);
  });
});
