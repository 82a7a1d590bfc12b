import { describe, expect, it } from 'vitest';
import { type Entry, flowOver, TransactionWorld } from './transaction-world.ts';

const sent = (what: string, ...at: number[]): Entry[] => at.map((atMs) => [atMs, `sent ${what}`]);

describe('INVITE client over UDP', () => {
  it('timer A doubles until timer B ends the transaction after 64*T1 (RFC 3261 §17.1.1.2)', () => {
    const world = new TransactionWorld();
    world.send('INVITE');
    world.advanceTo(100_000);
    expect(world.takeLog()).toEqual([
      ...sent('INVITE', 0, 500, 1500, 3500, 7500, 15_500, 31_500),
      [32_000, 'failure timeout'],
    ]);
    expect(world.layer.size).toBe(0);
    expect(world.layer.nextTimeoutAt()).toBeUndefined();
  });

  it('a provisional response stops retransmission, and nothing times out any more (RFC 3261 §17.1.1.2)', () => {
    const world = new TransactionWorld();
    const record = world.send('INVITE');
    world.advanceTo(600);
    world.handleResponse(record, 180);
    world.advanceTo(1_000_000);
    expect(world.takeLog()).toEqual([...sent('INVITE', 0, 500), [600, 'response 180']]);
    expect(world.layer.size).toBe(1);
  });

  it('acknowledges a failure and each of its retransmissions until timer D (RFC 3261 §17.1.1.3)', () => {
    const world = new TransactionWorld();
    const record = world.send('INVITE');
    world.handleResponse(record, 486);
    world.advanceTo(31_999);
    world.handleResponse(record, 486);
    world.advanceTo(32_000);
    world.handleResponse(record, 486);
    expect(world.takeLog()).toEqual([
      [0, 'sent INVITE'],
      [0, 'sent ACK'],
      [0, 'response 486'],
      [31_999, 'sent ACK'],
    ]);
    expect(world.layer.size).toBe(0);
    expect(world.layer.counters.unmatched).toBe(1);
  });

  it('the ACK has the Via, Route, Call-ID, From and CSeq number of the INVITE and the To of the response (RFC 3261 §17.1.1.3)', () => {
    const world = new TransactionWorld();
    world.handleResponse(world.send('INVITE'), 404, 'far');
    const ack = Buffer.from(world.bytesSent[1] ?? []).toString();
    expect(ack.split('\r\n')).toEqual([
      'ACK sip:bob@192.0.2.1 SIP/2.0',
      'Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKours0',
      'Route: <sip:192.0.2.9;lr>',
      'Max-Forwards: 70',
      'From: <sip:bob@192.0.2.1>;tag=b1',
      'To: <sip:alice@192.0.2.2>;tag=far',
      'Call-ID: ours',
      'CSeq: 9 ACK',
      'Content-Length: 0',
      '',
      '',
    ]);
  });

  it('passes on every 2xx until timer M (RFC 6026 §7.2), and one that comes later as a stray', () => {
    const world = new TransactionWorld();
    const record = world.send('INVITE');
    world.handleResponse(record, 200, 'fork1');
    world.handleResponse(record, 200, 'fork2');
    world.advanceTo(31_999);
    world.handleResponse(record, 200, 'fork1');
    world.advanceTo(32_000);
    world.handleResponse(record, 200, 'fork1');
    expect(world.takeLog().slice(1)).toEqual([
      [0, 'response 200'],
      [0, 'response 200'],
      [31_999, 'response 200'],
      [32_000, 'stray2xx'],
    ]);
    expect(world.layer.size).toBe(0);
  });

  it('ignores provisional and failure responses after a 2xx (RFC 6026 §7.2)', () => {
    const world = new TransactionWorld();
    const record = world.send('INVITE');
    world.handleResponse(record, 200);
    world.handleResponse(record, 180);
    world.handleResponse(record, 486);
    expect(world.takeLog().slice(1)).toEqual([[0, 'response 200']]);
  });

  it('reports that nothing can be sent, once (RFC 3261 §17.1.4)', () => {
    const world = new TransactionWorld();
    world.isBroken = true;
    world.send('INVITE');
    world.advanceTo(100_000);
    expect(world.takeLog()).toEqual([
      [0, 'sent INVITE'],
      [0, 'failure transport'],
    ]);
    expect(world.layer.size).toBe(0);
  });
});

describe('INVITE client over TCP', () => {
  it('never retransmits, and timer B still runs (RFC 3261 §17.1.1.2)', () => {
    const world = new TransactionWorld();
    world.send('INVITE', flowOver('tcp'));
    world.advanceTo(100_000);
    expect(world.takeLog()).toEqual([
      [0, 'sent INVITE'],
      [32_000, 'failure timeout'],
    ]);
  });

  it('timer D is zero (RFC 3261 §17.1.1.2)', () => {
    const world = new TransactionWorld();
    world.handleResponse(world.send('INVITE', flowOver('tcp')), 486);
    expect(world.layer.size).toBe(0);
  });

  it('fails when its connection is lost, and no other does', () => {
    const world = new TransactionWorld();
    world.send('INVITE', flowOver('tcp'));
    world.now = 1;
    world.send('OPTIONS', { ...flowOver('tcp'), connectionId: 8 });
    world.layer.handleConnectionLost(1, 7);
    world.drain();
    expect(world.takeLog().slice(2)).toEqual([[1, 'failure transport']]);
    expect(world.layer.size).toBe(1);
  });
});

describe('non-INVITE client over UDP', () => {
  it('timer E doubles up to T2 until timer F ends the transaction (RFC 3261 §17.1.2.2)', () => {
    const world = new TransactionWorld();
    world.send('OPTIONS');
    world.advanceTo(100_000);
    const at = [0, 500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500];
    expect(world.takeLog()).toEqual([...sent('OPTIONS', ...at), [32_000, 'failure timeout']]);
    expect(world.layer.size).toBe(0);
  });

  it('after a provisional response timer E runs at T2, and timer F goes on (RFC 3261 §17.1.2.2)', () => {
    const world = new TransactionWorld();
    const record = world.send('OPTIONS');
    world.advanceTo(100);
    world.handleResponse(record, 183);
    world.advanceTo(100_000);
    const later = [500, 4500, 8500, 12_500, 16_500, 20_500, 24_500, 28_500];
    expect(world.takeLog()).toEqual([
      [0, 'sent OPTIONS'],
      [100, 'response 183'],
      ...sent('OPTIONS', ...later),
      [32_000, 'failure timeout'],
    ]);
  });

  it('takes one final response, and absorbs others until timer K (RFC 3261 §17.1.2.2)', () => {
    const world = new TransactionWorld();
    const record = world.send('OPTIONS');
    world.handleResponse(record, 200);
    world.handleResponse(record, 200);
    world.advanceTo(4999);
    expect(world.layer.size).toBe(1);
    world.advanceTo(5000);
    expect(world.layer.size).toBe(0);
    expect(world.takeLog()).toEqual([
      [0, 'sent OPTIONS'],
      [0, 'response 200'],
    ]);
  });

  it('timer K is zero over TCP (RFC 3261 §17.1.2.2)', () => {
    const world = new TransactionWorld();
    world.handleResponse(world.send('OPTIONS', flowOver('tcp')), 200);
    expect(world.layer.size).toBe(0);
  });
});

describe('matching of responses (RFC 3261 §17.1.3)', () => {
  it('the branch alone is not enough: the method of CSeq counts', () => {
    const world = new TransactionWorld();
    const record = world.send('INVITE');
    world.handleResponse(record, 200, 'p1', 'CANCEL');
    expect(world.takeLog()).toEqual([[0, 'sent INVITE']]);
    expect(world.layer.counters.unmatched).toBe(1);
  });
});

describe('CANCEL (RFC 3261 §9.1)', () => {
  it('waits for a provisional response, then goes with the branch of the INVITE', () => {
    const world = new TransactionWorld();
    const record = world.send('INVITE');
    world.layer.cancel(0, record, [['Reason', 'SIP;cause=200']]);
    world.drain();
    expect(world.takeLog()).toEqual([[0, 'sent INVITE']]);
    world.handleResponse(record, 100);
    expect(world.takeLog()).toEqual([
      [0, 'response 100'],
      [0, 'sent CANCEL'],
    ]);
    expect(Buffer.from(world.bytesSent[1] ?? []).toString()).toMatch(
      /^CANCEL sip:bob@192\.0\.2\.1 SIP\/2\.0\r\nVia: SIP\/2\.0\/UDP 192\.0\.2\.1:5060;branch=z9hG4bKours0\r\nRoute: <sip:192\.0\.2\.9;lr>\r\n.*To: <sip:alice@192\.0\.2\.2>\r\n.*CSeq: 9 CANCEL\r\nReason: SIP;cause=200\r\n/s,
    );
  });

  it('is never sent when the final response comes first', () => {
    const world = new TransactionWorld();
    const record = world.send('INVITE');
    world.layer.cancel(0, record);
    world.handleResponse(record, 200);
    world.layer.cancel(0, record);
    world.drain();
    expect(world.takeLog()).toEqual([
      [0, 'sent INVITE'],
      [0, 'response 200'],
    ]);
  });

  it('is sent once, however often it is asked for', () => {
    const world = new TransactionWorld();
    const record = world.send('INVITE');
    world.handleResponse(record, 180);
    world.layer.cancel(0, record);
    world.layer.cancel(0, record);
    world.handleResponse(record, 180);
    expect(world.takeLog().filter(([, what]) => what === 'sent CANCEL')).toHaveLength(1);
  });

  it('ends the INVITE after 64*T1 without a final response', () => {
    const world = new TransactionWorld();
    const record = world.send('INVITE');
    world.handleResponse(record, 180);
    world.advanceTo(1000);
    world.layer.cancel(1000, record);
    world.drain();
    world.handleResponse(record, 200, 'p1', 'CANCEL');
    world.takeLog();
    world.advanceTo(33_000);
    expect(world.takeLog()).toEqual([[33_000, 'failure timeout']]);
    expect(world.layer.size).toBe(0);
  });

  it('is refused for other methods', () => {
    const world = new TransactionWorld();
    const record = world.send('OPTIONS');
    world.handleResponse(record, 183);
    world.layer.cancel(0, record);
    world.drain();
    expect(world.takeLog().filter(([, what]) => what === 'sent CANCEL')).toEqual([]);
  });
});
