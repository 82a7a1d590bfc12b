// What happens to NATs in the middle of a call is heard as a gap, not as its end.
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import type { Home } from './home.ts';
import { NatLab, SERVER_ADDRESSES } from './lab.ts';
import { missingLab } from './missing-lab.ts';
import { type FinishedSide, NatCall } from './nat-call.ts';
import { NAT_KINDS, type NatKind, shortNameOf } from './nat-rules.ts';

const CALL_SECONDS = 12;
const CHANGED_AFTER_SECONDS = 3;
/** Between these the change and its mend are heard; before, a call finds its path, and after, it is hung up. */
const LISTENED_SECONDS = [1.5, CALL_SECONDS - 1] as const;

/** Two from which each other is reached directly, and two from which it is not. */
const [, , PORT_FILTERED = never(), PORT_MAPPED = never()] = NAT_KINDS;

interface Change {
  readonly name: string;
  readonly kind: NatKind;
  readonly happen: (homes: Record<'caller' | 'callee', Home>) => void;
  readonly longestGapSeconds: number;
  /** How sound goes in the end. */
  readonly path: 'direct' | 'relayed';
  readonly callerArgs?: readonly string[];
}

const CHANGES: readonly Change[] = [
  {
    name: 'a NAT that forgets the mapping of a direct path',
    kind: PORT_FILTERED,
    happen: ({ caller }) => caller.forgetMappings(),
    longestGapSeconds: 4,
    path: 'direct',
  },
  {
    name: 'a NAT of the callee that forgets the mapping of a direct path',
    kind: PORT_FILTERED,
    happen: ({ callee }) => callee.forgetMappings(),
    longestGapSeconds: 4,
    path: 'direct',
  },
  {
    name: 'a NAT that forgets the mapping of a relayed path',
    kind: PORT_MAPPED,
    happen: ({ caller }) => caller.forgetMappings(),
    longestGapSeconds: 4,
    path: 'relayed',
  },
  {
    name: 'a NAT that lets the direct path through no longer',
    kind: PORT_FILTERED,
    happen: ({ caller }) => caller.allowOnly(SERVER_ADDRESSES),
    longestGapSeconds: 2,
    path: 'relayed',
  },
  {
    name: 'a NAT that lets the direct path out no longer, but in',
    kind: PORT_FILTERED,
    happen: ({ caller }) => caller.allowOnly(SERVER_ADDRESSES, { bothWays: false }),
    // Who still hears everything learns of it from its own checks alone, which come every few seconds (RFC 7675 §5.1).
    longestGapSeconds: 3,
    path: 'relayed',
  },
  {
    name: 'a NAT that forgets the mapping of a secured path, direct',
    kind: PORT_FILTERED,
    happen: ({ caller }) => caller.forgetMappings(),
    // Silence is noticed after 1.5 s; a second later a whole association is made anew, and offered.
    longestGapSeconds: 5,
    path: 'direct',
    callerArgs: ['--secure', 'required'],
  },
  {
    name: 'a NAT that forgets the mapping of a secured path, relayed',
    kind: PORT_MAPPED,
    happen: ({ caller }) => caller.forgetMappings(),
    longestGapSeconds: 5,
    path: 'relayed',
    callerArgs: ['--secure', 'required'],
  },
];

describe.skipIf(missingLab())('a call survives', () => {
  const gaps: string[] = [];
  const labs: NatLab[] = [];

  afterAll(async () => {
    process.stderr.write(`\n${gaps.join('\n')}\n\n`);
    await Promise.all(labs.map((lab) => lab.close()));
  });

  // Each in a lab of its own: all at once.
  it.concurrent.each(CHANGES)('$name', async (change) => {
    const { name, kind, happen, longestGapSeconds, path, callerArgs = [] } = change;
    const lab = await openLab(kind);
    const caller = lab.home('caller', kind);
    const callee = lab.home('callee', kind);
    const call = await NatCall.start(lab, { caller, callee, durationSeconds: CALL_SECONDS, callerArgs });
    await delay(CHANGED_AFTER_SECONDS * 1000);
    happen({ caller, callee });
    const sides = await call.finished();
    const gap = { caller: gapOf(sides.caller), callee: gapOf(sides.callee) };
    gaps.push(describeGaps(name, kind, gap));
    expect([sides.caller.status, sides.callee.status]).toEqual([0, 0]);
    expect(Math.max(gap.caller, gap.callee)).toBeLessThanOrEqual(longestGapSeconds);
    expect([sides.caller, sides.callee].map(({ report }) => report.path?.kind)).toEqual([path, path]);
    expect(Math.min(sides.caller.heardSeconds, sides.callee.heardSeconds)).toBeGreaterThan(CALL_SECONDS / 2);
  });

  async function openLab(kind: NatKind): Promise<NatLab> {
    const homes = (['caller', 'callee'] as const).map((side) => ({ side, kind }));
    const lab = await NatLab.open({ homes });
    labs.push(lab);
    await lab.startServer();
    return lab;
  }
});

function gapOf(side: FinishedSide): number {
  return side.gapSeconds(...LISTENED_SECONDS);
}

function describeGaps(name: string, kind: NatKind, { caller, callee }: Record<'caller' | 'callee', number>) {
  return `${name} (${shortNameOf(kind)}): silence of ${caller} s at the caller, ${callee} s at the callee`;
}

function never(): never {
  throw new Error('there are four kinds of NAT');
}
