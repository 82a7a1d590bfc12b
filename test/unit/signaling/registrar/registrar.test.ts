import { describe, expect, test } from 'vitest';
import { DecodeError } from '../../../../core/index.ts';
import {
  createRequest,
  formatUri,
  type HeaderField,
  parseUri,
  type SipRequest,
  type Uri,
} from '../../../../signaling/message/index.ts';
import { MAX_CONTACTS, Registrar } from '../../../../signaling/registrar/index.ts';
import type { Flow } from '../../../../signaling/transport/index.ts';

const FLOW: Flow = {
  protocol: 'udp',
  local: { address: '192.0.2.1', port: 5060 },
  remote: { address: '203.0.113.5', port: 40_000 },
  connectionId: undefined,
};
const TCP: Flow = { ...FLOW, protocol: 'tcp', connectionId: 7 };
const WALL_CLOCK = Date.UTC(2026, 0, 1);

function uri(text: string): Uri {
  const parsed = parseUri(text);
  if (parsed instanceof DecodeError) throw new Error(`${parsed}`);
  return parsed;
}

interface Ask {
  readonly to?: string;
  readonly contacts?: readonly string[];
  readonly headers?: readonly HeaderField[];
  readonly callId?: string;
  readonly cseq?: number;
  readonly via?: string;
}

function register(ask: Ask = {}): SipRequest {
  const contacts = ask.contacts ?? ['<sip:alice@10.0.0.2:5062>'];
  return createRequest({
    method: 'REGISTER',
    requestUri: uri('sip:example.org'),
    headers: [
      ['Via', ask.via ?? 'SIP/2.0/UDP 10.0.0.2:5062;branch=z9hG4bKa;rport'],
      ['From', '<sip:alice@example.org>;tag=1'],
      ['To', ask.to ?? '<sip:alice@example.org>'],
      ['Call-ID', ask.callId ?? 'c'],
      ['CSeq', `${ask.cseq ?? 1} REGISTER`],
      ...contacts.map((contact): HeaderField => ['Contact', contact]),
      ...(ask.headers ?? []),
    ],
  });
}

function world() {
  const registrar = new Registrar({
    aorOf: (to) => (to.scheme === 'sip' && to.host === 'example.org' ? to.user : undefined),
  });
  return {
    registrar,
    ask: (now: number, ask: Ask = {}, flow = FLOW, aor = 'alice') =>
      registrar.handleRegister(now, register(ask), { aor, flow, wallClock: WALL_CLOCK + now }),
    contacts: (now: number) => registrar.lookup('alice', now).map((binding) => formatUri(binding.contact)),
  };
}

function shownContacts(result: { readonly headers: readonly HeaderField[] }): readonly string[] {
  return result.headers.filter(([name]) => name === 'Contact').map(([, value]) => value);
}

describe('Registrar', () => {
  test('binds a contact for an hour, and lists it (RFC 3261 §10.3 step 8)', () => {
    const { ask, contacts } = world();
    const result = ask(0);
    expect(result.status).toBe(200);
    expect(shownContacts(result)).toEqual(['<sip:alice@10.0.0.2:5062>;expires=3600']);
    expect(result.headers).toContainEqual(['Date', 'Thu, 01 Jan 2026 00:00:00 GMT']);
    expect(contacts(3_599_999)).toEqual(['sip:alice@10.0.0.2:5062']);
    expect(contacts(3_600_000)).toEqual([]);
  });

  test.each([
    {
      name: "somebody else's AOR is 403 (§10.3 step 4)",
      ask: { to: '<sip:bob@example.org>' },
      expected: 403,
    },
    { name: 'a foreign domain is 404 (§10.3 step 5)', ask: { to: '<sip:alice@example.com>' }, expected: 404 },
    { name: 'To of an odd scheme is 404 (RFC 4475 §3.3.4)', ask: { to: '<isbn:2983792873>' }, expected: 404 },
    { name: 'a contact of an odd scheme', ask: { contacts: ['<name:John_Smith>'] }, expected: 400 },
    { name: 'a contact that is a tel URI', ask: { contacts: ['<tel:+1234>'] }, expected: 400 },
    {
      name: 'a Contact URI with ? and no brackets (RFC 4475 §3.1.2.13)',
      ask: { contacts: ['sip:user@example.com?Route=%3Csip:sip.example.com%3E'] },
      expected: 400,
    },
    { name: 'one bad contact refuses all', ask: { contacts: ['<sip:a@b>', '<sip:a@b'] }, expected: 400 },
    { name: 'a bad q', ask: { contacts: ['<sip:a@b>;q=1.5'] }, expected: 400 },
    { name: '* with another contact', ask: { contacts: ['*', '<sip:a@b>'] }, expected: 400 },
    { name: '* without Expires', ask: { contacts: ['*'] }, expected: 400 },
    {
      name: '* with Expires other than 0',
      ask: { contacts: ['*'], headers: [['Expires', '60']] },
      expected: 400,
    },
    { name: 'too brief by parameter', ask: { contacts: ['<sip:a@b>;expires=59'] }, expected: 423 },
    { name: 'too brief by header', ask: { headers: [['Expires', '1']] }, expected: 423 },
    {
      name: 'more contacts than an AOR may have',
      ask: { contacts: Array.from({ length: MAX_CONTACTS + 1 }, (_, i) => `<sip:a@h${i}>`) },
      expected: 403,
    },
  ] satisfies { name: string; ask: Ask; expected: number }[])(
    'refuses: $name',
    ({ ask: asked, expected }) => {
      const { ask, registrar } = world();
      expect(ask(0, asked).status).toBe(expected);
      expect(registrar.bindingCount).toBe(0);
      expect(registrar.takeChanges()).toEqual([]);
    },
  );

  test('423 tells the shortest time (RFC 3261 §20.23)', () => {
    expect(world().ask(0, { headers: [['Expires', '59']] }).headers).toEqual([['Min-Expires', '60']]);
  });

  test.each([
    { name: 'the shortest', ask: { contacts: ['<sip:a@b>;expires=60'] }, seconds: 60 },
    { name: 'the longest', ask: { contacts: ['<sip:a@b>;expires=3600'] }, seconds: 3600 },
    { name: 'a longer one is cut', ask: { contacts: ['<sip:a@b>;expires=86400'] }, seconds: 3600 },
    { name: 'the largest number', ask: { headers: [['Expires', '4294967295']] }, seconds: 3600 },
    {
      name: 'the parameter beats the header (§10.2.1.1)',
      ask: { contacts: ['<sip:a@b>;expires=120'], headers: [['Expires', '600']] },
      seconds: 120,
    },
    { name: 'the header', ask: { headers: [['Expires', '600']] }, seconds: 600 },
    {
      name: 'a malformed one is 3600 (§20.10)',
      ask: { contacts: ['<sip:a@b>;expires=soon'] },
      seconds: 3600,
    },
  ] satisfies { name: string; ask: Ask; seconds: number }[])('expires: $name', ({ ask: asked, seconds }) => {
    const { ask } = world();
    expect(shownContacts(ask(0, asked))[0]).toMatch(new RegExp(`;expires=${seconds}$`));
  });

  test('a refresh replaces the binding, by URI comparison (§10.3 step 7), and keeps its id', () => {
    const { ask, registrar } = world();
    ask(0, { contacts: ['<sip:alice@Host.Example:5062;ob>'] });
    const [before] = registrar.lookup('alice', 0);
    const result = ask(1_800_000, { contacts: ['<sip:%61lice@host.example:5062>'], cseq: 2 });
    expect(shownContacts(result)).toHaveLength(1);
    const [after] = registrar.lookup('alice', 3_700_000);
    expect(after?.id).toBe(before?.id);
    registrar.handleTimeout(3_600_000);
    expect(registrar.bindingCount).toBe(1);
    registrar.handleTimeout(5_400_000);
    expect(registrar.bindingCount).toBe(0);
    expect(registrar.nextTimeoutAt()).toBeUndefined();
  });

  test('a refresh that shortens ends earlier', () => {
    const { ask, registrar } = world();
    ask(0);
    ask(1000, { contacts: ['<sip:alice@10.0.0.2:5062>;expires=60'], cseq: 2 });
    expect(registrar.nextTimeoutAt()).toBe(61_000);
  });

  test('several bindings are found by falling q, then by the latest', () => {
    const { ask, contacts } = world();
    ask(0, { contacts: ['<sip:a@h1>;q=0.5', '<sip:a@h2>;q=0.7'] });
    ask(1, { contacts: ['<sip:a@h3>;q=0.5'], callId: 'd' });
    expect(contacts(2)).toEqual(['sip:a@h2', 'sip:a@h3', 'sip:a@h1']);
  });

  test('expires=0 removes one, Contact * all', () => {
    const { ask, contacts } = world();
    ask(0, { contacts: ['<sip:a@h1>', '<sip:a@h2>', '<sip:a@h3>'] });
    ask(1, { contacts: ['<sip:a@h1>;expires=0'], cseq: 2 });
    expect(contacts(1)).toEqual(['sip:a@h3', 'sip:a@h2']);
    const result = ask(2, { contacts: ['*'], headers: [['Expires', '0']], cseq: 3 });
    expect(result.status).toBe(200);
    expect(shownContacts(result)).toEqual([]);
    expect(contacts(2)).toEqual([]);
  });

  test('removing what was never bound is no fault', () => {
    const { ask } = world();
    expect(ask(0, { contacts: ['<sip:a@h1>;expires=0'] }).status).toBe(200);
  });

  test('a REGISTER without Contact fetches', () => {
    const { ask, registrar } = world();
    ask(0);
    registrar.takeChanges();
    expect(shownContacts(ask(600_000, { contacts: [], cseq: 2 }))).toEqual([
      '<sip:alice@10.0.0.2:5062>;expires=3000',
    ]);
    expect(registrar.takeChanges()).toEqual([]);
  });

  test.each([
    { name: 'a lower CSeq of the Call-ID comes late', ask: { cseq: 4 }, expected: 500 },
    { name: 'the same CSeq again changes nothing', ask: { cseq: 5 }, expected: 200 },
    { name: 'a higher one is newer', ask: { cseq: 6 }, expected: 200 },
    { name: 'another Call-ID starts anew', ask: { cseq: 1, callId: 'd' }, expected: 200 },
    {
      name: 'a late removal of all',
      ask: { cseq: 4, contacts: ['*'], headers: [['Expires', '0']] },
      expected: 500,
    },
    {
      name: 'a late update changes no other contact',
      ask: { cseq: 4, contacts: ['<sip:a@new>', '<sip:alice@10.0.0.2:5062>'] },
      expected: 500,
    },
  ] satisfies { name: string; ask: Ask; expected: number }[])('order: $name', ({ ask: asked, expected }) => {
    const { ask, contacts } = world();
    ask(0, { cseq: 5 });
    expect(ask(1, asked).status).toBe(expected);
    expect(contacts(1)).toEqual(['sip:alice@10.0.0.2:5062']);
  });

  test('the same CSeq again does not lengthen the binding', () => {
    const { ask, contacts } = world();
    ask(0);
    ask(10_000);
    expect(contacts(3_600_000)).toEqual([]);
  });

  test('a contact that is named twice is bound once', () => {
    const { ask, contacts } = world();
    ask(0, { contacts: ['<sip:a@h1>', '<sip:a@h1>'] });
    expect(contacts(0)).toEqual(['sip:a@h1']);
  });

  test('the eleventh contact pushes out the one that would expire first', () => {
    const { ask, registrar, contacts } = world();
    for (let i = 0; i < MAX_CONTACTS; i += 1) ask(i, { contacts: [`<sip:a@h${i}>`], callId: `c${i}` });
    ask(20, { contacts: ['<sip:a@h0>'], callId: 'c0', cseq: 2 });
    ask(30, { contacts: ['<sip:a@new>'], callId: 'n' });
    expect(registrar.bindingCount).toBe(MAX_CONTACTS);
    expect(contacts(30)).toContain('sip:a@h0');
    expect(contacts(30)).not.toContain('sip:a@h1');
  });

  test('headers in a Contact are not kept (RFC 4475 §3.3.14)', () => {
    const { ask, contacts } = world();
    ask(0, { contacts: ['<sip:user@example.com?Route=%3Csip:sip.example.com%3E>'] });
    expect(contacts(0)).toEqual(['sip:user@example.com']);
  });

  test('unknown parameters: of the URI they stay (RFC 4475 §3.3.13), of the header they do not (§3.3.12)', () => {
    const { ask } = world();
    expect(shownContacts(ask(0, { contacts: ['<sip:+1@gw;unknownparam>'] }))[0]).toContain(
      '<sip:+1@gw;unknownparam>',
    );
    expect(ask(1, { contacts: ['sip:+2@gw;unknownparam'], callId: 'd' }).status).toBe(200);
  });

  test('Path is kept in order and sent back (RFC 3327 §5.3)', () => {
    const { ask, registrar } = world();
    const headers: HeaderField[] = [
      ['Path', '<sip:p2.example.org;lr>,<sip:p1.example.org;lr>'],
      ['Supported', 'path'],
    ];
    const result = ask(0, {
      headers,
      via: 'SIP/2.0/UDP p2;branch=z9hG4bK1, SIP/2.0/UDP 10.0.0.2;branch=z9hG4bK2',
    });
    expect(result.headers.filter(([name]) => name === 'Path').map(([, value]) => value)).toEqual([
      '<sip:p2.example.org;lr>',
      '<sip:p1.example.org;lr>',
    ]);
    const [binding] = registrar.lookup('alice', 0);
    expect(binding?.path.map((path) => formatUri(path.uri))).toEqual([
      'sip:p2.example.org;lr',
      'sip:p1.example.org;lr',
    ]);
    // The flow leads to the proxy, not to the phone.
    expect(binding?.flow).toBeUndefined();
  });

  test.each([
    { name: 'with rport on UDP', flow: FLOW, via: 'SIP/2.0/UDP h;branch=z9hG4bK1;rport', isKept: true },
    { name: 'not without rport on UDP', flow: FLOW, via: 'SIP/2.0/UDP h;branch=z9hG4bK1', isKept: false },
    { name: 'on a connection', flow: TCP, via: 'SIP/2.0/TCP h;branch=z9hG4bK1', isKept: true },
  ])('the flow is kept: $name', ({ flow, via, isKept }) => {
    const { ask, registrar } = world();
    ask(0, { via }, flow);
    expect(registrar.lookup('alice', 0)[0]?.flow).toEqual(isKept ? flow : undefined);
  });

  const instance = '+sip.instance="<urn:uuid:00000000-0000-1000-8000-000A95A0E128>"';

  test('instance and reg-id tell a phone whose address changed (RFC 5626 §6)', () => {
    const { ask, registrar, contacts } = world();
    ask(0, { contacts: [`<sip:a@h1>;${instance};reg-id=1`] });
    const result = ask(1, { contacts: [`<sip:a@h2>;${instance};reg-id=1`], callId: 'd' });
    expect(contacts(1)).toEqual(['sip:a@h2']);
    expect(shownContacts(result)[0]).toContain(`${instance};reg-id=1`);
    ask(2, { contacts: [`<sip:a@h3>;${instance};reg-id=2`], callId: 'e' });
    expect(registrar.bindingCount).toBe(2);
  });

  test('a lost connection ends a binding with reg-id; another one keeps its Contact', () => {
    const { ask, registrar } = world();
    ask(0, { contacts: ['<sip:a@h1>', `<sip:a@h2>;${instance};reg-id=1`] }, TCP);
    registrar.handleFlowLost({ ...TCP, connectionId: 8 });
    expect(registrar.lookup('alice', 0).every((binding) => binding.flow)).toBe(true);
    registrar.handleFlowLost(TCP);
    const left = registrar.lookup('alice', 0);
    expect(left).toHaveLength(1);
    expect(left[0]?.flow).toBeUndefined();
    expect(formatUri(left[0]?.contact ?? uri('sip:x'))).toBe('sip:a@h1');
  });

  test('bindings survive a restart, with what is left of their time', () => {
    const before = world();
    before.ask(0);
    before.ask(1, { contacts: ['<sip:a@h2>;expires=60'], callId: 'd' }, TCP);
    const stored = before.registrar
      .takeChanges()
      .flatMap((change) => (change.kind === 'put' ? [change.binding] : []));
    const { registrar } = world();
    // The new process has another monotonic clock, a hundred seconds later by the calendar.
    registrar.restore(5, WALL_CLOCK + 100_000, stored);
    expect(registrar.lookup('alice', 5).map((binding) => binding.expiresAt)).toEqual([3_500_005]);
    expect(registrar.lookup('alice', 5)[0]?.flow).toEqual(FLOW);
    registrar.handleRegister(6, register({ contacts: ['<sip:a@h3>'], callId: 'e' }), {
      aor: 'alice',
      flow: TCP,
      wallClock: WALL_CLOCK + 100_001,
    });
    expect(new Set(registrar.lookup('alice', 6).map((binding) => binding.id)).size).toBe(2);
  });

  test('changes tell what is to be persisted', () => {
    const { ask, registrar } = world();
    ask(0);
    ask(1, { contacts: ['<sip:alice@10.0.0.2:5062>;expires=0'], cseq: 2 });
    expect(registrar.takeChanges().map((change) => change.kind)).toEqual(['put', 'remove']);
    expect(registrar.takeChanges()).toEqual([]);
    ask(2, { cseq: 3 });
    registrar.takeChanges();
    registrar.removeAll('alice');
    expect(registrar.takeChanges().map((change) => change.kind)).toEqual(['remove']);
  });
});
