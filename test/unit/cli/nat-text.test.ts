import { describe, expect, test } from 'vitest';
import { natJson, natLines } from '../../../cli/nat-text.ts';
import type { BehaviourReport } from '../../../nat/index.ts';
import { reportOf } from '../nat/behaviour/reports.ts';

const textOf = (changes: Partial<BehaviourReport> = {}) =>
  natLines(reportOf(changes), (text) => text).join('\n');

test('a home behind a router: RFC 4787’s words, plain ones, and who can be called directly', () => {
  expect(textOf({ lifetime: { aliveMs: 30_000, goneMs: 33_000 }, doubts: {} })).toBe(
    [
      '  local address      192.168.1.2:40123',
      '  mapped address     203.0.113.9:51234           there is a NAT',
      '  mapping            endpoint-independent        everybody sees us at the same address and port',
      '  filtering          address-and-port-dependent  only the very port gets in that we have sent to',
      '  hairpinning        no                          two phones in here need their inside addresses',
      '  port preservation  yes                         our port is the same outside',
      '  lifetime           30 s to 33 s                a keep-alive is due every 24 s',
      '',
      'A call is direct or needs a relay (TURN), by what the far end is behind:',
      '  direct             no NAT and no firewall',
      '  direct             endpoint-independent mapping, address-dependent filtering',
      '  direct             endpoint-independent mapping, address-and-port-dependent filtering (most routers at home)',
      '  relay              address-and-port-dependent mapping (mobile networks, strict firewalls)',
    ].join('\n'),
  );
});

describe('what is not known is said to be', () => {
  test('with its reason', () => {
    const text = textOf({
      ...{ mapping: null, isMappingStable: null, filtering: null, isFilteredByPort: null, hairpinning: null },
      doubts: { mapping: 'one-address', filtering: 'server-unable', hairpinning: 'mapping-varies' },
    });
    expect(text).toMatch(/mapping +not known +the server has one address; name a second server/);
    expect(text).toMatch(/filtering +not known +the server does not answer from its other address/);
    expect(text).toMatch(/hairpinning +not known +cannot be told/);
    expect(text).toMatch(/not known +endpoint-independent mapping, address-and-port-dependent/);
  });

  test('but what does not apply', () => {
    const text = textOf({ lifetime: null, hairpinning: null, doubts: { hairpinning: 'no-nat' } });
    expect(text).toMatch(/hairpinning +does not apply +there is no NAT/);
  });

  test.each([
    {
      isMappingStable: false,
      doubt: 'one-port' as const,
      line: /mapping +varies +address-dependent or address-and-port-dependent: no server answered at two ports/,
    },
    {
      isMappingStable: true,
      doubt: 'one-address' as const,
      line: /mapping +the same so far +endpoint-independent or address-dependent: to tell which takes a server with two/,
    },
  ])('and half an answer is given: stable is $isMappingStable', ({ isMappingStable, doubt, line }) => {
    expect(textOf({ mapping: null, isMappingStable, doubts: { mapping: doubt } })).toMatch(line);
  });

  test('of a filter, what ports alone can tell', () => {
    const report = {
      filtering: null,
      isFilteredByPort: false,
      doubts: { filtering: 'one-address' },
    } as const;
    expect(textOf(report)).toMatch(
      /filtering +other ports get in +endpoint-independent or address-dependent: to tell which takes/,
    );
  });

  test('a lifetime that was longer than the measurement', () => {
    const lifetime = { aliveMs: 600_000, goneMs: null };
    expect(textOf({ lifetime })).toMatch(/lifetime +more than 600 s +a keep-alive is due every 480 s/);
  });
});

test('as JSON: the report, and the path to each kind of peer', () => {
  const parsed: unknown = JSON.parse(natJson(reportOf()));
  expect(parsed).toMatchObject({
    mapping: 'endpoint-independent',
    lifetime: null,
    doubts: { lifetime: 'not-measured' },
    peers: [{ path: 'direct' }, { path: 'direct' }, { path: 'direct' }, { path: 'relay' }],
  });
});

test('JSON has no more digits than mean something', () => {
  expect(natJson(reportOf({ roundTripMs: 1.234567891 }))).toContain('"roundTripMs":1.235');
});
