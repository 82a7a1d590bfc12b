import { beforeEach, describe, expect, test } from 'vitest';
import {
  ATTRIBUTE,
  METHOD,
  StunClientTransactions,
  type StunMessage,
  type StunOutcome,
  type StunRequest,
} from '../../../../nat/index.ts';
import { CLIENT, decoded, SERVER, writer } from './samples.ts';

const T0 = 1000;
let transactions: StunClientTransactions<string>;
beforeEach(() => {
  transactions = new StunClientTransactions();
});

function start(options: Partial<StunRequest<string>> = {}, id = 1): string {
  const bytes = writer('request', id).finish();
  return transactions.start(T0, { bytes, remote: SERVER, context: 'mine', ...options });
}

function success(id = 1): StunMessage {
  return decoded(writer('success', id).xorAddress(ATTRIBUTE.xorMappedAddress, CLIENT).finish());
}

function error(code: number, id = 1): StunMessage {
  return decoded(writer('error', id).error(code, 'No').finish());
}

function outcomes(): readonly StunOutcome[] {
  return transactions.takeResults().map(({ outcome }) => outcome);
}

/** When each request goes out, and when the transaction ends. */
function timeline(): { sentAt: number[]; endedAt: number } {
  const sentAt = transactions.takeDatagrams().map(() => 0);
  let now = T0;
  for (let at = transactions.nextTimeoutAt(); at !== undefined; at = transactions.nextTimeoutAt()) {
    now = at;
    transactions.handleTimeout(now);
    sentAt.push(...transactions.takeDatagrams().map(() => now - T0));
  }
  return { sentAt, endedAt: now - T0 };
}

describe('time', () => {
  test('over UDP: sent at 0, 0.5, 1.5, 3.5, 7.5, 15.5 and 31.5 s, given up at 39.5 s (RFC 8489 §6.2.1)', () => {
    start();
    expect(timeline()).toEqual({
      sentAt: [0, 500, 1500, 3500, 7500, 15_500, 31_500],
      endedAt: 39_500,
    });
    expect(outcomes()).toEqual([{ type: 'timeout' }]);
    expect(transactions.counters).toMatchObject({ requests: 1, retransmissions: 6, timeouts: 1 });
  });

  test('the first interval, the number of requests and the last wait can be set', () => {
    start({ rtoMs: 100, requestCount: 3, lastWaitFactor: 4 });
    expect(timeline()).toEqual({ sentAt: [0, 100, 300], endedAt: 700 });
  });

  test('the interval doubles no further than it may', () => {
    start({ rtoMs: 100, longestRtoMs: 200, requestCount: 5, lastWaitFactor: 4 });
    expect(timeline()).toEqual({ sentAt: [0, 100, 300, 500, 700], endedAt: 1_100 });
  });

  test('one request alone is waited for as long as the last', () => {
    start({ rtoMs: 100, requestCount: 1, lastWaitFactor: 5 });
    expect(timeline()).toEqual({ sentAt: [0], endedAt: 500 });
  });

  test('over TCP: sent once, given up after 39.5 s (RFC 8489 §6.2.2)', () => {
    start({ isReliable: true });
    expect(timeline()).toEqual({ sentAt: [0], endedAt: 39_500 });
    expect(outcomes()).toEqual([{ type: 'timeout' }]);
  });

  test('a driver that is late sends once, and goes on from there', () => {
    start();
    transactions.takeDatagrams();
    transactions.handleTimeout(T0 + 5000);
    expect(transactions.takeDatagrams()).toHaveLength(1);
    expect(transactions.nextTimeoutAt()).toBe(T0 + 6000);
  });

  test('the round trip is measured where the request was sent once only (RFC 8489 §6.2.1)', () => {
    start();
    transactions.handleResponse(T0 + 80, success(), SERVER);
    expect(outcomes()).toMatchObject([{ type: 'success', roundTripMs: 80 }]);
    start();
    transactions.handleTimeout(T0 + 500);
    transactions.handleResponse(T0 + 580, error(400), SERVER);
    expect(outcomes()).toMatchObject([{ type: 'error', roundTripMs: null }]);
  });

  test('the same request is sent again, byte for byte, with what its owner gave it', () => {
    start();
    const [first] = transactions.takeDatagrams();
    transactions.handleTimeout(T0 + 500);
    expect(transactions.takeDatagrams()).toEqual([first]);
    expect(first).toMatchObject({ remote: SERVER, context: 'mine' });
  });
});

describe('who may answer', () => {
  const elsewhere = [
    { ...SERVER, port: 3479 },
    { ...SERVER, address: '198.51.100.2' },
  ];
  test.each(elsewhere)('not $address:$port, which was not asked', (source) => {
    start();
    expect(transactions.handleResponse(T0, success(), source)).toBe(true);
    expect(outcomes()).toEqual([]);
    expect(transactions.size).toBe(1);
    expect(transactions.counters.fromElsewhere).toBe(1);
  });

  test('whom the request names, and then not the one who was asked (RFC 5780 §7.2)', () => {
    start({ responder: CLIENT });
    transactions.handleResponse(T0, success(), SERVER);
    expect(outcomes()).toEqual([]);
    transactions.handleResponse(T0, success(), CLIENT);
    expect(outcomes()).toMatchObject([{ type: 'success' }]);
  });

  test('not an answer with another transaction id, or to another method', () => {
    start();
    const allocated = decoded(writer('success', 1, METHOD.allocate).finish());
    expect(transactions.handleResponse(T0, success(2), SERVER)).toBe(false);
    expect(transactions.handleResponse(T0, allocated, SERVER)).toBe(false);
    expect(transactions.size).toBe(1);
    expect(transactions.counters.unmatched).toBe(2);
  });

  test('not twice', () => {
    start();
    transactions.handleResponse(T0, success(), SERVER);
    expect(transactions.handleResponse(T0, success(), SERVER)).toBe(false);
    expect(outcomes()).toHaveLength(1);
    expect(transactions.counters.unmatched).toBe(1);
  });

  test('each of many at once has its own answer', () => {
    const keys = Array.from({ length: 100 }, (_, id) => start({ context: `${id}` }, id));
    transactions.handleResponse(T0, success(42), SERVER);
    expect(transactions.takeResults()).toMatchObject([{ key: keys[42], context: '42' }]);
    expect(transactions.size).toBe(99);
  });
});

describe('a response that is not proven', () => {
  const accepts = () => false;

  test('is over UDP as if never received, and the end says so (RFC 8489 §9.1.4)', () => {
    start({ accepts });
    transactions.handleResponse(T0, success(), SERVER);
    expect(timeline().sentAt).toHaveLength(7);
    expect(outcomes()).toEqual([{ type: 'untrusted' }]);
    expect(transactions.counters.untrusted).toBe(1);
  });

  test('ends the transaction over TCP (RFC 8489 §9.1.4)', () => {
    start({ accepts, isReliable: true });
    transactions.handleResponse(T0, success(), SERVER);
    expect(outcomes()).toEqual([{ type: 'untrusted' }]);
    expect(transactions.size).toBe(0);
  });

  test('does no harm to the true one behind it', () => {
    start({ accepts: ({ class: responseClass }) => responseClass === 'success' });
    transactions.handleResponse(T0, error(500), SERVER);
    transactions.handleResponse(T0, success(), SERVER);
    expect(outcomes()).toMatchObject([{ type: 'success' }]);
  });
});

describe('what the response says', () => {
  test('success, with the mapped address', () => {
    start();
    transactions.handleResponse(T0, success(), SERVER);
    const [outcome] = outcomes();
    expect(outcome?.type === 'success' && outcome.response.mappedAddress).toEqual(CLIENT);
  });

  test('error, with code and reason', () => {
    start();
    transactions.handleResponse(T0, error(437), SERVER);
    expect(outcomes()).toMatchObject([{ type: 'error', error: { code: 437, reason: 'No' } }]);
  });

  const unusable = [
    ['an error without a code', writer('error').finish()],
    [
      'a success with an attribute that must be understood and is not',
      writer('success').flag(0x7777).finish(),
    ],
    ['an error with such an attribute', writer('error').error(400, '').flag(0x0777).finish()],
  ] as const;
  test.each(unusable)('%s is of no use (RFC 8489 §6.3.3, §6.3.4)', (_, bytes) => {
    start();
    transactions.handleResponse(T0, decoded(bytes), SERVER);
    expect(outcomes()).toMatchObject([{ type: 'unusable' }]);
  });

  test('an unknown attribute that may be ignored is', () => {
    start();
    transactions.handleResponse(T0, decoded(writer('success').flag(0xfff0).finish()), SERVER);
    expect(outcomes()).toMatchObject([{ type: 'success' }]);
  });
});

describe('every state under every input', () => {
  type State = 'waiting' | 'repeated' | 'silenced' | 'ended' | 'cancelled';
  type Input = 'success' | 'error' | 'elsewhere' | 'timeout' | 'silence' | 'cancel' | 'fail';

  const reach: Readonly<Record<State, () => string>> = {
    waiting: () => start(),
    repeated: () => {
      const key = start();
      transactions.handleTimeout(T0 + 500);
      return key;
    },
    silenced: () => {
      const key = start();
      transactions.silence(key);
      return key;
    },
    ended: () => {
      const key = start();
      transactions.handleResponse(T0, success(), SERVER);
      return key;
    },
    cancelled: () => {
      const key = start();
      transactions.cancel(key);
      return key;
    },
  };
  const feed: Readonly<Record<Input, (key: string) => void>> = {
    success: () => transactions.handleResponse(T0 + 600, success(), SERVER),
    error: () => transactions.handleResponse(T0 + 600, error(500), SERVER),
    elsewhere: () => transactions.handleResponse(T0 + 600, success(), CLIENT),
    timeout: () => transactions.handleTimeout(T0 + 2000),
    silence: (key) => transactions.silence(key),
    cancel: (key) => transactions.cancel(key),
    fail: (key) => transactions.fail(key),
  };

  /** Results, datagrams, and whether it still waits. */
  const nothing = [[], 0, true];
  const gone = [[], 0, false];
  const alive = {
    success: [['success'], 0, false],
    error: [['error'], 0, false],
    elsewhere: nothing,
    timeout: [[], 1, true],
    silence: nothing,
    cancel: gone,
    fail: [['timeout'], 0, false],
  };
  const dead = {
    ...{ success: gone, error: gone, elsewhere: gone, timeout: gone },
    ...{ silence: gone, cancel: gone, fail: gone },
  };
  const table: Readonly<Record<State, Readonly<Record<Input, unknown>>>> = {
    waiting: alive,
    repeated: alive,
    silenced: { ...alive, timeout: nothing },
    ended: dead,
    cancelled: dead,
  };

  // Casts: the keys of a literal are the names that it was written with.
  const rows = (Object.keys(table) as State[]).flatMap((state) =>
    (Object.keys(feed) as Input[]).map((input) => ({ state, input, expected: table[state][input] })),
  );
  test.each(rows)('$state, $input', ({ state, input, expected }) => {
    const key = reach[state]();
    transactions.takeDatagrams();
    transactions.takeResults();
    feed[input](key);
    const results = outcomes().map(({ type }) => type);
    expect([results, transactions.takeDatagrams().length, transactions.size === 1]).toEqual(expected);
    expect(transactions.nextTimeoutAt() !== undefined).toBe(transactions.size === 1);
  });
});

test('a silenced request takes its answer all the same, and ends in its time (RFC 8445 §7.3.1.4)', () => {
  transactions.silence(start());
  expect(timeline()).toEqual({ sentAt: [0], endedAt: 39_500 });
  expect(outcomes()).toEqual([{ type: 'timeout' }]);
});

test('nobody can make the table grow: ten thousand inventions leave nothing', () => {
  for (let i = 0; i < 10_000; i += 1) transactions.handleResponse(T0, success(i & 255), SERVER);
  expect(transactions.size).toBe(0);
  expect(transactions.counters.unmatched).toBe(10_000);
  expect(transactions.nextTimeoutAt()).toBeUndefined();
});
