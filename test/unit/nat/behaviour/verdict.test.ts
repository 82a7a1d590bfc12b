import { describe, expect, test } from 'vitest';
import { filteringOf, mappingOf } from '../../../../nat/index.ts';

/** Four endpoints of two addresses, and one of a third. */
const A1 = { address: '198.51.100.1', port: 3478 };
const A2 = { address: '198.51.100.1', port: 3479 };
const B1 = { address: '198.51.100.2', port: 3478 };
const B2 = { address: '198.51.100.2', port: 3479 };
const C3 = { address: '198.51.100.3', port: 5349 };

const mapped = (port: number, address = '203.0.113.9') => ({ address, port });

describe('mappingOf() (RFC 5780 §4.3)', () => {
  const independent = { mapping: 'endpoint-independent', isStable: true };
  const byAddress = { mapping: 'address-dependent', isStable: false };
  const byPort = { mapping: 'address-and-port-dependent', isStable: false };
  test.each([
    { name: 'nothing', sights: [], expected: { mapping: null, isStable: null, doubt: 'no-answer' } },
    {
      name: 'one server',
      sights: [[A1, 1]],
      expected: { mapping: null, isStable: null, doubt: 'one-address' },
    },
    {
      name: 'all four the same',
      sights: [
        [A1, 1],
        [A2, 1],
        [B1, 1],
        [B2, 1],
      ],
      expected: independent,
    },
    {
      name: 'two addresses the same',
      sights: [
        [A1, 1],
        [B1, 1],
      ],
      expected: independent,
    },
    {
      name: 'two addresses and ports the same',
      sights: [
        [A1, 1],
        [C3, 1],
      ],
      expected: independent,
    },
    {
      name: 'by address',
      sights: [
        [A1, 1],
        [A2, 1],
        [B1, 2],
        [B2, 2],
      ],
      expected: byAddress,
    },
    {
      name: 'by address, one port known',
      sights: [
        [A1, 1],
        [B1, 2],
        [B2, 2],
      ],
      expected: byAddress,
    },
    {
      name: 'all four different',
      sights: [
        [A1, 1],
        [A2, 2],
        [B1, 3],
        [B2, 4],
      ],
      expected: byPort,
    },
    {
      name: 'by port alone',
      sights: [
        [A1, 1],
        [A2, 2],
        [B1, 1],
      ],
      expected: byPort,
    },
    {
      name: 'two addresses that differ, with one port each',
      sights: [
        [A1, 1],
        [C3, 2],
      ],
      expected: { mapping: null, isStable: false, doubt: 'one-port' },
    },
    {
      name: 'two ports the same, of one address',
      sights: [
        [A1, 1],
        [A2, 1],
      ],
      expected: { mapping: null, isStable: true, doubt: 'one-address' },
    },
  ] as const)('$name', ({ sights, expected }) => {
    expect(mappingOf(sights.map(([server, port]) => ({ server, mapped: mapped(port) })))).toEqual(expected);
  });

  test('another address is as different as another port', () => {
    const sights = [
      { server: A1, mapped: mapped(1) },
      { server: A2, mapped: mapped(1, '203.0.113.10') },
    ];
    expect(mappingOf(sights)).toEqual(byPort);
  });
});

describe('filteringOf() (RFC 5780 §4.4)', () => {
  test.each([
    { name: 'nobody tried', trials: [], filtering: null, isByPort: null, doubt: 'one-address' },
    {
      name: 'all heard',
      trials: [
        [B2, true],
        [A2, true],
      ],
      filtering: 'endpoint-independent',
      isByPort: false,
    },
    {
      name: 'another address heard',
      trials: [[B2, true]],
      filtering: 'endpoint-independent',
      isByPort: false,
    },
    {
      name: 'another address heard, another port lost',
      trials: [
        [B2, true],
        [A2, false],
      ],
      filtering: 'endpoint-independent',
      isByPort: false,
    },
    {
      name: 'another port alone heard',
      trials: [
        [B2, false],
        [A2, true],
      ],
      filtering: 'address-dependent',
      isByPort: false,
    },
    {
      name: 'none heard',
      trials: [
        [B2, false],
        [A2, false],
      ],
      filtering: 'address-and-port-dependent',
      isByPort: true,
    },
    {
      name: 'another port not heard',
      trials: [[A2, false]],
      filtering: 'address-and-port-dependent',
      isByPort: true,
    },
    {
      name: 'another port heard',
      trials: [[A2, true]],
      filtering: null,
      isByPort: false,
      doubt: 'one-address',
    },
    {
      name: 'another address not heard',
      trials: [[B2, false]],
      filtering: null,
      isByPort: null,
      doubt: 'one-port',
    },
    {
      name: 'the one that was asked says nothing',
      trials: [[A1, true]],
      filtering: null,
      isByPort: null,
      doubt: 'one-address',
    },
  ] as const)('$name', ({ trials, filtering, isByPort, ...rest }) => {
    const verdict = filteringOf(
      A1,
      trials.map(([origin, isHeard]) => ({ origin, isHeard })),
    );
    expect(verdict.filtering).toBe(filtering);
    expect(verdict.doubt).toBe('doubt' in rest ? rest.doubt : undefined);
    expect(verdict.isByPort).toBe(isByPort);
  });
});
