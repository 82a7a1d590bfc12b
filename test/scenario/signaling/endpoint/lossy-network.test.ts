// 30 % loss, reordering and duplicates: everything completes or times out as specified, nothing is done twice.
import { describe, expect } from 'vitest';
import type { SipEndpoint } from '../../../../signaling/endpoint/index.ts';
import { createRequest, createResponse, type SipResponse } from '../../../../signaling/message/index.ts';
import { expectEmpty, type Host, randomLoss, scenario } from '../../../support/index.ts';
import { isOver, openOn, requestTo, sendAndWatch } from './endpoints.ts';

const BAD_LINK = {
  delayMs: 20,
  jitterMs: 30,
  loss: randomLoss(0.3),
  reorderRatio: 0.1,
  reorderMs: 80,
  duplicateRatio: 0.1,
};

const COUNT = 200;

/** Answers by the user part: `ok`, `busy`; keeps to what a dialog owes: 2xx until ACK (RFC 3261 §13.3.1.4). */
function serve(host: Host, endpoint: SipEndpoint): Map<string, number> {
  const seen = new Map<string, number>();
  const acknowledged = new Set<string>();
  endpoint.on('request', (transaction) => {
    const { request } = transaction;
    seen.set(request.callId, (seen.get(request.callId) ?? 0) + 1);
    const isBusy = request.requestUriText.includes('busy');
    const response = createResponse(request, isBusy ? 486 : 200, { toTag: 'b1' });
    host.setTimer(host.clock.now() + 300, () => {
      transaction.respond(response);
      if (request.method === 'INVITE' && !isBusy) repeat(500);
    });
    const repeat = (afterMs: number) => {
      host.setTimer(host.clock.now() + afterMs, () => {
        if (acknowledged.has(request.callId) || afterMs > 32_000) return;
        endpoint.resend(transaction, response);
        repeat(Math.min(2 * afterMs, 4000));
      });
    };
  });
  endpoint.on('ack', ({ request }) => acknowledged.add(request.callId));
  return seen;
}

function acknowledge(endpoint: SipEndpoint, response: SipResponse): void {
  const { requestUri } = requestTo('sip:ok@192.0.2.2');
  const headers = ['From', 'To', 'Call-ID'].map((name) => [name, response.header(name) ?? ''] as const);
  endpoint.sendAck(createRequest({ method: 'ACK', requestUri, headers: [...headers, ['CSeq', '1 ACK']] }));
}

describe.each([1, 2, 3])('a bad network, seed %i', (seed) => {
  scenario(
    'every transaction ends once, every request is seen once, every table is empty afterwards',
    { seed, link: BAD_LINK },
    async (world) => {
      const [alice, bob] = [
        world.host('alice', { addresses: ['192.0.2.1'] }),
        world.host('bob', { addresses: ['192.0.2.2'] }),
      ];
      const client = await world.complete(openOn(alice));
      const server = await world.complete(openOn(bob));
      const seen = serve(bob, server);
      const acknowledgeAll = (response: SipResponse) => {
        if (response.cseq.method === 'INVITE' && response.status === 200) acknowledge(client, response);
      };
      client.on('stray2xx', ({ response }) => acknowledgeAll(response));
      const outcomes = Array.from({ length: COUNT }, (_, i) => {
        const method = i % 2 === 0 ? 'INVITE' : 'OPTIONS';
        const uri = `sip:${i % 4 < 2 ? 'ok' : 'busy'}@192.0.2.2`;
        const outcome = { statuses: [] as number[], failures: [] as string[] };
        client.send(requestTo(uri, method, { callId: `call-${i}` }), {
          onResponse: (response) => {
            outcome.statuses.push(response.status);
            acknowledgeAll(response);
          },
          onFailure: (reason) => outcome.failures.push(reason),
        });
        return { expected: i % 4 < 2 ? 200 : 486, isInvite: method === 'INVITE', ...outcome };
      });
      await world.run(120_000);
      for (const { expected, isInvite, statuses, failures } of outcomes) {
        // A fork's 2xx is passed on as often as it comes; anything else comes once.
        const isMany = isInvite && expected === 200;
        if (failures.length > 0) expect([statuses, failures]).toEqual([[], ['timeout']]);
        else expect(isMany ? [...new Set(statuses)] : statuses).toEqual([expected]);
      }
      const completed = outcomes.filter(({ statuses }) => statuses.length > 0).length;
      expect(completed).toBeGreaterThan(COUNT * 0.98);
      expect(Math.max(...seen.values())).toBe(1);
      expect(server.counters.retransmitted).toBeGreaterThan(COUNT / 10);
      expect([client.transactionCount, server.transactionCount]).toEqual([0, 0]);
      client.close();
      server.close();
      await world.runUntilIdle();
      expectEmpty(world.tables());
    },
  );
});

scenario('a host that is gone: timeout after 64*T1 (RFC 3261 §17.1.2.2)', {}, async (world) => {
  const alice = world.host('alice', { addresses: ['192.0.2.1'] });
  const bob = world.host('bob', { addresses: ['192.0.2.2'] });
  bob.unplug();
  const client = await world.complete(openOn(alice));
  const startedAt = world.now();
  const { outcome } = sendAndWatch(client, requestTo('sip:bob@192.0.2.2'));
  await world.runUntil(() => isOver(outcome));
  expect(outcome.failures).toEqual(['timeout']);
  expect(world.now() - startedAt).toBe(32_000);
  expect(client.transactionCount).toBe(0);
  client.close();
  await world.runUntilIdle();
  expectEmpty(world.tables());
});
