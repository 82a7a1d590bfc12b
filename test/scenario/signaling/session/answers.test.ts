// What an INVITE of ours may be answered with.
import { describe, expect } from 'vitest';
import { scenario } from '../../../support/index.ts';
import { watchSession } from '../../../support/test-phone.ts';
import { phoneAndPeer } from './raw-peer.ts';
import { expectNothingLeft, SDP } from './stage.ts';

describe('answers to an INVITE of ours', () => {
  scenario('a peer that challenges for ever is given up (RFC 7616 §3.3, stale)', {}, async (world) => {
    const { phone, peer } = await phoneAndPeer(world);
    let nonce = 0;
    peer.onRequest = (request) => {
      const challenge = `Digest realm="example.org", nonce="${nonce++}", qop="auth", stale=true`;
      if (request.method === 'INVITE') {
        peer.respond(request, 401, { toTag: 'x', headers: [['WWW-Authenticate', challenge]] });
      }
    };
    const log = watchSession(phone.call('bob'));
    await world.runUntil(() => log.ended.length > 0);
    expect(log.ended).toMatchObject([{ by: 'remote', status: 401 }]);
    const numbers = peer.got('INVITE').map(({ cseq }) => cseq.sequenceNumber);
    expect(numbers).toHaveLength(4);
    expect(new Set(numbers).size).toBe(4);
    await expectNothingLeft(world, phone);
  });

  scenario('422 is answered with a longer interval (RFC 4028 §7.4)', {}, async (world) => {
    const { phone, peer } = await phoneAndPeer(world);
    peer.onRequest = (request) => {
      if (request.method !== 'INVITE') return;
      const isFirst = peer.got('INVITE').length === 1;
      peer.respond(request, isFirst ? 422 : 486, {
        toTag: 'x',
        headers: isFirst ? [['Min-SE', '7200']] : [],
      });
    };
    const log = watchSession(phone.call('bob'));
    await world.runUntil(() => log.ended.length > 0);
    expect(log.ended).toMatchObject([{ status: 486 }]);
    const [first, second] = peer.got('INVITE');
    expect(second?.callId).toBe(first?.callId);
    expect(second?.cseq.sequenceNumber).toBe((first?.cseq.sequenceNumber ?? 0) + 1);
    await expectNothingLeft(world, phone);
  });

  scenario('302 is left to the caller, with its contacts', {}, async (world) => {
    const { phone, peer } = await phoneAndPeer(world);
    peer.onRequest = (request) => {
      if (request.method === 'INVITE') peer.respond(request, 302, { toTag: 'x' });
    };
    const log = watchSession(phone.call('bob'));
    await world.runUntil(() => log.ended.length > 0);
    expect(log.ended[0]?.status).toBe(302);
    expect(log.ended[0]?.message?.contacts).toHaveLength(1);
    await expectNothingLeft(world, phone);
  });

  scenario('a 2xx repeated long after is acknowledged again, without a second call', {}, async (world) => {
    const { phone, peer } = await phoneAndPeer(world);
    const session = phone.call('bob');
    const log = watchSession(session);
    await world.runUntil(() => peer.got('INVITE').length > 0);
    const [invite] = peer.got('INVITE');
    if (!invite) throw new Error('no INVITE');
    const answer = { toTag: 'a', body: SDP, contentType: 'application/sdp' };
    peer.respond(invite, 200, answer);
    await world.run(40_000);
    peer.respond(invite, 200, answer);
    await world.run(100);
    expect(log.accepted).toHaveLength(1);
    expect(peer.got('ACK')).toHaveLength(2);
    expect(peer.got('ACK')[1]?.branch).toBeDefined();
    peer.onRequest = (request) => peer.respond(request, 200);
    session.end();
    await expectNothingLeft(world, phone);
  });

  scenario(
    'a reliable 183 that comes again, or too early, is told and acknowledged once (RFC 3262 §4)',
    {},
    async (world) => {
      const { phone, peer } = await phoneAndPeer(world);
      const session = phone.call('bob');
      const log = watchSession(session);
      await world.runUntil(() => peer.got('INVITE').length > 0);
      const [invite] = peer.got('INVITE');
      if (!invite) throw new Error('no INVITE');
      peer.onRequest = (request) => {
        if (request.method !== 'ACK') peer.respond(request, 200);
        if (request.method === 'CANCEL') peer.respond(invite, 487, { toTag: 'a' });
      };
      for (const rseq of [7, 7, 9, 8, 7]) {
        const headers = [
          ['Require', '100rel'],
          ['RSeq', `${rseq}`],
        ] as const;
        peer.respond(invite, 183, { toTag: 'a', headers });
        await world.run(50);
      }
      expect(log.progress).toHaveLength(2);
      const { sequenceNumber } = invite.cseq;
      expect(peer.got('PRACK').map((prack) => prack.header('RAck'))).toEqual([
        `7 ${sequenceNumber} INVITE`,
        `8 ${sequenceNumber} INVITE`,
      ]);
      session.end();
      await expectNothingLeft(world, phone);
    },
  );
});
