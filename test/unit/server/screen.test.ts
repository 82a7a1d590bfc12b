import { describe, expect, test } from 'vitest';
import { DecodeError } from '../../../core/index.ts';
import { Accounts, UserAdministration } from '../../../server/accounts/index.ts';
import { Screen } from '../../../server/screen.ts';
import { MemoryStore, StoreJournal } from '../../../server/store/index.ts';
import {
  createRequest,
  createResponse,
  DigestClient,
  type Flow,
  type HeaderField,
  parseUri,
  type SipRequest,
} from '../../../signaling/index.ts';
import { createWorld } from '../../support/index.ts';

const FLOW: Flow = {
  protocol: 'udp',
  local: { address: '192.0.2.1', port: 5060 },
  remote: { address: '192.0.2.9', port: 5060 },
  connectionId: undefined,
};

function setUp() {
  const world = createWorld();
  const runtime = world.host('server', { addresses: ['192.0.2.1'] });
  const store = new MemoryStore();
  new UserAdministration(store, 'r').add({ name: 'alice', password: 'a' });
  const journal = new StoreJournal(runtime, store);
  const accounts = new Accounts({ runtime, store, journal, onRemoved: () => {} });
  const screen = new Screen({
    runtime,
    accounts,
    realm: 'r',
    algorithms: ['SHA-256', 'MD5'],
    isLocalHost: (host) => host === 'r',
  });
  const phone = (password = 'a', username = 'alice') =>
    new DigestClient({ username, password, random: runtime.random });
  /** The request with the answer to its challenge. */
  const answered = (request: SipRequest, client = phone()) => {
    const refusal = screen.screen(request, FLOW);
    const headers = refusal?.options?.headers ?? [];
    const response = createResponse(request, 401, { headers });
    return request.with({ append: client.answerChallenge(request, response) ?? [] });
  };
  return { world, screen, answered, phone };
}

function ask(method: string, target: string, headers: readonly HeaderField[] = []): SipRequest {
  const requestUri = parseUri(target);
  if (requestUri instanceof DecodeError) throw new Error(`${requestUri}`);
  return createRequest({
    method,
    requestUri,
    headers: [
      ['Via', 'SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK1'],
      ['From', '<sip:alice@r>;tag=1'],
      ['To', headers.find(([name]) => name === 'To')?.[1] ?? '<sip:alice@r>'],
      ['Call-ID', 'c'],
      ['CSeq', `1 ${method}`],
      ...headers.filter(([name]) => name !== 'To'),
    ],
  });
}

describe('Screen', () => {
  test.each([
    { name: 'REGISTER', request: ask('REGISTER', 'sip:r'), expected: 401 },
    { name: 'INVITE', request: ask('INVITE', 'sip:bob@r'), expected: 401 },
    { name: 'MESSAGE', request: ask('MESSAGE', 'sip:bob@r'), expected: 401 },
    { name: 'SUBSCRIBE', request: ask('SUBSCRIBE', 'sip:bob@r'), expected: 401 },
    { name: 'OPTIONS to a user', request: ask('OPTIONS', 'sip:bob@r'), expected: 401 },
    { name: 'OPTIONS to the server', request: ask('OPTIONS', 'sip:r'), expected: undefined },
    { name: 'OPTIONS to another host', request: ask('OPTIONS', 'sip:elsewhere'), expected: 401 },
    {
      name: 'REGISTER of an odd To (RFC 4475 §3.3.4)',
      request: ask('REGISTER', 'sip:r', [['To', '<isbn:2983792873>']]),
      expected: 404,
    },
    {
      name: 'an unknown scheme (RFC 4475 §3.3.7)',
      request: ask('REGISTER', 'sip:r', [['Authorization', 'NoOneKnowsThisScheme opaque-data=here']]),
      expected: 401,
    },
  ])('$name: $expected', ({ request, expected }) => {
    expect(setUp().screen.screen(request, FLOW)?.status).toBe(expected);
  });

  test('knows who sent a request that passed, and nobody otherwise', () => {
    const { screen, answered, phone } = setUp();
    const good = answered(ask('INVITE', 'sip:bob@r'));
    expect(screen.screen(good, FLOW)).toBeUndefined();
    expect(screen.userOf(good)?.name).toBe('alice');
    const bad = answered(ask('INVITE', 'sip:bob@r'), phone('wrong'));
    expect(screen.screen(bad, FLOW)?.status).toBe(401);
    expect(screen.userOf(bad)).toBeUndefined();
    expect(screen.refusedCount).toBe(1);
  });

  test('From is nobody: the credentials are', () => {
    const { screen, answered } = setUp();
    const forged = answered(ask('INVITE', 'sip:bob@r').with({ set: [['From', '<sip:boss@r>;tag=1']] }));
    expect(screen.screen(forged, FLOW)).toBeUndefined();
    expect(screen.userOf(forged)?.name).toBe('alice');
  });

  test.each([
    { agent: 'baresip v1.0.0 (x86_64/linux)', expected: 1 },
    { agent: 'baresip v3.1.0 (x86_64/linux)', expected: 2 },
    { agent: 'phone', expected: 2 },
  ])('$agent gets $expected challenges', ({ agent, expected }) => {
    const refusal = setUp().screen.screen(ask('REGISTER', 'sip:r', [['User-Agent', agent]]), FLOW);
    expect(refusal?.options?.headers).toHaveLength(expected);
  });

  test('while draining, new calls are 503 with Retry-After and others pass as before', () => {
    const { screen, answered } = setUp();
    const register = answered(ask('REGISTER', 'sip:r'));
    screen.drain();
    const refusal = screen.screen(ask('INVITE', 'sip:bob@r'), FLOW);
    expect(refusal).toEqual({ status: 503, options: { headers: [['Retry-After', '30']] } });
    expect(screen.screen(register, FLOW)).toBeUndefined();
  });

  test('remembers a nonce no longer than it lives', async () => {
    const { world, screen, answered } = setUp();
    screen.screen(answered(ask('REGISTER', 'sip:r')), FLOW);
    expect(screen.nonceCount).toBe(1);
    await world.runUntilIdle({ limitMs: 400_000 });
    expect(screen.nonceCount).toBe(0);
  });
});
