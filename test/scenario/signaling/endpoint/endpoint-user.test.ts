// What the user of an endpoint may count on.
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { describe, expect } from 'vitest';
import { createResponse } from '../../../../signaling/message/index.ts';
import type { Flow } from '../../../../signaling/transport/index.ts';
import { expectEmpty } from '../../../support/index.ts';
import { answerAll, isOver, openOn, requestTo, sendAndWatch } from './endpoints.ts';
import { play, SERVER } from './stage.ts';

describe('the user of an endpoint', () => {
  play(
    'whoever subscribes sees every message, and nobody else pays for it',
    async ({ world, peer, server }) => {
      const client = await world.complete(openOn(peer));
      answerAll(server);
      const seen: string[] = [];
      const note = (message: unknown, name: string | symbol) => {
        // Cast: this is what the transports publish.
        const { bytes, flow } = message as { bytes: Uint8Array; flow: Flow };
        const [first] = Buffer.from(bytes).toString().split('\r\n', 1);
        seen.push(`${String(name).slice('patchcord:sip:'.length)} ${flow.remote.address} ${first}`);
      };
      subscribe('patchcord:sip:sent', note);
      subscribe('patchcord:sip:received', note);
      const first = sendAndWatch(client, requestTo(`sip:${SERVER}`));
      await world.runUntil(() => isOver(first.outcome));
      unsubscribe('patchcord:sip:sent', note);
      unsubscribe('patchcord:sip:received', note);
      const second = sendAndWatch(client, requestTo(`sip:${SERVER}`, 'OPTIONS', { callId: 'call-2' }));
      await world.runUntil(() => isOver(second.outcome));
      expect(seen).toEqual([
        'sent 192.0.2.2 OPTIONS sip:192.0.2.2 SIP/2.0',
        'received 192.0.2.1 OPTIONS sip:192.0.2.2 SIP/2.0',
        'sent 192.0.2.1 SIP/2.0 200 OK',
        'received 192.0.2.2 SIP/2.0 200 OK',
      ]);
    },
  );

  play(
    'whose flow is a connection that is gone reaches the peer at its address all the same (RFC 3263 §4)',
    async ({ world, peer, server }) => {
      const client = await world.complete(openOn(peer));
      const requests = answerAll(server);
      const lost: Flow[] = [];
      client.on('flowLost', (flow) => lost.push(flow));
      const { outcome } = sendAndWatch(client, requestTo(`sip:${SERVER};transport=tcp`));
      await world.runUntil(() => isOver(outcome));
      const { flow } = outcome;
      server.close();
      await world.runUntil(() => lost.length > 0, { what: 'the loss of the connection' });
      const again = await world.complete(
        openOn(world.hosts.find(({ address }) => address === SERVER) ?? peer),
      );
      const answered = answerAll(again);
      const request = requestTo(`sip:${SERVER};transport=tcp`, 'OPTIONS', { callId: 'call-2' });
      const second = sendAndWatch(client, request, { flow });
      await world.runUntil(() => isOver(second.outcome));
      expect(second.outcome.statuses).toEqual([200]);
      client.sendAck(requestTo(`sip:${SERVER};transport=tcp`, 'ACK', { callId: 'call-3' }), { flow });
      const acks: string[] = [];
      again.on('ack', ({ request: ack }) => acks.push(ack.callId));
      await world.run(100);
      expect([requests.length, answered.length, acks]).toEqual([1, 1, ['call-3']]);
    },
  );

  play('without a listener a request is answered with 480', async ({ world, peer }) => {
    const client = await world.complete(openOn(peer));
    const { outcome } = sendAndWatch(client, requestTo(`sip:${SERVER}`));
    await world.runUntil(() => isOver(outcome));
    expect(outcome.statuses).toEqual([480]);
  });

  play('a handler that throws keeps nobody else from their messages', async ({ world, peer, server }) => {
    const { Emitter } = await import('../../../../core/index.ts');
    const errors: unknown[] = [];
    Emitter.onListenerError = (error) => errors.push(error);
    const client = await world.complete(openOn(peer));
    answerAll(server);
    client.send(requestTo(`sip:${SERVER}`), {
      onResponse: () => {
        throw new Error('mine');
      },
      onFailure: () => {},
    });
    const { outcome } = sendAndWatch(client, requestTo(`sip:${SERVER}`, 'OPTIONS', { callId: 'call-2' }));
    await world.runUntil(() => isOver(outcome));
    expect(outcome.statuses).toEqual([200]);
    expect(errors).toHaveLength(1);
  });

  play(
    'cancel() before the request has left: it never leaves, and its end is told',
    async ({ world, peer }) => {
      world.names.hosts.set('slow.example.com', [SERVER]);
      const client = await world.complete(openOn(peer));
      const { outcome, transaction } = sendAndWatch(client, requestTo('sip:slow.example.com', 'INVITE'));
      transaction.cancel();
      transaction.cancel();
      await world.run(1000);
      expect(outcome.failures).toEqual(['timeout']);
      expect(world.trace.messages).toEqual([]);
    },
  );

  play('cancel() reaches the callee, whose 487 comes back', async ({ world, peer, server }) => {
    const client = await world.complete(openOn(peer));
    server.on('request', (transaction) => {
      transaction.respond(createResponse(transaction.request, 180, { toTag: 'b1' }));
      transaction.onCancel = () => {
        transaction.respond(createResponse(transaction.request, 487, { toTag: 'b1' }));
      };
    });
    const { outcome, transaction } = sendAndWatch(client, requestTo(`sip:${SERVER}`, 'INVITE'));
    transaction.cancel([['Reason', 'SIP;cause=200']]);
    await world.run(1000);
    expect(outcome.statuses).toEqual([180, 487]);
    await world.run(40_000);
    expect([client.transactionCount, server.transactionCount]).toEqual([0, 0]);
    client.close();
    server.close();
    await world.runUntilIdle();
    expectEmpty(world.tables());
  });
});
