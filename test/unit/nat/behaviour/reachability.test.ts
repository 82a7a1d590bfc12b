import { describe, expect, test } from 'vitest';
import { type BehaviourReport, canConnect, type NatKind, reachabilityOf } from '../../../../nat/index.ts';
import { isDirect } from '../../../scenario/nat/reachability.ts';
import { NAT_BEHAVIOURS } from '../../../support/index.ts';
import { reportOf } from './reports.ts';

const KINDS: readonly NatKind[] = NAT_BEHAVIOURS.flatMap((mapping) =>
  NAT_BEHAVIOURS.map((filtering) => ({ mapping, filtering })),
);
const OPEN: NatKind = { mapping: 'endpoint-independent', filtering: 'endpoint-independent' };
const HOME: NatKind = { mapping: 'endpoint-independent', filtering: 'address-and-port-dependent' };
const CARRIER: NatKind = {
  mapping: 'address-and-port-dependent',
  filtering: 'address-and-port-dependent',
};

test('canConnect() says of all 81 pairs what paths of ours do behind them in the virtual world', () => {
  const wrong = KINDS.flatMap((a) =>
    KINDS.filter((b) => canConnect(a, b) !== isDirect(a, b)).map((b) => ({ a, b })),
  );
  expect(wrong).toEqual([]);
});

describe('reachabilityOf()', () => {
  const half = { mapping: null, filtering: null, isMappingStable: null, isFilteredByPort: null };
  test.each<{ name: string; report: Partial<BehaviourReport>; peer: NatKind; expected: string }>([
    { name: 'two homes', report: HOME, peer: HOME, expected: 'direct' },
    { name: 'a home and a carrier', report: HOME, peer: CARRIER, expected: 'relay' },
    { name: 'a carrier and the open', report: CARRIER, peer: OPEN, expected: 'direct' },
    { name: 'two carriers', report: CARRIER, peer: CARRIER, expected: 'relay' },
    { name: 'nothing known, and the open', report: half, peer: OPEN, expected: 'direct' },
    { name: 'nothing known, and a home', report: half, peer: HOME, expected: 'unknown' },
    {
      name: 'a stable mapping alone, and a home',
      report: { ...half, isMappingStable: true },
      peer: { ...HOME, filtering: 'address-dependent' },
      expected: 'direct',
    },
    {
      name: 'a mapping that varies, and a home',
      report: { ...half, isMappingStable: false },
      peer: HOME,
      expected: 'relay',
    },
    {
      name: 'an unknown filter, and a carrier',
      report: { ...HOME, filtering: null, isFilteredByPort: null },
      peer: CARRIER,
      expected: 'unknown',
    },
    {
      name: 'a filter that lets other ports in, and a carrier',
      report: { ...HOME, filtering: null, isFilteredByPort: false },
      peer: CARRIER,
      expected: 'direct',
    },
    { name: 'no answer over UDP', report: { ...half, isBehindNat: null }, peer: OPEN, expected: 'relay' },
  ])('$name: $expected', ({ report, peer, expected }) => {
    expect(reachabilityOf(reportOf(report), peer)).toBe(expected);
  });
});
