import { describe, expect, test } from 'vitest';
import { choosePair } from '../../../../nat/ice/nomination.ts';
import { pairOf } from './samples.ts';

const VALID = {
  isValid: true,
  isTrusted: true,
  validSince: 1_000,
  roundTripMs: 40,
  state: 'succeeded',
} as const;
const tried = (firstCheckedAt: number) => ({ firstCheckedAt, state: 'inProgress' }) as const;

const hosts = () => pairOf(['host', 'host'], { ...VALID, localType: 'host' });
const direct = () => pairOf(['host', 'serverReflexive'], { ...VALID, localType: 'serverReflexive' });
const relayed = () => pairOf(['relayed', 'relayed'], VALID);

describe('choosePair()', () => {
  test('has nothing to choose where nothing works', () => {
    expect(choosePair(1_000, [pairOf(['host', 'host'], tried(900))], undefined)).toEqual({ type: 'none' });
  });

  test('takes two hosts at once, whatever else might work', () => {
    const [rival, pair] = [pairOf(['host', 'host'], tried(990)), hosts()];
    expect(choosePair(1_000, [rival, pair], undefined)).toEqual({ type: 'nominate', pair });
  });

  test('takes what has no rival at once', () => {
    const [failed, pair] = [pairOf(['host', 'host'], { state: 'failed' }), relayed()];
    expect(choosePair(1_000, [failed, pair], undefined)).toEqual({ type: 'nominate', pair });
  });

  test.each([
    { name: 'a reflexive address: 20 ms and a round trip', pair: direct, untilAt: 1_040 },
    { name: 'a relay: 600 ms and a round trip', pair: relayed, untilAt: 1_620 },
  ])('gives better pairs a chance before $name', ({ pair, untilAt }) => {
    const [rival, best] = [pairOf(['host', 'host'], tried(980)), pair()];
    expect(choosePair(1_000, [rival, best], undefined)).toEqual({ type: 'wait', untilAt });
    expect(choosePair(untilAt, [rival, best], undefined)).toEqual({ type: 'nominate', pair: best });
  });

  test.each([
    { name: 'with a direct pair, no longer than 200 ms', pair: direct, untilAt: 1_200 },
    { name: 'with a relay, no longer than a second', pair: relayed, untilAt: 2_000 },
  ])('waits for what was not even tried: $name', ({ pair, untilAt }) => {
    const [rival, best] = [pairOf(['host', 'host']), pair()];
    expect(choosePair(1_000, [rival, best], undefined)).toEqual({ type: 'wait', untilAt });
  });

  test('moves to a better pair, and not to a worse one', () => {
    const [better, worse] = [hosts(), relayed()];
    expect(choosePair(9_000, [better, worse], worse)).toEqual({ type: 'nominate', pair: better });
    expect(choosePair(9_000, [better, worse], better)).toEqual({ type: 'none' });
  });

  test.each([
    { name: 'between hosts', pair: hosts },
    { name: 'through NATs', pair: direct },
  ])('keeps to a pair $name where a better one of the kind answers later', ({ pair }) => {
    const [better, current] = [pair(), pair()];
    better.priority = current.priority + 1n;
    expect(choosePair(9_000, [better, current], current)).toEqual({ type: 'none' });
    current.distrust();
    expect(choosePair(9_000, [better, current], current)).toEqual({ type: 'nominate', pair: better });
  });

  test('moves to a better relay', () => {
    const [better, current] = [relayed(), relayed()];
    better.priority = current.priority + 1n;
    expect(choosePair(9_000, [better, current], current)).toEqual({ type: 'nominate', pair: better });
  });

  test('does not go back to a pair that died', () => {
    const [died, current] = [hosts(), relayed()];
    died.distrust();
    expect(choosePair(9_000, [died, current], current)).toEqual({ type: 'none' });
    for (const at of [9_000, 18_000]) died.handleSuccess(at);
    expect(choosePair(18_000, [died, current], current)).toEqual({ type: 'none' });
    died.handleSuccess(19_000);
    expect(choosePair(19_000, [died, current], current)).toEqual({ type: 'nominate', pair: died });
  });
});
