import { describe, expect, it } from 'vitest';
import { formatVia, parseVia, type Via } from '../../../../signaling/message/index.ts';
import type { Flow } from '../../../../signaling/transport/index.ts';
import { responseDestination, viaWithSource } from '../../../../signaling/transport/via.ts';

const flow = (address: string, port: number, protocol: 'udp' | 'tcp' = 'udp'): Flow => ({
  protocol,
  local: { address: '0.0.0.0', port: 5060 },
  remote: { address, port },
  connectionId: protocol === 'tcp' ? 1 : undefined,
});

function via(text: string): Via {
  const parsed = parseVia(text);
  if ('code' in parsed) throw new Error(String(parsed));
  return parsed;
}

describe('viaWithSource()', () => {
  const cases = [
    {
      name: 'adds nothing where sent-by is the source (RFC 3261 §18.2.1)',
      input: 'SIP/2.0/UDP 192.0.2.2;branch=z9hG4bK1',
      expected: 'SIP/2.0/UDP 192.0.2.2;branch=z9hG4bK1',
    },
    {
      name: 'adds received where sent-by is another address (RFC 3261 §18.2.1)',
      input: 'SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bK1',
      expected: 'SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bK1;received=192.0.2.2',
    },
    {
      name: 'adds received where sent-by is a name (RFC 3261 §18.2.1)',
      input: 'SIP/2.0/UDP phone.example.com;branch=z9hG4bK1',
      expected: 'SIP/2.0/UDP phone.example.com;branch=z9hG4bK1;received=192.0.2.2',
    },
    {
      name: 'fills rport, and adds received even where it says nothing new (RFC 3581 §4)',
      input: 'SIP/2.0/UDP 192.0.2.2;rport;branch=z9hG4bK1',
      expected: 'SIP/2.0/UDP 192.0.2.2;rport=40000;branch=z9hG4bK1;received=192.0.2.2',
    },
    {
      name: 'does not believe values of the peer’s own',
      input: 'SIP/2.0/UDP 192.0.2.2;received=203.0.113.9;rport=9;branch=z9hG4bK1',
      expected: 'SIP/2.0/UDP 192.0.2.2;received=192.0.2.2;rport=40000;branch=z9hG4bK1',
    },
  ];
  it.each(cases)('$name', ({ input, expected }) => {
    expect(formatVia(viaWithSource(via(input), flow('192.0.2.2', 40_000)))).toBe(expected);
  });

  it('compares IPv6 with its brackets', () => {
    const own = via('SIP/2.0/UDP [2001:db8::2]:5060;branch=z9hG4bK1');
    expect(viaWithSource(own, flow('2001:db8::2', 5060))).toBe(own);
  });
});

describe('responseDestination()', () => {
  const cases = [
    { name: 'rport: to the source port (RFC 3581 §4)', input: '10.0.0.1:5070;rport', port: 40_000 },
    { name: 'no rport: to the port of sent-by (RFC 3261 §18.2.2)', input: '10.0.0.1:5070', port: 5070 },
    { name: 'no port in sent-by: to 5060 (RFC 3261 §18.2.2)', input: '10.0.0.1', port: 5060 },
    { name: 'port 0 in sent-by: to 5060', input: '10.0.0.1:0', port: 5060 },
    { name: 'multicast sent-by is not followed', input: '224.2.0.1', port: 5060 },
    { name: 'broadcast sent-by is not followed', input: '255.255.255.255', port: 5060 },
    { name: 'maddr is not followed', input: '10.0.0.1;maddr=224.2.0.1', port: 5060 },
    {
      name: 'received of the peer’s own is not followed',
      input: '10.0.0.1;received=203.0.113.9',
      port: 5060,
    },
  ];
  it.each(cases)('$name', ({ input, port }) => {
    const source = flow('192.0.2.2', 40_000);
    const destination = responseDestination(via(`SIP/2.0/UDP ${input};branch=z9hG4bK1`), source);
    expect(destination.remote).toEqual({ address: '192.0.2.2', port });
  });

  it('over a connection always goes back over it (RFC 3261 §18.2.2)', () => {
    const source = flow('192.0.2.2', 40_000, 'tcp');
    expect(responseDestination(via('SIP/2.0/TCP 10.0.0.1:5070;branch=z9hG4bK1'), source)).toBe(source);
  });
});
