import { describe, expect, test } from 'vitest';
import { encodeHep, type HepPacket } from '../../../../server/hep/encode.ts';
import { decodeHep } from '../../../support/hep.ts';

const PACKET: HepPacket = {
  source: { address: '192.0.2.1', port: 5060 },
  destination: { address: '198.51.100.255', port: 65_535 },
  transport: 'udp',
  wallClock: 1_700_000_000_123.4568,
  protocol: 'sip',
  captureId: 0xffff_fffe,
  password: 'secret ü',
  correlationId: 'call@host',
  payload: Buffer.from('OPTIONS sip:x SIP/2.0\r\n\r\n'),
};

function decoded(values: Partial<HepPacket> = {}) {
  const bytes = encodeHep({ ...PACKET, ...values });
  if (!bytes) throw new Error('not encoded');
  return decodeHep(bytes);
}

describe('encodeHep()', () => {
  test('writes what a decoder of its own reads', () => {
    expect(decoded()).toEqual({
      family: 2,
      ipProtocol: 17,
      source: '192.0.2.1',
      destination: '198.51.100.255',
      sourcePort: 5060,
      destinationPort: 65_535,
      microseconds: 1_700_000_000_123_456n,
      protocol: 1,
      captureId: 0xffff_fffe,
      password: 'secret ü',
      correlationId: 'call@host',
      payload: 'OPTIONS sip:x SIP/2.0\r\n\r\n',
      types: [1, 3, 4, 2, 7, 8, 9, 10, 11, 12, 14, 17, 15],
    });
  });

  test.for([
    { name: 'TCP', values: { transport: 'tcp' }, expected: { ipProtocol: 6 } },
    { name: 'an RTP report', values: { protocol: 'rtpReport' }, expected: { protocol: 34 } },
    { name: 'a report of RFC 6035', values: { protocol: 'vqRtcpxr' }, expected: { protocol: 35 } },
    {
      name: 'IPv6',
      values: { source: { address: '2001:db8::1', port: 1 }, destination: { address: '::2', port: 2 } },
      expected: {
        family: 10,
        source: '2001:0db8:0000:0000:0000:0000:0000:0001',
        destination: '0000:0000:0000:0000:0000:0000:0000:0002',
      },
    },
    {
      name: 'both families, as IPv6',
      values: { destination: { address: '2001:db8::1', port: 2 } },
      expected: { family: 10, source: '0000:0000:0000:0000:0000:ffff:c000:0201' },
    },
    { name: 'no password', values: { password: undefined }, expected: { password: undefined } },
    { name: 'no call', values: { correlationId: undefined }, expected: { correlationId: undefined } },
    { name: 'nothing', values: { payload: new Uint8Array(0) }, expected: { payload: '' } },
    { name: 'a whole second', values: { wallClock: 5000 }, expected: { microseconds: 5_000_000n } },
    { name: 'the end of a second', values: { wallClock: 5999.9999 }, expected: { microseconds: 5_999_999n } },
  ] as const)('writes $name', ({ values, expected }) => {
    expect(decoded(values)).toMatchObject(expected);
  });

  test('gives nothing for what fits into no packet, or has no address', () => {
    expect(encodeHep({ ...PACKET, payload: new Uint8Array(65_507) })).toBeUndefined();
    expect(encodeHep({ ...PACKET, source: { address: 'host', port: 1 } })).toBeUndefined();
    const most = encodeHep({ ...PACKET, payload: new Uint8Array(65_000) });
    expect(most && decodeHep(most).payload).toHaveLength(65_000);
  });
});
