// A server behind a NAT without hairpinning: each phone is told the address at which it reaches the server.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { missingLab } from './missing-lab.ts';
import { NatCall } from './nat-call.ts';
import { Office } from './office.ts';

const CALL_SECONDS = 4;
const LEAST_HEARD_SECONDS = 1.5;

describe.skipIf(missingLab())('a phone inside and one outside of the office of the server', () => {
  let office: Office;

  beforeAll(async () => {
    office = await Office.open();
  });

  afterAll(async () => {
    await office.close();
  });

  const cases = (['inside', 'outside'] as const).flatMap((caller) =>
    (['auto', 'off'] as const).map((ice) => ({ caller, ice })),
  );

  it.each(cases)('hear each other; the one $caller calls with ICE $ice', async ({ caller, ice }) => {
    const callee = caller === 'inside' ? 'outside' : 'inside';
    const call = await NatCall.start(office, {
      caller: office[caller],
      callee: office[callee],
      durationSeconds: CALL_SECONDS,
      callerArgs: ['--ice', ice],
    });
    const sides = await call.finished();
    // Also that both ended by themselves: a BYE to a wrong address of the server would be lost.
    for (const { status, heardSeconds } of [sides.caller, sides.callee]) {
      expect(status).toBe(0);
      expect(heardSeconds).toBeGreaterThan(LEAST_HEARD_SECONDS);
    }
  });
});
