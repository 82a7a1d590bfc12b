import { describe, expect, it } from 'vitest';
import { createResponse } from '../../../../signaling/message/index.ts';
import { peerRequest, type RequestParts, TransactionWorld } from './transaction-world.ts';

const VIA = 'SIP/2.0/UDP 192.0.2.2:5060;branch=z9hG4bKpeer1;rport';

/** Which of the requests reach the TU, when they come one after the other. */
function passedUp(...requests: readonly RequestParts[]): number {
  const world = new TransactionWorld();
  for (const parts of requests) world.handleRequest(peerRequest(parts));
  return world.requests.length;
}

describe('matching of requests (RFC 3261 §17.2.3)', () => {
  // A To tag keeps these out of the check for merged requests.
  const base: RequestParts = { method: 'INFO', to: '<sip:bob@192.0.2.1>;tag=b1' };
  const cases: readonly { name: string; other: RequestParts; isSame: boolean }[] = [
    { name: 'the same branch, sent-by and method', other: {}, isSame: true },
    { name: 'another Call-ID under the same branch', other: { callId: 'call-2' }, isSame: true },
    {
      name: 'another branch',
      other: { via: 'SIP/2.0/UDP 192.0.2.2:5060;branch=z9hG4bKpeer2' },
      isSame: false,
    },
    {
      name: 'another host in sent-by',
      other: { via: 'SIP/2.0/UDP 192.0.2.3:5060;branch=z9hG4bKpeer1' },
      isSame: false,
    },
    {
      name: 'another port in sent-by',
      other: { via: 'SIP/2.0/UDP 192.0.2.2:5062;branch=z9hG4bKpeer1' },
      isSame: false,
    },
    { name: 'another method', other: { method: 'UPDATE' }, isSame: false },
  ];
  it.each(cases)('$name: same transaction is $isSame', ({ other, isSame }) => {
    expect(passedUp(base, { ...base, ...other })).toBe(isSame ? 1 : 2);
  });
});

describe.each([
  { name: 'without branch', branch: '' },
  { name: 'with a branch of their own', branch: ';branch=1234' },
  { name: 'with the bare cookie (RFC 4475 §3.2.1)', branch: ';branch=z9hG4bK' },
])('matching of requests $name, by the rules of RFC 2543 (RFC 3261 §17.2.3)', ({ branch }) => {
  const base: RequestParts = {
    method: 'INFO',
    to: '<sip:bob@192.0.2.1>;tag=b1',
    via: `SIP/2.0/UDP h${branch}`,
  };
  const cases: readonly { name: string; other: RequestParts; isSame: boolean }[] = [
    { name: 'a copy', other: {}, isSame: true },
    { name: 'another Request-URI', other: { uri: 'sip:carol@192.0.2.1' }, isSame: false },
    { name: 'another From tag', other: { from: '<sip:alice@192.0.2.2>;tag=a2' }, isSame: false },
    { name: 'another Call-ID', other: { callId: 'call-2' }, isSame: false },
    { name: 'another CSeq', other: { cseq: '2' }, isSame: false },
    { name: 'another method', other: { method: 'UPDATE' }, isSame: false },
    { name: 'another Via', other: { via: `SIP/2.0/UDP i${branch}` }, isSame: false },
  ];
  it.each(cases)('$name: same transaction is $isSame', ({ other, isSame }) => {
    expect(passedUp(base, { ...base, ...other })).toBe(isSame ? 1 : 2);
  });

  it.each([
    { name: 'the To tag of the response', tag: 'b1', isSame: true },
    { name: 'another To tag', tag: 'b2', isSame: false },
  ])('ACK with $name: belongs to the INVITE is $isSame', ({ tag, isSame }) => {
    const world = new TransactionWorld();
    const via = `SIP/2.0/UDP h${branch}`;
    world.handleRequest(peerRequest({ via }));
    world.answer(486);
    world.handleRequest(peerRequest({ method: 'ACK', via, to: `<sip:bob@192.0.2.1>;tag=${tag}` }));
    expect(world.takeLog().some(([, what]) => what === 'ack')).toBe(!isSame);
  });
});

describe('merged requests (RFC 3261 §8.2.2.2)', () => {
  const other: RequestParts = { via: 'SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bKfork2' };

  it('a copy that came by another way is refused with 482, also when the first is answered', () => {
    const world = new TransactionWorld();
    world.handleRequest(peerRequest({ method: 'OPTIONS' }));
    world.handleRequest(peerRequest({ method: 'OPTIONS', ...other }));
    world.answer(200);
    world.handleRequest(peerRequest({ method: 'OPTIONS', ...other }));
    expect(world.takeLog().map(([, what]) => what)).toEqual([
      'request OPTIONS',
      'sent 482',
      'sent 200',
      'sent 482',
    ]);
    expect(world.layer.counters.merged).toBe(2);
    expect(world.layer.size).toBe(1);
  });

  it('the 482 is the same each time, To tag included', () => {
    const world = new TransactionWorld();
    world.handleRequest(peerRequest());
    world.handleRequest(peerRequest(other));
    world.handleRequest(peerRequest(other));
    const [first, second] = world.bytesSent.map((bytes) => Buffer.from(bytes).toString());
    expect(first).toMatch(/^SIP\/2\.0 482 .*\r\nTo: <sip:bob@192\.0\.2\.1>;tag=\w+\r\n/s);
    expect(second).toBe(first);
  });

  it.each([
    { name: 'a To tag', parts: { to: '<sip:bob@192.0.2.1>;tag=b1' } },
    { name: 'another CSeq', parts: { cseq: '2' } },
    { name: 'another From tag', parts: { from: '<sip:alice@192.0.2.2>;tag=a2' } },
    { name: 'another Call-ID', parts: { callId: 'call-2' } },
  ])('a request with $name is a request of its own', ({ parts }) => {
    expect(passedUp({}, { ...other, ...parts })).toBe(2);
  });

  it('is forgotten with the first transaction', () => {
    const world = new TransactionWorld();
    world.handleRequest(peerRequest({ method: 'OPTIONS' }));
    world.answer(200);
    world.advanceTo(32_000);
    world.handleRequest(peerRequest({ method: 'OPTIONS', ...other }));
    expect(world.requests).toHaveLength(2);
  });
});

describe('CANCEL (RFC 3261 §9.2)', () => {
  const cancel = (via = VIA) => peerRequest({ method: 'CANCEL', via });

  it('is answered with 200 and the To tag of the INVITE’s response, and told to the TU once', () => {
    const world = new TransactionWorld();
    world.handleRequest(peerRequest());
    world.answer(180);
    world.handleRequest(cancel());
    world.handleRequest(cancel());
    expect(world.takeLog().slice(2)).toEqual([
      [0, 'sent 200'],
      [0, 'cancel'],
      [0, 'sent 200'],
    ]);
    expect(Buffer.from(world.bytesSent[1] ?? []).toString()).toMatch(/To: <sip:bob@192\.0\.2\.1>;tag=b1\r\n/);
  });

  it('has no effect after a final response, and is answered all the same', () => {
    const world = new TransactionWorld();
    world.handleRequest(peerRequest());
    world.answer(200);
    world.handleRequest(cancel());
    expect(world.takeLog().at(-1)).toEqual([0, 'sent 200']);
  });

  it('of something unknown is 481, and makes nothing', () => {
    const world = new TransactionWorld();
    world.handleRequest(peerRequest());
    world.handleRequest(cancel('SIP/2.0/UDP 192.0.2.2:5060;branch=z9hG4bKwrong'));
    expect(world.takeLog().at(-1)).toEqual([0, 'sent 481']);
    expect(world.layer.size).toBe(1);
  });

  it('of an INVITE of RFC 2543 is found without a branch', () => {
    const world = new TransactionWorld();
    world.handleRequest(peerRequest({ via: 'SIP/2.0/UDP h' }));
    world.handleRequest(peerRequest({ method: 'CANCEL', via: 'SIP/2.0/UDP h' }));
    expect(world.takeLog().at(-1)).toEqual([0, 'cancel']);
  });
});

describe('bounds', () => {
  it('refuses with 503 and Retry-After beyond the limit, remembering nothing, and serves what it has', () => {
    const world = new TransactionWorld({ maxServerTransactions: 1 });
    const second: RequestParts = {
      method: 'OPTIONS',
      callId: 'call-2',
      via: 'SIP/2.0/UDP h;branch=z9hG4bK2',
    };
    world.handleRequest(peerRequest({ method: 'OPTIONS' }));
    world.handleRequest(peerRequest(second));
    expect(world.takeLog().at(-1)).toEqual([0, 'sent 503']);
    expect(Buffer.from(world.bytesSent[0] ?? []).toString()).toContain('\r\nRetry-After: 32\r\n');
    expect(world.layer.counters.overloaded).toBe(1);
    world.answer(200);
    world.handleRequest(peerRequest({ method: 'OPTIONS' }));
    expect(world.takeLog().map(([, what]) => what)).toEqual(['sent 200', 'sent 200']);
    world.advanceTo(32_000);
    world.handleRequest(peerRequest(second));
    expect(world.takeLog()).toEqual([[32_000, 'request OPTIONS']]);
  });

  it('an ACK is never answered, whatever it belongs to', () => {
    const world = new TransactionWorld({ maxServerTransactions: 0 });
    world.handleRequest(peerRequest({ method: 'ACK' }));
    expect(world.takeLog()).toEqual([[0, 'ack']]);
  });

  it('close() forgets everything in silence', () => {
    const world = new TransactionWorld();
    world.handleRequest(peerRequest());
    world.send('OPTIONS');
    world.takeLog();
    world.layer.close();
    world.advanceTo(100_000);
    world.answer(200);
    expect(world.takeLog()).toEqual([]);
    expect(world.layer.size).toBe(0);
  });
});

describe('where responses go', () => {
  it('to the source of the request, whatever its Via says (RFC 3581 §4)', () => {
    const world = new TransactionWorld();
    world.handleRequest(
      peerRequest({ method: 'OPTIONS', via: 'SIP/2.0/UDP 224.0.1.75:9;branch=z9hG4bKx;rport' }),
    );
    const record = world.requests[0]?.record;
    expect(record?.destination.remote).toEqual({ address: '192.0.2.2', port: 5060 });
    if (record) world.respond(record, createResponse(peerRequest({ method: 'OPTIONS' }), 200));
    expect(world.takeLog().at(-1)).toEqual([0, 'sent 200']);
  });
});
