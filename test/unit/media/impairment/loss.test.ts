import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../../../core/index.ts';
import {
  anyLoss,
  burstLoss,
  dropEvery,
  dropNth,
  dropText,
  dropWhere,
  type LossModel,
  noLoss,
  type Packet,
  patternLoss,
  randomLoss,
  totalLoss,
} from '../../../../media/impairment/index.ts';

function packetOf(text: string): Packet {
  const endpoint = { address: '192.0.2.1', port: 5060 };
  return {
    protocol: 'udp',
    source: endpoint,
    destination: endpoint,
    bytes: new TextEncoder().encode(text),
  };
}

/** Runs packets through a model. @returns one character each: `.` passed, `x` lost */
function pattern(model: LossModel, count: number, seed = 1): string {
  const isLost = model.start(new SeededRandom(seed));
  return Array.from({ length: count }, () => (isLost(packetOf('x')) ? 'x' : '.')).join('');
}

test.each([
  { name: 'noLoss', model: noLoss, expected: '......' },
  { name: 'totalLoss', model: totalLoss, expected: 'xxxxxx' },
  { name: 'dropNth', model: dropNth(1, 4), expected: 'x..x..' },
  { name: 'dropEvery', model: dropEvery(3), expected: '..x..x' },
  { name: 'randomLoss(0)', model: randomLoss(0), expected: '......' },
  { name: 'randomLoss(1)', model: randomLoss(1), expected: 'xxxxxx' },
  { name: 'anyLoss', model: anyLoss(dropNth(1), dropEvery(3)), expected: 'x.x..x' },
  { name: 'patternLoss', model: patternLoss([false, true]), expected: '.x.x.x' },
  { name: 'dropWhere, twice', model: dropWhere(() => true, 2), expected: 'xx....' },
])('$name loses exactly $expected', ({ model, expected }) => {
  expect(pattern(model, 6)).toBe(expected);
});

describe('randomLoss()', () => {
  test('loses its ratio, in a pattern of its seed', () => {
    const first = pattern(randomLoss(0.3), 10_000);
    expect(first).toBe(pattern(randomLoss(0.3), 10_000));
    expect(first).not.toBe(pattern(randomLoss(0.3), 10_000, 2));
    expect(first.replaceAll('.', '').length / 10_000).toBeCloseTo(0.3, 1);
  });
});

describe('burstLoss() (Gilbert-Elliott)', () => {
  test('has the stationary ratio and the mean burst length of its parameters', () => {
    const bursts = pattern(burstLoss({ toBadRatio: 0.02, toGoodRatio: 0.2 }), 100_000).match(/x+/g) ?? [];
    const lost = bursts.join('').length;
    expect(lost / 100_000).toBeCloseTo(0.02 / 0.22, 1);
    expect(lost / bursts.length).toBeGreaterThan(4.5);
    expect(lost / bursts.length).toBeLessThan(5.5);
  });

  test('loses by the ratio of each state', () => {
    const model = burstLoss({ toBadRatio: 0.5, toGoodRatio: 0.5, goodLossRatio: 0, badLossRatio: 0 });
    expect(pattern(model, 100)).toBe('.'.repeat(100));
  });
});

describe('dropText()', () => {
  test('loses the first matching packets alone', () => {
    const isLost = dropText(/^ACK /, 1).start(new SeededRandom(1));
    const fates = ['INVITE sip:a', 'ACK sip:a', 'ACK sip:a'].map((text) => isLost(packetOf(text)));
    expect(fates).toEqual([false, true, false]);
  });

  test('a model gives each direction a state of its own', () => {
    const model = dropText(/ACK/, 1);
    const [there, back] = [model.start(new SeededRandom(1)), model.start(new SeededRandom(1))];
    expect([there(packetOf('ACK')), back(packetOf('ACK'))]).toEqual([true, true]);
  });
});
