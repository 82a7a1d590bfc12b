// Two softphones behind each pair of NATs register, call, and hear each other.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toneSeconds } from '../../support/peers/recording.ts';
import { NatLab } from './lab.ts';
import { missingLab } from './missing-lab.ts';
import { CALLEE_TONE, CALLER_TONE, NatCall } from './nat-call.ts';
import { NAT_KINDS, type NatKind, shortNameOf } from './nat-rules.ts';

const CALL_SECONDS = 4;

/** Of the kinds in four rounds: in each, every phone has one call. */
const ROUNDS = NAT_KINDS.map((_, round) =>
  NAT_KINDS.map((one, i) => pairOf(one, NAT_KINDS[(i + round) % NAT_KINDS.length] ?? one)),
);

function pairOf(one: NatKind, other: NatKind) {
  return { one, other, name: `${shortNameOf(one)} and ${shortNameOf(other)}` };
}

describe.skipIf(missingLab())('two phones behind NATs', () => {
  let lab: NatLab;

  beforeAll(async () => {
    lab = await NatLab.open();
    await lab.startServer();
  });

  afterAll(async () => {
    await lab?.close();
  });

  describe.each(ROUNDS.map((pairs, i) => ({ round: i + 1, pairs })))('round $round', ({ pairs }) => {
    it.concurrent.each(pairs)('$name hear each other', async ({ one, other }) => {
      await callBetween(one, other);
    });
  });

  async function callBetween(one: NatKind, other: NatKind): Promise<void> {
    const [caller, callee] = [lab.home('caller', one), lab.home('callee', other)];
    const call = await NatCall.start(lab, { caller, callee, durationSeconds: CALL_SECONDS });
    const finished = await call.finished();
    expect(finished.caller.status).toBe(0);
    expect(finished.callee.status).toBe(0);
    expect(toneSeconds(finished.caller.heard, CALLEE_TONE)).toBeGreaterThan(CALL_SECONDS / 2);
    expect(toneSeconds(finished.callee.heard, CALLER_TONE)).toBeGreaterThan(CALL_SECONDS / 2);
  }
});
