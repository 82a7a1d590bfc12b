// Many calls at once over a bad network: everything happens, and nothing happens twice.
import { describe, expect } from 'vitest';
import { expectEmpty, randomLoss, scenario } from '../../../support/index.ts';
import { type SessionLog, TestPhone, watchSession } from '../../../support/test-phone.ts';

const CALLS = 20;
const LINK = { delayMs: 20, jitterMs: 15, loss: randomLoss(0.3) };

const SEEDS = [1, 2, 3, 4, 5].map((seed) => ({ seed }));

describe.each(SEEDS)('twenty calls at once with 30 % loss (seed $seed)', ({ seed }) => {
  scenario(
    'are answered, signalled within and hung up, each exactly once',
    { seed, link: LINK },
    async (world) => {
      const open = (name: string, address: string, server: string) =>
        TestPhone.open({
          host: world.host(name, { addresses: [address] }),
          name,
          password: 'secret',
          server,
          realm: 'example.org',
        });
      const alice = await open('alice', '192.0.2.1', '192.0.2.2');
      const bob = await open('bob', '192.0.2.2', '192.0.2.1');
      const calleeLogs: SessionLog[] = [];
      const digits: string[] = [];
      const offers: string[] = [];
      let acknowledged = 0;
      bob.onCall = (session) => {
        calleeLogs.push(watchSession(session));
        session.on('acknowledged', () => {
          acknowledged += 1;
        });
        session.on('request', ({ request, respond }) => {
          digits.push(request.bodyText);
          respond(200);
        });
        session.on('offer', (offer) => {
          offers.push(session.callId);
          offer.answer(bob.sdp('recvonly', 2));
        });
        session.progress(180);
        session.accept({ sdp: bob.sdp() });
      };
      const calls = Array.from({ length: CALLS }, () => alice.call('bob'));
      const callerLogs = calls.map(watchSession);
      await world.runUntil(() => callerLogs.every(({ accepted }) => accepted.length > 0), {
        what: 'all answers',
      });
      const sent = calls.map((call, index) =>
        call.request('INFO', { body: `${index}`, contentType: 'application/dtmf-relay' }),
      );
      for (const { status } of await world.complete(Promise.all(sent))) expect(status).toBe(200);
      const held = calls.map((call) => call.offer(alice.sdp('sendonly', 2)));
      for (const { status } of await world.complete(Promise.all(held))) expect(status).toBe(200);
      // Time for the last lost ACK to be repaired.
      await world.run(30_000);
      for (const call of calls) call.end();
      await world.run(120_000);
      expect(bob.incoming).toHaveLength(CALLS);
      expect(digits.sort()).toEqual(calls.map((_, index) => `${index}`).sort());
      expect(offers.sort()).toEqual(calls.map(({ callId }) => callId).sort());
      // Of the answer and of the change.
      expect(acknowledged).toBe(2 * CALLS);
      for (const log of [...callerLogs, ...calleeLogs]) {
        expect(log.accepted).toHaveLength(1);
        expect(log.ended).toHaveLength(1);
      }
      for (const { userAgent } of [alice, bob]) {
        expectEmpty({
          sessions: userAgent.sessionCount,
          dialogs: userAgent.dialogCount,
          timers: userAgent.timerCount,
          transactions: userAgent.endpoint.transactionCount,
          invariants: userAgent.invariantFailures,
        });
      }
      await world.complete(Promise.all([alice.close(), bob.close()]));
      expectEmpty(world.tables());
    },
  );
});
