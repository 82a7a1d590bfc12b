import { describe, expect, test } from 'vitest';
import { candidatePriority, pairPriority, peerReflexivePriority } from '../../../../nat/ice/priority.ts';
import { candidateOf } from './samples.ts';

describe('candidatePriority() (RFC 8445 §5.1.2.1)', () => {
  test.each([
    { type: 'host', component: 1, expected: 2_130_706_431 },
    { type: 'host', component: 2, expected: 2_130_706_430 },
    { type: 'peerReflexive', component: 1, expected: 1_862_270_975 },
    { type: 'serverReflexive', component: 1, expected: 1_694_498_815 },
    { type: 'relayed', component: 1, expected: 16_777_215 },
  ] as const)('$type, component $component: $expected', ({ type, component, expected }) => {
    expect(candidatePriority(type, component)).toBe(expected);
  });

  test('a lower local preference counts less than the type, and more than the component', () => {
    expect(candidatePriority('host', 1, 0)).toBeGreaterThan(candidatePriority('serverReflexive', 1));
    expect(candidatePriority('host', 1, 7)).toBeLessThan(candidatePriority('host', 2, 8));
  });
});

describe('peerReflexivePriority()', () => {
  test('keeps the local preference of the base (RFC 8445 §7.1.1)', () => {
    const base = candidateOf('host', 1, { priority: candidatePriority('host', 2, 1234), component: 2 });
    expect(peerReflexivePriority(base)).toBe(candidatePriority('peerReflexive', 2, 1234));
  });

  test('a relay says that it is one', () => {
    expect(peerReflexivePriority(candidateOf('relayed', 1))).toBe(candidatePriority('relayed', 1));
  });
});

describe('pairPriority() (RFC 8445 §6.1.2.3)', () => {
  const [host, relayed] = [candidateOf('host', 1), candidateOf('relayed', 2)];

  test('is the same on both sides', () => {
    expect(pairPriority('controlling', host, relayed)).toBe(pairPriority('controlled', relayed, host));
    expect(pairPriority('controlled', host, relayed)).toBe(pairPriority('controlling', relayed, host));
  });

  test('is the formula of the standard', () => {
    expect(pairPriority('controlling', host, relayed)).toBe(
      2n ** 32n * 16_777_215n + 2n * 2_130_706_431n + 1n,
    );
    expect(pairPriority('controlled', host, relayed)).toBe(2n ** 32n * 16_777_215n + 2n * 2_130_706_431n);
  });
});
