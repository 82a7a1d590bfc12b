import { describe, expect, it } from 'vitest';
import { createResponse } from '../../../../signaling/message/index.ts';
import { flowOver, peerRequest, TransactionWorld } from './transaction-world.ts';

const invite = () => peerRequest();
const ack = () => peerRequest({ method: 'ACK', to: '<sip:bob@192.0.2.1>;tag=b1' });
const options = () => peerRequest({ method: 'OPTIONS' });

describe('INVITE server over UDP', () => {
  it('sends 100 by itself after 200 ms, and again for each retransmission (RFC 3261 §17.2.1)', () => {
    const world = new TransactionWorld();
    world.handleRequest(invite());
    world.advanceTo(199);
    world.handleRequest(invite());
    world.advanceTo(500);
    world.handleRequest(invite());
    expect(world.takeLog()).toEqual([
      [0, 'request INVITE'],
      [200, 'sent 100'],
      [500, 'sent 100'],
    ]);
    expect(world.layer.counters.retransmitted).toBe(2);
  });

  it('sends no 100 where the TU was faster, and repeats the TU’s own provisional (RFC 3261 §17.2.1)', () => {
    const world = new TransactionWorld();
    world.handleRequest(invite());
    world.answer(180);
    world.advanceTo(500);
    world.handleRequest(invite());
    expect(world.takeLog()).toEqual([
      [0, 'request INVITE'],
      [0, 'sent 180'],
      [500, 'sent 180'],
    ]);
  });

  it('timer G repeats a failure, doubling up to T2, until timer H gives up (RFC 3261 §17.2.1)', () => {
    const world = new TransactionWorld();
    world.handleRequest(invite());
    world.answer(486);
    world.advanceTo(100_000);
    const at = [0, 500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500];
    expect(world.takeLog()).toEqual([
      [0, 'request INVITE'],
      ...at.map((atMs) => [atMs, 'sent 486']),
      [32_000, 'failure timeout'],
    ]);
    expect(world.layer.size).toBe(0);
    expect(world.layer.nextTimeoutAt()).toBeUndefined();
  });

  it('ACK stops timer G; timer I absorbs what still comes for T4 (RFC 3261 §17.2.1)', () => {
    const world = new TransactionWorld();
    world.handleRequest(invite());
    world.answer(486);
    world.advanceTo(600);
    world.handleRequest(ack());
    world.handleRequest(ack());
    world.handleRequest(invite());
    world.advanceTo(5599);
    expect(world.layer.size).toBe(1);
    world.advanceTo(5600);
    expect(world.layer.size).toBe(0);
    expect(world.takeLog()).toEqual([
      [0, 'request INVITE'],
      [0, 'sent 486'],
      [500, 'sent 486'],
    ]);
  });

  it('after 2xx absorbs INVITE, lets the TU repeat the 2xx, passes ACK, and ends with timer L (RFC 6026 §7.1)', () => {
    const world = new TransactionWorld();
    world.handleRequest(invite());
    world.answer(200);
    world.advanceTo(500);
    world.handleRequest(invite());
    world.answer(200);
    world.handleRequest(ack());
    world.advanceTo(31_999);
    expect(world.layer.size).toBe(1);
    world.advanceTo(32_000);
    expect(world.layer.size).toBe(0);
    expect(world.takeLog()).toEqual([
      [0, 'request INVITE'],
      [0, 'sent 200'],
      [500, 'sent 200'],
      [500, 'ack'],
    ]);
  });

  it('passes the ACK to a 2xx on where it has a branch of its own, as it must', () => {
    const world = new TransactionWorld();
    world.handleRequest(invite());
    world.answer(200);
    const via = 'SIP/2.0/UDP 192.0.2.2:5060;branch=z9hG4bKother';
    world.handleRequest(peerRequest({ method: 'ACK', to: '<sip:bob@192.0.2.1>;tag=b1', via }));
    expect(world.takeLog().at(-1)).toEqual([0, 'ack']);
  });

  it('ignores a second final response', () => {
    const world = new TransactionWorld();
    world.handleRequest(invite());
    world.answer(486);
    world.answer(200);
    world.answer(180);
    expect(world.takeLog()).toEqual([
      [0, 'request INVITE'],
      [0, 'sent 486'],
    ]);
  });

  it('tells the TU where no response can be sent (RFC 3261 §17.2.4)', () => {
    const world = new TransactionWorld();
    world.handleRequest(invite());
    world.isBroken = true;
    world.answer(486);
    expect(world.takeLog().at(-1)).toEqual([0, 'failure transport']);
    expect(world.layer.size).toBe(0);
  });
});

describe('INVITE server over TCP', () => {
  const tcp = flowOver('tcp');
  const over = (method: string, to?: string) =>
    peerRequest({ method, via: 'SIP/2.0/TCP 192.0.2.2:5060;branch=z9hG4bKpeer1', ...(to ? { to } : {}) });

  it('sends a failure once, and timer H still runs (RFC 3261 §17.2.1)', () => {
    const world = new TransactionWorld();
    world.handleRequest(over('INVITE'), tcp);
    world.answer(486);
    world.advanceTo(100_000);
    expect(world.takeLog().slice(1)).toEqual([
      [0, 'sent 486'],
      [32_000, 'failure timeout'],
    ]);
  });

  it('timer I is zero (RFC 3261 §17.2.1)', () => {
    const world = new TransactionWorld();
    world.handleRequest(over('INVITE'), tcp);
    world.answer(486);
    world.handleRequest(over('ACK', '<sip:bob@192.0.2.1>;tag=b1'), tcp);
    expect(world.layer.size).toBe(0);
  });
});

describe('non-INVITE server over UDP', () => {
  it('absorbs retransmissions until the TU answers, then repeats the answer until timer J (RFC 3261 §17.2.2)', () => {
    const world = new TransactionWorld();
    world.handleRequest(options());
    world.handleRequest(options());
    world.advanceTo(100);
    world.answer(200);
    world.advanceTo(32_099);
    world.handleRequest(options());
    world.advanceTo(32_100);
    expect(world.layer.size).toBe(0);
    world.handleRequest(options());
    expect(world.takeLog()).toEqual([
      [0, 'request OPTIONS'],
      [100, 'sent 200'],
      [32_099, 'sent 200'],
      [32_100, 'request OPTIONS'],
    ]);
  });

  it('repeats exactly the bytes that it sent first', () => {
    const world = new TransactionWorld();
    world.handleRequest(options());
    world.answer(200);
    world.handleRequest(options());
    expect(Buffer.from(world.bytesSent[1] ?? [])).toEqual(Buffer.from(world.bytesSent[0] ?? []));
  });

  it('remembers nothing of the request once it is answered', () => {
    const world = new TransactionWorld();
    world.handleRequest(options());
    world.answer(200);
    const record = world.requests[0]?.record;
    expect(record?.request).toBeUndefined();
    expect(record?.user).toBeUndefined();
  });

  it('ends in silence where the TU does not answer in the time that anybody listens (RFC 4320 §4.2)', () => {
    const world = new TransactionWorld();
    world.handleRequest(options());
    world.advanceTo(32_000);
    world.answer(200);
    expect(world.takeLog()).toEqual([[0, 'request OPTIONS']]);
    expect(world.layer.size).toBe(0);
  });

  it('repeats a provisional response (RFC 3261 §17.2.2)', () => {
    const world = new TransactionWorld();
    world.handleRequest(options());
    world.answer(183);
    world.handleRequest(options());
    expect(world.takeLog().slice(1)).toEqual([
      [0, 'sent 183'],
      [0, 'sent 183'],
    ]);
  });

  it('an answer that is forgotten at once leaves nothing behind (RFC 3261 §8.2.7)', () => {
    const world = new TransactionWorld();
    for (const _ of [1, 2]) {
      world.handleRequest(options());
      const last = world.requests.at(-1);
      if (last) world.layer.respondAndForget(last.record, createResponse(last.request, 401));
      world.drain();
      expect(world.layer.size).toBe(0);
      expect(last?.record.isFinished).toBe(true);
    }
    world.answer(200);
    expect(world.takeLog().map(([, what]) => what)).toEqual([
      'request OPTIONS',
      'sent 401',
      'request OPTIONS',
      'sent 401',
    ]);
    expect(world.layer.nextTimeoutAt()).toBeUndefined();
  });
});

describe('non-INVITE server over TCP', () => {
  it('timer J is zero (RFC 3261 §17.2.2)', () => {
    const world = new TransactionWorld();
    world.handleRequest(options(), flowOver('tcp'));
    world.answer(200);
    expect(world.layer.size).toBe(0);
  });
});
