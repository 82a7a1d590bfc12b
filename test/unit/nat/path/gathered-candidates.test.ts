import { describe, expect, test } from 'vitest';
import type { TurnTransport } from '../../../../nat/index.ts';
import {
  type FoundCandidate,
  GatheredCandidates,
  hiddenEndpoint,
} from '../../../../nat/path/gathered-candidates.ts';

const HOME = { address: '10.0.0.2', port: 4000 };
const OUTSIDE = { address: '203.0.113.1', port: 5000 };
const HOST: FoundCandidate = {
  type: 'host',
  component: 1,
  endpoint: HOME,
  base: 1,
  baseAddress: HOME.address,
  rank: 0,
};
const SERVER = { address: '192.0.2.1', transport: 'udp' } as const;
const REFLEXIVE: FoundCandidate = {
  ...HOST,
  type: 'serverReflexive',
  endpoint: OUTSIDE,
  server: SERVER,
  related: HOME,
};

function relayed(transport: TurnTransport, base: number): FoundCandidate {
  const endpoint = { address: '192.0.2.1', port: 50_000 + base };
  return { ...HOST, type: 'relayed', endpoint, base, server: { ...SERVER, transport } };
}

describe('GatheredCandidates', () => {
  test('ranks by type, then by address, then by component (RFC 8445 §5.1.2)', () => {
    const candidates = new GatheredCandidates();
    const found = [
      HOST,
      { ...HOST, base: 2, component: 2 as const, endpoint: { ...HOME, port: 4001 } },
      { ...HOST, base: 3, rank: 1, endpoint: { ...HOME, address: '10.0.0.3' } },
      REFLEXIVE,
      relayed('udp', 4),
      relayed('tcp', 5),
      relayed('tls', 6),
    ];
    const priorities = found.map((one) => candidates.add(one)?.candidate.priority ?? 0);
    expect(priorities).toEqual(priorities.toSorted((a, b) => b - a));
    expect(new Set(priorities).size).toBe(found.length);
    // RFC 8445 §5.1.2.1: 2^24 · 126 + 2^8 · 65535 + 255.
    expect(priorities[0]).toBe(2_130_706_431);
    expect(Math.min(...priorities)).toBeGreaterThan(0);
  });

  test('gives one foundation to what has type, base address, server and transport in common (RFC 8445 §5.1.1.3)', () => {
    const candidates = new GatheredCandidates();
    const foundationOf = (found: FoundCandidate) => candidates.add(found)?.candidate.foundation;
    const first = foundationOf(HOST);
    expect(foundationOf({ ...HOST, base: 2, component: 2, endpoint: { ...HOME, port: 4001 } })).toBe(first);
    expect(foundationOf(REFLEXIVE)).not.toBe(first);
    expect(foundationOf(relayed('udp', 3))).not.toBe(foundationOf(relayed('tcp', 4)));
  });

  test('takes nothing twice from one base (RFC 8445 §5.1.3)', () => {
    const candidates = new GatheredCandidates();
    candidates.add(HOST);
    expect(candidates.add({ ...REFLEXIVE, endpoint: HOME })).toBeUndefined();
    candidates.add(REFLEXIVE);
    expect(candidates.add({ ...REFLEXIVE, server: { ...SERVER, address: '192.0.2.2' } })).toBeUndefined();
    expect(candidates.all).toHaveLength(2);
  });

  test('puts what a server says now in the place of what it said before', () => {
    const candidates = new GatheredCandidates();
    candidates.add(REFLEXIVE);
    candidates.add({ ...REFLEXIVE, endpoint: { ...OUTSIDE, port: 5001 } });
    expect(candidates.all.map(({ endpoint }) => endpoint.port)).toEqual([5001]);
  });

  test('is best reached relayed, then reflexive, then at home (RFC 8445 §5.1.4)', () => {
    const candidates = new GatheredCandidates();
    expect(candidates.mostReachable(1)).toBeUndefined();
    for (const [found, type] of [
      [HOST, 'host'],
      [REFLEXIVE, 'serverReflexive'],
      [relayed('tls', 2), 'relayed'],
    ] as const) {
      candidates.add(found);
      expect(candidates.mostReachable(1)?.candidate.type).toBe(type);
    }
    expect(candidates.mostReachable(2)).toBeUndefined();
    candidates.removeBase(2);
    expect(candidates.mostReachable(1)?.candidate.type).toBe('serverReflexive');
  });

  test('hides an address behind the discard port (RFC 8839 §5.1)', () => {
    expect(hiddenEndpoint(HOME)).toEqual({ address: '0.0.0.0', port: 9 });
    expect(hiddenEndpoint({ address: '2001:db8::1', port: 1 })).toEqual({ address: '::', port: 9 });
  });
});
