import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../core/index.ts';
import { refreshDelayMs, retryDelayMs } from '../../../softphone/registration-timing.ts';

const draws = (make: () => number) => Array.from({ length: 500 }, make);

describe('refreshDelayMs()', () => {
  it.each([60, 300, 3600])('lies between half and 0.9 of %i s, spread over all of it', (expires) => {
    const random = new SeededRandom(1);
    const delays = draws(() => refreshDelayMs(expires, random) / 1000 / expires);
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(0.5);
    expect(Math.min(...delays)).toBeLessThan(0.52);
    expect(Math.max(...delays)).toBeLessThan(0.9);
    expect(Math.max(...delays)).toBeGreaterThan(0.88);
  });
});

describe('retryDelayMs() (RFC 5626 §4.5)', () => {
  it.each([
    { failures: 1, upperSeconds: 60 },
    { failures: 2, upperSeconds: 120 },
    { failures: 5, upperSeconds: 960 },
    { failures: 6, upperSeconds: 1800 },
    { failures: 1_000_000, upperSeconds: 1800 },
  ])('after $failures failures waits 50 to 100 % of $upperSeconds s', ({ failures, upperSeconds }) => {
    const random = new SeededRandom(2);
    const delays = draws(() => retryDelayMs(failures, random) / 1000);
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(upperSeconds / 2);
    expect(Math.max(...delays)).toBeLessThanOrEqual(upperSeconds);
    expect(Math.max(...delays) - Math.min(...delays)).toBeGreaterThan(upperSeconds * 0.45);
  });

  it('is never earlier than the registrar asked for', () => {
    expect(retryDelayMs(1, new SeededRandom(3), 500)).toBe(500_000);
  });
});
