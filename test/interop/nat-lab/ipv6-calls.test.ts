// Phones with IPv6 speak directly: no NAT is in the way, and firewalls let in who was written to.
import { afterEach, describe, expect, it } from 'vitest';
import type { Families } from './internet.ts';
import { NatLab } from './lab.ts';
import { missingLab } from './missing-lab.ts';
import { NatCall } from './nat-call.ts';
import { NAT_KINDS } from './nat-rules.ts';

const CALL_SECONDS = 4;
const LEAST_HEARD_SECONDS = 1.5;

/** Over IPv4 alone two of these would need a relay. */
const KIND = NAT_KINDS.at(-1)!;

let lab: NatLab;

afterEach(async () => {
  await lab.close();
});

const NETWORKS: readonly { readonly families: Families; readonly name: string }[] = [
  { families: 'IPv6', name: 'IPv6 alone' },
  { families: 'both', name: 'IPv6 besides IPv4 behind NATs that map by remote endpoint' },
];

describe.skipIf(missingLab())('two phones at different homes', () => {
  it.each(NETWORKS)('speak directly with $name', async ({ families }) => {
    const homes = (['caller', 'callee'] as const).map((side) => ({ side, kind: KIND }));
    lab = await NatLab.open({ homes, families });
    await lab.startServer();
    const call = await NatCall.start(lab, {
      caller: lab.home('caller', KIND),
      callee: lab.home('callee', KIND),
      durationSeconds: CALL_SECONDS,
    });
    const { caller, callee } = await call.finished();
    for (const { status, heardSeconds, report } of [caller, callee]) {
      expect(status).toBe(0);
      expect(heardSeconds).toBeGreaterThan(LEAST_HEARD_SECONDS);
      expect(report.path).toMatchObject({ kind: 'direct', remote: expect.stringMatching(/^\[2001:db8:/) });
    }
  });
});
