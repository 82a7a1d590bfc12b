// Two softphones behind each pair of NATs register, call, and hear each other: directly where that can be.
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CallRow, printCallTable } from './call-table.ts';
import type { Home } from './home.ts';
import { NatLab } from './lab.ts';
import { missingLab } from './missing-lab.ts';
import { type FinishedSide, NatCall } from './nat-call.ts';
import { isDirectPossible, NAT_KINDS, type NatKind, shortNameOf } from './nat-rules.ts';
import { SoundCounter } from './sound-counter.ts';

const CALL_SECONDS = 5;
/** On a machine that is busy with other things, too. */
const LEAST_HEARD_SECONDS = 1.5;
/** So long after the answer every path has been found, and the server's part of it is counted. */
const SETTLED_MS = 2_500;
const COUNTED_MS = 1_000;
/** Of fifty a second. */
const PLAINLY_RELAYED_PACKETS = 25;

/** In each of four rounds every phone has one call. */
const ROUNDS = NAT_KINDS.map((_, round) =>
  NAT_KINDS.map((one, i) => pairOf(one, NAT_KINDS[(i + round) % NAT_KINDS.length] ?? one)),
);

function pairOf(one: NatKind, other: NatKind) {
  const way = isDirectPossible(one, other) ? 'directly' : 'through the server';
  return { one, other, name: `${shortNameOf(one)} and ${shortNameOf(other)}`, way };
}

describe.skipIf(missingLab())('two phones behind NATs', () => {
  const rows: CallRow[] = [];
  let lab: NatLab;
  let counter: SoundCounter;

  beforeAll(async () => {
    lab = await NatLab.open();
    counter = new SoundCounter(lab.serverSpace);
    await lab.startServer();
  });

  afterAll(async () => {
    printCallTable(rows);
    await lab?.close();
  });

  describe.each(ROUNDS.map((pairs, i) => ({ round: i + 1, pairs })))('round $round', ({ pairs }) => {
    it.concurrent.each(pairs)('$name hear each other $way', async ({ one, other }) => {
      const homes = { caller: lab.home('caller', one), callee: lab.home('callee', other) };
      const call = await NatCall.start(lab, { ...homes, durationSeconds: CALL_SECONDS });
      const passed = await packetsThroughServer(homes);
      const { caller, callee } = await call.finished();
      rows.push(rowOf(homes, caller, callee));
      expectGood(caller);
      expectGood(callee);
      if (isDirectPossible(one, other)) {
        expect([caller.report.path?.kind, callee.report.path?.kind]).toEqual(['direct', 'direct']);
        expect(passed).toEqual([0, 0]);
      } else {
        expect(['server', 'relayed']).toContain(caller.report.path?.kind);
        expect(Math.min(...passed)).toBeGreaterThan(PLAINLY_RELAYED_PACKETS);
      }
    });
  });

  async function packetsThroughServer({ caller, callee }: Record<'caller' | 'callee', Home>) {
    const count = () => [caller, callee].map(({ options }) => counter.from(options.outsideAddress));
    await delay(SETTLED_MS);
    const before = count();
    await delay(COUNTED_MS);
    return count().map((packets, i) => packets - (before[i] ?? 0));
  }
});

function expectGood({ status, heardSeconds }: FinishedSide): void {
  expect(status).toBe(0);
  expect(heardSeconds).toBeGreaterThan(LEAST_HEARD_SECONDS);
}

function rowOf(
  homes: Readonly<Record<'caller' | 'callee', Home>>,
  caller: FinishedSide,
  callee: FinishedSide,
): CallRow {
  const { path, setup, roundTripMs } = caller.report;
  return {
    caller: shortNameOf(homes.caller.options.kind),
    callee: shortNameOf(homes.callee.options.kind),
    path,
    answeredMs: setup.answeredMs,
    firstSoundMs: [caller.firstSoundMs, callee.firstSoundMs],
    roundTripMs,
  };
}
