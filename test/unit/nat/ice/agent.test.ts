import { describe, expect, test } from 'vitest';
import { UNANSWERED_CHECKS } from '../../../../nat/ice/check-budget.ts';
import { MAX_PAIRS } from '../../../../nat/ice/check-list.ts';
import { encodeCheck, verifyCheck } from '../../../../nat/ice/check-message.ts';
import type { IceDescription } from '../../../../nat/index.ts';
import {
  ATTRIBUTE,
  decodeStun,
  METHOD,
  StunMessage,
  StunWriter,
  shortTermKey,
} from '../../../../nat/stun/index.ts';
import { ELSEWHERE, introduce, openParties, Party, play } from './agents.ts';
import { checkOf, REMOTE, transactionId } from './checks.ts';
import { candidateOf } from './samples.ts';

function connected(): readonly [Party, Party] {
  const parties = openParties();
  introduce(parties);
  play(parties, 0, 1_000);
  expect(parties.map(({ agent }) => agent.state)).toEqual(['connected', 'connected']);
  return parties;
}

/** The first check that the agent sends. */
function firstCheckOf(party: Party): Uint8Array {
  const [datagram] = party.agent.takeDatagrams();
  if (!datagram) throw new Error('it sends one at once');
  return datagram.bytes;
}

function messageOf(bytes: Uint8Array): StunMessage {
  const message = decodeStun(bytes);
  if (!(message instanceof StunMessage)) throw new Error(message.toString());
  return message;
}

describe('two agents', () => {
  test('select the same path and say so', () => {
    const [a, b] = connected();
    expect(a.agent.selected(1)).toMatchObject({
      base: 1,
      remote: b.endpoint,
      localType: 'host',
      remoteType: 'host',
    });
    expect(b.agent.selected(1)).toMatchObject({ base: 1, remote: a.endpoint, local: b.endpoint });
    const types = a.agent.takeEvents().map((event) => (event.type === 'state' ? event.state : event.type));
    expect(types).toEqual(['checking', 'selected', 'connected']);
    expect(a.agent.isProven(1, b.endpoint)).toBe(true);
    expect(a.agent.isProven(1, ELSEWHERE)).toBe(false);
  });

  test('answer checks that come before the description, and use them when it comes', () => {
    const [a, b] = openParties();
    b.agent.setRemote(0, a.description);
    const check = firstCheckOf(b);
    a.agent.handleDatagram(10, check, { base: 1, remote: b.endpoint });
    expect(a.agent.takeDatagrams()).toHaveLength(1);
    expect(a.agent.selected(1)).toBeUndefined();
    // Not a word of candidates: the check told of one.
    a.agent.setRemote(20, { ...b.description, candidates: [] });
    play([a, b], 20, 1_000);
    expect(a.agent.selected(1)).toMatchObject({ remoteType: 'peerReflexive' });
  });

  test('leave everything of a peer when another answers in its place, as a fork does', () => {
    const [a, b] = connected();
    const other: IceDescription = {
      credentials: { ufrag: 'fork', password: 'forkforkforkforkforkfork' },
      candidates: [{ ...b.candidate, endpoint: ELSEWHERE }],
    };
    a.agent.setRemote(600, other);
    expect(a.agent.selected(1)).toBeUndefined();
    expect(a.agent.isProven(1, b.endpoint)).toBe(false);
    a.agent.takeDatagrams();
    // The one before is not answered any more, though our own credentials are the same.
    b.agent.takeDatagrams();
    b.agent.probe(610);
    a.agent.handleDatagram(610, firstCheckOf(b), { base: 1, remote: b.endpoint });
    expect(a.agent.takeDatagrams()).toEqual([]);
    expect(a.agent.counters.checksRefused).toBe(1);
    a.agent.forgetRemote(620);
    expect(a.agent.state).toBe('new');
  });

  test('learn what a candidate is that a check told of first (RFC 8838 §11.4)', () => {
    const [a, b] = openParties();
    b.agent.setRemote(0, a.description);
    a.agent.setRemote(0, { ...b.description, candidates: [] });
    play([a, b], 0, 500);
    expect(a.agent.selected(1)).toMatchObject({ remoteType: 'peerReflexive' });
    a.agent.addRemoteCandidate(600, b.candidate);
    expect(a.agent.selected(1)).toMatchObject({ remoteType: 'host' });
    expect(a.agent.tables.pairs).toBe(1);
  });

  test('keep consent, with a check every five seconds', () => {
    const parties = connected();
    play(parties, 1_001, 600_000);
    expect(parties.map(({ agent }) => agent.state)).toEqual(['connected', 'connected']);
    const { checksSent, checksResent } = parties[0].agent.counters;
    expect(checksSent + checksResent).toBeLessThan(600 / 4 + 20);
    expect(parties[0].agent.tables.checks).toBeLessThan(5);
  });

  test('part from a base that is gone', () => {
    const [a] = connected();
    a.agent.removeBase(2_000, 1);
    expect(a.agent.state).toBe('disconnected');
    expect(a.agent.isProven(1, a.endpoint)).toBe(false);
  });
});

describe('spoofed STUN changes nothing and is counted', () => {
  const forged = (party: Party, change: object) =>
    encodeCheck({
      transactionId: transactionId(9),
      remote: party.agent.credentials,
      localUfrag: 'mallory2',
      priority: 0x7e0000ff,
      role: 'controlling',
      tieBreaker: 0n,
      isNominating: true,
      ...change,
    });

  test.each([
    {
      name: 'another password',
      change: (b: Party) => ({ remote: { ...b.agent.credentials, password: 'x'.repeat(22) } }),
    },
    {
      name: 'another name of ours',
      change: () => ({ remote: { ufrag: 'wrong234', password: 'x'.repeat(22) } }),
    },
    { name: 'another name of its own', change: () => ({ localUfrag: 'mallory2' }) },
  ])('a check with $name', ({ change }) => {
    const [a, b] = connected();
    b.agent.takeEvents();
    const bytes = forged(b, { localUfrag: a.agent.credentials.ufrag, ...change(b) });
    expect(b.agent.handleDatagram(2_000, bytes, { base: 1, remote: ELSEWHERE })).toBe(true);
    expect(b.agent.takeDatagrams()).toEqual([]);
    expect(b.agent.takeEvents()).toEqual([]);
    expect(b.agent.counters.checksRefused).toBe(1);
    expect(b.agent.tables.pairs).toBe(1);
  });

  test('a check that somebody recorded and sends from elsewhere takes no path away', () => {
    const [a, b] = openParties();
    introduce([a, b]);
    const check = firstCheckOf(a);
    b.agent.handleDatagram(0, check, { base: 1, remote: a.endpoint });
    play([a, b], 0, 1_000);
    b.agent.handleDatagram(1_000, check, { base: 1, remote: ELSEWHERE });
    play([a, b], 1_000, 20_000);
    expect(b.agent.selected(1)).toMatchObject({ remote: a.endpoint });
    expect(b.agent.state).toBe('connected');
  });

  const answers = [
    {
      name: 'sealed by who does not know the password',
      counter: 'answersForged',
      write: (writer: StunWriter) =>
        writer.xorAddress(ATTRIBUTE.xorMappedAddress, ELSEWHERE).integrity(shortTermKey('x'.repeat(22))),
      source: undefined,
    },
    {
      name: 'not sealed at all',
      counter: 'answersForged',
      write: (writer: StunWriter) => writer.xorAddress(ATTRIBUTE.xorMappedAddress, ELSEWHERE),
      source: undefined,
    },
    {
      name: 'from elsewhere',
      counter: 'answersFromElsewhere',
      write: (writer: StunWriter, password: string) =>
        writer.xorAddress(ATTRIBUTE.xorMappedAddress, ELSEWHERE).integrity(shortTermKey(password)),
      source: ELSEWHERE,
    },
    {
      name: 'without an address',
      counter: 'answersMalformed',
      write: (writer: StunWriter, password: string) => writer.integrity(shortTermKey(password)),
      source: undefined,
    },
    {
      name: 'with an address that is none',
      counter: 'answersMalformed',
      write: (writer: StunWriter, password: string) =>
        writer
          .xorAddress(ATTRIBUTE.xorMappedAddress, { address: '224.0.0.1', port: 5000 })
          .integrity(shortTermKey(password)),
      source: undefined,
    },
  ] as const;
  test.each(answers)('an answer $name', ({ counter, write, source }) => {
    const [a, b] = openParties();
    introduce([a, b]);
    const { transactionId: id } = messageOf(firstCheckOf(a));
    const writer = new StunWriter({ method: METHOD.binding, class: 'success', transactionId: id });
    const bytes = write(writer, b.agent.credentials.password).fingerprint().finish();
    expect(a.agent.handleDatagram(50, bytes, { base: 1, remote: source ?? b.endpoint })).toBe(true);
    expect(a.agent.selected(1)).toBeUndefined();
    expect(a.agent.isProven(1, b.endpoint)).toBe(false);
    expect(a.agent.counters).toMatchObject({ [counter]: 1, checksAnswered: 0 });
    // The check waits on for the true answer.
    play([a, b], 50, 2_000);
    expect(a.agent.state).toBe('connected');
  });

  test('an answer that nobody asked for may be somebody else’s', () => {
    const [a] = openParties();
    const writer = new StunWriter({
      method: METHOD.binding,
      class: 'success',
      transactionId: transactionId(1),
    });
    expect(a.agent.handleDatagram(0, writer.finish(), { base: 1, remote: ELSEWHERE })).toBe(false);
    expect(a.agent.counters.answersUnexpected).toBe(1);
  });
});

describe('what a peer names', () => {
  /** Sends to nobody, for so long. @returns where checks went */
  function checksOf(candidates: readonly ReturnType<typeof candidateOf>[], untilAt: number): string[] {
    const [a, b] = openParties();
    a.agent.setRemote(0, { ...b.description, candidates });
    const sent: string[] = [];
    for (let now = 0; now <= untilAt; now = Math.max(now + 1, a.agent.nextTimeoutAt() ?? untilAt + 1)) {
      a.agent.handleTimeout(now);
      sent.push(...a.agent.takeDatagrams().map(({ remote }) => remote.address));
    }
    return sent;
  }

  test('a host of somebody else gets few packets, however many ports of it are named', () => {
    const victim = (port: number) =>
      candidateOf('host', 99, { foundation: `${port}`, endpoint: { address: '192.0.2.99', port } });
    const sent = checksOf(
      Array.from({ length: 500 }, (_, i) => victim(1_000 + i)),
      60_000,
    );
    expect(sent.length).toBeGreaterThan(60);
    expect(sent.length).toBeLessThanOrEqual(UNANSWERED_CHECKS + 6);
  });

  test('a flood of candidates makes no flood of checks', () => {
    const candidates = Array.from({ length: 1_000 }, (_, i) =>
      candidateOf('host', 1, {
        foundation: `${i}`,
        endpoint: { address: `203.0.${i >> 8}.${i & 255}`, port: 5000 },
      }),
    );
    const sent = checksOf(candidates, 60_000);
    expect(new Set(sent).size).toBeLessThanOrEqual(64);
    expect(sent.length).toBeLessThanOrEqual(64 * 7);
  });

  test('a flood of checks, each from another port, leaves no more to be checked than there are pairs', () => {
    const party = new Party('controlled', 12);
    const { agent } = party;
    agent.setRemote(0, { credentials: REMOTE, candidates: [] });
    for (let port = 1; port <= 300; port += 1) {
      const id = new Uint8Array(12);
      new DataView(id.buffer).setUint16(0, port);
      const bytes = checkOf({ remote: agent.credentials, transactionId: id });
      agent.handleDatagram(0, bytes, { base: 1, remote: { address: '203.0.113.9', port } });
    }
    expect(agent.counters.checksReceived).toBe(300);
    expect(agent.tables.triggered).toBeLessThanOrEqual(MAX_PAIRS);
  });

  test.each(['224.0.0.1', '255.255.255.255', '0.0.0.0', '127.0.0.1'])('%s is never checked', (address) => {
    expect(checksOf([candidateOf('host', 1, { endpoint: { address, port: 5000 } })], 60_000)).toEqual([]);
  });
});

test('checks of one agent are what the other verifies', () => {
  const [a, b] = openParties();
  introduce([a, b]);
  const check = verifyCheck(messageOf(firstCheckOf(a)), b.agent.credentials, a.agent.credentials.ufrag);
  expect(check).toMatchObject({ role: 'controlling', isNominating: false });
});
