import { describe, expect, test } from 'vitest';
import { openParties } from './agents.ts';
import { candidateOf } from './samples.ts';

const other = (last: number) => candidateOf('host', last, { foundation: `f${last}` });

/** Checks of an agent to candidates from which nothing comes. @returns when, and to which of them by its last number */
function checksOf(lasts: readonly number[], untilAt: number): readonly (readonly [number, number])[] {
  const [{ agent }, { description }] = openParties();
  agent.setRemote(0, { ...description, candidates: lasts.map(other) });
  const sent: (readonly [number, number])[] = [];
  for (let now = 0; now <= untilAt; now = Math.max(now + 1, agent.nextTimeoutAt() ?? untilAt + 1)) {
    agent.handleTimeout(now);
    for (const { remote } of agent.takeDatagrams())
      sent.push([now, Number(remote.address.split('.').at(-1))]);
  }
  return sent;
}

describe('checks that nobody asked for', () => {
  test('are 50 ms apart, the best first (RFC 8445 §6.1.4.2, §14.2)', () => {
    expect(checksOf([21, 22, 23], 190)).toEqual([
      [0, 21],
      [50, 22],
      [100, 23],
    ]);
  });

  test('are repeated every 200 ms beside the retransmissions, which keep to 500 ms (RFC 8445 §14.3)', () => {
    const times = checksOf([21], 1_100).map(([at]) => at);
    expect(times).toEqual([0, 200, 400, 500, 600, 800, 1_000, 1_000]);
  });

  test('are repeated at the same pace, whoever was checked longest ago, once all were checked', () => {
    expect(checksOf([21, 22], 450).map(([at, last]) => `${last} at ${at}`)).toEqual([
      '21 at 0',
      '22 at 50',
      '21 at 200',
      '22 at 250',
      '21 at 400',
      '22 at 450',
    ]);
  });

  test('are repeated for two seconds, and twenty times at most', () => {
    const sends = (lasts: readonly number[]) => checksOf(lasts, 60_000).length;
    expect(sends([21])).toBe(7 + 10);
    expect(sends([21, 22, 23, 24, 25])).toBe(5 * 7 + 20);
  });
});
