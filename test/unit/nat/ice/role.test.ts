import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../../../core/index.ts';
import type { IncomingCheck } from '../../../../nat/ice/check-message.ts';
import { RoleHolder } from '../../../../nat/ice/role.ts';
import type { IceRole } from '../../../../nat/ice/types.ts';

function judge(own: IceRole, theirs: IceRole | undefined, lead: bigint) {
  const holder = new RoleHolder(new SeededRandom(1), own);
  // Cast: of a check it looks at these two alone.
  return holder.judge({ role: theirs, tieBreaker: holder.tieBreaker + lead } as IncomingCheck);
}

describe('RoleHolder', () => {
  test.each([
    { own: 'controlling', theirs: 'controlled', lead: 1n, verdict: 'none' },
    { own: 'controlled', theirs: 'controlling', lead: -1n, verdict: 'none' },
    { own: 'controlling', theirs: undefined, lead: 1n, verdict: 'none' },
    { own: 'controlling', theirs: 'controlling', lead: -1n, verdict: 'refuse' },
    { own: 'controlling', theirs: 'controlling', lead: 0n, verdict: 'refuse' },
    { own: 'controlling', theirs: 'controlling', lead: 1n, verdict: 'switch' },
    { own: 'controlled', theirs: 'controlled', lead: -1n, verdict: 'switch' },
    { own: 'controlled', theirs: 'controlled', lead: 0n, verdict: 'switch' },
    { own: 'controlled', theirs: 'controlled', lead: 1n, verdict: 'refuse' },
  ] as const)('$own meets $theirs with a number of $lead more: $verdict (RFC 8445 §7.3.1.1)', (row) => {
    expect(judge(row.own, row.theirs, row.lead)).toBe(row.verdict);
  });

  test('yields to a 487 once, and draws a new number (RFC 8445 §7.2.5.1)', () => {
    const holder = new RoleHolder(new SeededRandom(1), 'controlling');
    const before = holder.tieBreaker;
    expect(holder.yields('controlling')).toBe(true);
    holder.switch();
    expect(holder.tieBreaker).not.toBe(before);
    // The answer to a check that was sent before.
    expect(holder.yields('controlling')).toBe(false);
  });

  test('a lite peer is controlled, whatever it says (RFC 8445 §6.1.1)', () => {
    const holder = new RoleHolder(new SeededRandom(1), 'controlled');
    expect(holder.controlLitePeer()).toBe(true);
    expect(holder.role).toBe('controlling');
    expect(holder.yields('controlling')).toBe(false);
    expect(holder.controlLitePeer()).toBe(false);
  });
});
