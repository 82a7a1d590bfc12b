// Many at once, by sipp: registrations with digest, and calls with sound through the relay.
import { afterEach, describe, expect, it } from 'vitest';
import { type PatchcordServer, startPatchcordServer } from '../../support/peers/patchcord.ts';
import { missingPeer } from '../../support/peers/require-peer.ts';
import { sippCredentials, startSipp } from '../../support/peers/sipp.ts';

let server: PatchcordServer | undefined;

afterEach(async () => {
  await server?.stop();
  server = undefined;
});

const PASSWORD = 'secret-enough';

function usersNamed(prefix: string, count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`${prefix}${i}`, PASSWORD]));
}

describe.skipIf(missingPeer('sipp'))('load', () => {
  it('takes 10,000 registrations with digest', async () => {
    const users = usersNamed('u', 10_000);
    server = await startPatchcordServer({ users });
    const registering = await startSipp({
      scenario: 'register',
      remote: server.address,
      calls: 10_000,
      rate: 1000,
      limit: 2000,
      users: Object.keys(users).map((user) => [
        user,
        sippCredentials(user, PASSWORD),
        `<sip:${user}@127.0.0.1:9>`,
      ]),
    });
    const result = await registering.result(90_000);
    expect(result, result.errors).toMatchObject({ exitCode: 0, successful: 10_000, failed: 0 });
  });

  it('relays 200 calls at once with RTP', async () => {
    const calls = 200;
    server = await startPatchcordServer({
      users: { alice: PASSWORD, bob: PASSWORD },
      mediaPorts: 4 * calls + 8,
    });
    const answering = await startSipp({ scenario: 'uas', calls });
    const registering = await startSipp({
      scenario: 'register',
      remote: server.address,
      calls: 1,
      users: [['bob', sippCredentials('bob', PASSWORD), `<sip:bob@127.0.0.1:${answering.port}>`]],
    });
    expect(await registering.result()).toMatchObject({ exitCode: 0, successful: 1 });
    const calling = await startSipp({
      scenario: 'uac',
      remote: server.address,
      calls,
      rate: 50,
      durationMs: 8000,
      users: [['alice', sippCredentials('alice', PASSWORD), 'bob']],
    });
    expect(await calling.result()).toMatchObject({ exitCode: 0, successful: calls, failed: 0 });
    expect(await answering.result()).toMatchObject({ exitCode: 0, successful: calls, failed: 0 });
    const records = server.records(1000);
    expect(records).toHaveLength(calls);
    expect(records.filter(({ disposition }) => disposition === 'ANSWERED')).toHaveLength(calls);
    // Each caller streams 50 packets a second for eight seconds, and hears all of them back.
    for (const { quality } of records) {
      expect(quality).toHaveLength(2);
      for (const leg of quality) {
        expect(leg.received).toBeGreaterThan(350);
        expect(leg.inbound.lost).toBeLessThan(leg.received / 100);
      }
    }
  });
});
