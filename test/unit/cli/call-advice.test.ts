import { describe, expect, it } from 'vitest';
import { adviceOn, hostOf } from '../../../cli/call-advice.ts';

describe('what to do about a call that failed', () => {
  it.each([
    [401, 'check user and password (PATCHCORD_PASSWORD)'],
    [403, 'check user and password (PATCHCORD_PASSWORD)'],
    [404, 'nobody is called that: patchcord user list shows who is'],
    [408, 'does a server run at pbx:5070? try: patchcord ping sip:pbx:5070'],
    [480, 'the callee is not registered, or did not answer'],
    [486, undefined],
    [null, undefined],
  ])('says the mend of %s', (status, advice) => {
    expect(adviceOn({ isAnswered: false, status, secured: null }, 'pbx:5070')).toBe(advice);
  });

  it('says how a call that must be encrypted goes without', () => {
    const secured = { protocol: 'DTLS-SRTP', fingerprint: null, ownFingerprint: null } as const;
    expect(adviceOn({ isAnswered: false, status: 488, secured }, 'pbx')).toMatch(
      /takes no encrypted calls; --secure alone/,
    );
    expect(adviceOn({ isAnswered: false, status: 488, secured: null }, 'pbx')).toBeUndefined();
  });

  it('has nothing to say of a call that was answered', () => {
    expect(adviceOn({ isAnswered: true, status: 408, secured: null }, 'pbx')).toBeUndefined();
  });
});

describe('the host that a call goes to', () => {
  it.each([
    ['bob', '127.0.0.1:5070', '127.0.0.1:5070'],
    ['sip:bob@192.0.2.7:5070', undefined, '192.0.2.7:5070'],
    ['sip:bob@[::1]:5070;transport=tcp', undefined, '[::1]:5070'],
    ['sip:192.0.2.7', undefined, '192.0.2.7'],
  ])('of %s with server %s is %s', (target, server, host) => {
    expect(hostOf(target, server)).toBe(host);
  });
});
