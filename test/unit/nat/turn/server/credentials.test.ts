import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../../../../core/index.ts';
import {
  ATTRIBUTE,
  longTermKey,
  METHOD,
  type StunWriter,
  timeLimitedCredentials,
  StunWriter as Writer,
} from '../../../../../nat/index.ts';
import { encodePasswordAlgorithms } from '../../../../../nat/stun/password-algorithms.ts';
import { Nonces } from '../../../../../nat/turn/server/nonces.ts';
import { encodeTransport } from '../../../../../nat/turn/values.ts';
import { ALICE, REALM, type StageClient, TurnStage, WALL_CLOCK } from '../../../../support/turn-stage.ts';

const udp = (writer: StunWriter) => writer.add(ATTRIBUTE.requestedTransport, encodeTransport(17));

describe('a stranger', () => {
  test('is asked who he is, and nothing is kept of him (RFC 8489 §9.2.4)', () => {
    const stage = new TurnStage();
    const client = stage.client(5000);
    client.challengeFor(METHOD.allocate);
    expect(client.lastMessage.error?.code).toBe(401);
    expect(client.lastMessage.text(ATTRIBUTE.realm)).toBe(REALM);
    expect(new Set(Object.values(stage.server.tables))).toEqual(new Set([0]));
  });

  test('is answered shortly: with 84 bytes to an Allocate of 28 (RFC 8656 §21.1.6)', () => {
    const client = new TurnStage().client(5000);
    const request = udp(new Writer(client.head(METHOD.allocate))).finish();
    client.say(request);
    expect([request.length, client.last?.length]).toEqual([28, 84]);
  });

  test('is answered so often and no more, and others are', () => {
    const stage = new TurnStage();
    const victim = stage.client(5000);
    for (let i = 0; i < 1000; i += 1) victim.say(new Writer(victim.head(METHOD.allocate)).finish());
    expect(victim.received.length).toBeLessThanOrEqual(50);
    expect(stage.server.counters.dropped.reflectionLimit).toBe(950);
    expect(stage.client(5000, { address: '203.0.113.99' }).allocate().class).toBe('success');
    stage.pass(1000);
    expect(victim.allocate().class).toBe('success');
  });

  test.each(Object.values(METHOD).filter((method) => method !== METHOD.binding))(
    'with method %i never has an answer that is a success',
    (method) => {
      const client = new TurnStage().client(5000);
      client.say(udp(new Writer(client.head(method))).finish());
      expect(client.received.length === 0 || client.lastMessage.class === 'error').toBe(true);
    },
  );
});

describe('credentials', () => {
  const sealed =
    (fields: Partial<Record<'username' | 'realm' | 'nonce', string | undefined>>) =>
    (client: StageClient): Uint8Array => {
      const all = { username: ALICE.username, realm: REALM, nonce: client.nonce, ...fields };
      const writer = udp(new Writer(client.head(METHOD.allocate)));
      if (all.username !== undefined) writer.text(ATTRIBUTE.username, all.username);
      if (all.realm !== undefined) writer.text(ATTRIBUTE.realm, all.realm);
      if (all.nonce !== undefined) writer.text(ATTRIBUTE.nonce, all.nonce);
      return writer.integrity(longTermKey({ ...ALICE, realm: REALM })).finish();
    };

  test.each([
    { name: 'no username', request: sealed({ username: undefined }), code: 400 },
    { name: 'no realm', request: sealed({ realm: undefined }), code: 400 },
    { name: 'no nonce', request: sealed({ nonce: undefined }), code: 400 },
    {
      name: 'a nonce of somebody else',
      request: sealed({ nonce: 'obMatJos2gAAAAAAAAAAAAAAAAAAA' }),
      code: 438,
    },
    { name: 'an unknown username', request: sealed({ username: 'carol' }), code: 401 },
    { name: 'another realm', request: sealed({ realm: 'other' }), code: 401 },
    { name: 'everything', request: sealed({}), code: undefined },
  ])('with $name: $code', ({ request, code }) => {
    const client = new TurnStage().client(5000);
    client.nonce = client.challengeFor(METHOD.allocate);
    client.say(request(client));
    expect(client.lastMessage.error?.code).toBe(code);
  });

  test('with a wrong password: 401', () => {
    expect(new TurnStage().client(5000, { password: 'wrong' }).allocate().error?.code).toBe(401);
  });

  test('with a nonce that is an hour old: 438 with a new one, and the allocation lives on', () => {
    const stage = new TurnStage();
    const client = stage.client(5000);
    client.allocate((writer) => writer.uint32(ATTRIBUTE.lifetime, 3600));
    stage.pass(1_800_000);
    client.refresh(3600);
    stage.pass(1_900_000);
    const answer = client.refresh(3600);
    expect(answer.error?.code).toBe(438);
    client.nonce = answer.text(ATTRIBUTE.nonce);
    expect(client.refresh().class).toBe('success');
  });

  test('with SHA-256 for password and message (RFC 8489 §9.2.4)', () => {
    const client = new TurnStage().client(5000);
    client.nonce = client.challengeFor(METHOD.allocate);
    const offered = client.lastMessage.value(ATTRIBUTE.passwordAlgorithms) ?? new Uint8Array(0);
    const ask = (list: Uint8Array) => {
      const request = udp(new Writer(client.head(METHOD.allocate)))
        .text(ATTRIBUTE.username, ALICE.username)
        .text(ATTRIBUTE.realm, REALM)
        .text(ATTRIBUTE.nonce, client.nonce ?? '')
        .add(ATTRIBUTE.passwordAlgorithms, list)
        .add(ATTRIBUTE.passwordAlgorithm, encodePasswordAlgorithms(['sha256']))
        .integrity(longTermKey({ ...ALICE, realm: REALM }, 'sha256'), 'sha256');
      client.say(request.finish());
      return client.lastMessage;
    };
    // Somebody on the way cut the list down.
    expect(ask(encodePasswordAlgorithms(['sha256'])).error?.code).toBe(400);
    const answer = ask(offered);
    expect(answer.class).toBe('success');
    expect(answer.has(ATTRIBUTE.messageIntegritySha256)).toBe(true);
  });
});

describe('time-limited credentials', () => {
  test('are those that coturn and browsers use', () => {
    // printf 1433895918:bob | openssl dgst -sha1 -hmac my-secret -binary | base64
    expect(timeLimitedCredentials('my-secret', 'bob', 1_433_895_918_999)).toEqual({
      username: '1433895918:bob',
      password: '2TciL182Yes+aMk2U/kXFPad1xc=',
    });
    expect(timeLimitedCredentials('s', '', 5000).username).toBe('5');
  });

  const until = (seconds: number) => timeLimitedCredentials('shared', 'dora', WALL_CLOCK + seconds * 1000);

  test('are good until they end', () => {
    const stage = new TurnStage();
    expect(stage.client(5000, until(60)).allocate().class).toBe('success');
    stage.pass(60_000);
    expect(stage.client(5001, until(60)).allocate().error?.code).toBe(401);
  });

  test('that end leave the allocation to whoever has it', () => {
    const stage = new TurnStage();
    const client = stage.allocated(5000, until(60));
    stage.pass(120_000);
    expect(client.refresh().class).toBe('success');
  });

  test('of one user share his quota, whatever their end', () => {
    const stage = new TurnStage({ quotas: { perUser: 1 } });
    stage.allocated(5000, until(60));
    expect(stage.client(5001, until(61)).allocate().error?.code).toBe(486);
  });

  test("are nobody's without a secret", () => {
    const stage = new TurnStage({ credentials: { users: {} } });
    expect(stage.client(5000, until(60)).allocate().error?.code).toBe(401);
  });
});

describe('Nonces', () => {
  const nonces = new Nonces(new SeededRandom(1));
  const nonce = nonces.issue(5000, '192.0.2.1');

  test.each([
    { name: 'at once', now: 5000, address: '192.0.2.1', given: nonce, isFresh: true },
    { name: 'after an hour', now: 3_605_000, address: '192.0.2.1', given: nonce, isFresh: true },
    { name: 'after more than an hour', now: 3_606_000, address: '192.0.2.1', given: nonce, isFresh: false },
    { name: 'from another address', now: 5000, address: '192.0.2.2', given: nonce, isFresh: false },
    { name: 'cut', now: 5000, address: '192.0.2.1', given: nonce.slice(0, -1), isFresh: false },
    { name: 'another', now: 5000, address: '192.0.2.1', given: nonce.replace(/.$/, '_'), isFresh: false },
    { name: 'none', now: 5000, address: '192.0.2.1', given: '', isFresh: false },
  ])('$name: $isFresh', ({ now, address, given, isFresh }) => {
    expect(nonces.isFresh(now, given, address)).toBe(isFresh);
  });

  test('are fresh over the wrap of their 24 bits of seconds', () => {
    const before = (0x100_0000 - 1) * 1000;
    const made = nonces.issue(before, '192.0.2.1');
    expect(nonces.isFresh(before + 2000, made, '192.0.2.1')).toBe(true);
    expect(nonces.isFresh(before + 3_700_000, made, '192.0.2.1')).toBe(false);
  });
});
