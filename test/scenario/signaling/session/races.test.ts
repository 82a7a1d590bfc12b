// What meets on the wire, what comes twice, and what never comes: a phone of ours against a peer told every step.
import { describe, expect } from 'vitest';
import type { RemoteOffer } from '../../../../signaling/index.ts';
import { scenario } from '../../../support/index.ts';
import { watchSession } from '../../../support/test-phone.ts';
import { phoneAndPeer } from './raw-peer.ts';
import { answered, called, expectNothingLeft, SDP } from './stage.ts';

describe('a forked INVITE (RFC 3261 §13.2.2.4)', () => {
  scenario(
    'is won by the first 2xx; the next is acknowledged each time and hung up once',
    {},
    async (world) => {
      const { phone, peer } = await phoneAndPeer(world);
      const session = phone.call('bob');
      const log = watchSession(session);
      await world.runUntil(() => peer.got('INVITE').length > 0);
      const [invite] = peer.got('INVITE');
      if (!invite) throw new Error('no INVITE');
      const answer = { body: SDP, contentType: 'application/sdp' };
      peer.respond(invite, 180, { toTag: 'a' });
      peer.respond(invite, 180, { toTag: 'b' });
      peer.respond(invite, 200, { toTag: 'b', ...answer });
      peer.respond(invite, 200, { toTag: 'a', ...answer });
      peer.respond(invite, 200, { toTag: 'a', ...answer });
      peer.respond(invite, 200, { toTag: 'b', ...answer });
      await world.run(200);
      expect(log.progress.map(({ remoteTag }) => remoteTag)).toEqual(['a', 'b']);
      expect(log.accepted).toHaveLength(1);
      expect(
        peer
          .got('ACK')
          .map(({ toTag }) => toTag)
          .sort(),
      ).toEqual(['a', 'a', 'b', 'b']);
      expect(peer.got('BYE').map(({ toTag }) => toTag)).toEqual(['a']);
      for (const bye of peer.got('BYE')) peer.respond(bye, 200);
      peer.onRequest = (request) => peer.respond(request, 200);
      session.end();
      await expectNothingLeft(world, phone);
      expect(new Set(peer.got('BYE').map(({ toTag }) => toTag))).toEqual(new Set(['a', 'b']));
      expect(log.ended).toHaveLength(1);
    },
  );

  scenario('gives each early dialog its own sequence of requests (RFC 3261 §12.1.2)', {}, async (world) => {
    const { phone, peer } = await phoneAndPeer(world);
    const session = phone.call('bob');
    await world.runUntil(() => peer.got('INVITE').length > 0);
    const [invite] = peer.got('INVITE');
    if (!invite) throw new Error('no INVITE');
    for (const toTag of ['a', 'b']) peer.respond(invite, 180, { toTag });
    await world.run(50);
    const within = (fromTag: string) => ({ callId: invite.callId, fromTag, toTag: invite.fromTag });
    peer.request('OPTIONS', 50, within('a'));
    await world.run(50);
    peer.request('OPTIONS', 7, within('b'));
    await world.run(50);
    expect(peer.statuses('OPTIONS', 50)).toEqual([200]);
    expect(peer.statuses('OPTIONS', 7)).toEqual([200]);
    peer.onRequest = (request) => {
      if (request.method === 'CANCEL') peer.respond(request, 200);
      if (request.method === 'CANCEL') peer.respond(invite, 487, { toTag: 'a' });
    };
    session.end();
    await expectNothingLeft(world, phone);
  });
});

describe('a call that ends', () => {
  scenario('answers a re-INVITE that is still open with 487 (RFC 3261 §15.1.2)', {}, async (world) => {
    const { phone, peer, session, log, toTag } = await answered(world);
    const offers: RemoteOffer[] = [];
    session.on('offer', (offer) => offers.push(offer));
    peer.request('INVITE', 2, { toTag, body: SDP });
    await world.run(50);
    peer.request('BYE', 3, { toTag });
    await world.run(50);
    expect(peer.statuses('BYE', 3)).toEqual([200]);
    expect(peer.statuses('INVITE', 2)).toContain(487);
    offers[0]?.answer(phone.sdp());
    peer.request('ACK', 2, { toTag });
    expect(log.ended).toHaveLength(1);
    await expectNothingLeft(world, phone);
    expect(peer.statuses('INVITE', 2)).not.toContain(200);
  });

  scenario('answers an INFO that nobody answered with 487', {}, async (world) => {
    const { phone, peer, session, toTag } = await answered(world);
    session.on('request', () => {});
    peer.request('INFO', 2, { toTag });
    await world.run(50);
    peer.request('BYE', 3, { toTag });
    await world.run(50);
    expect(peer.statuses('INFO', 2)).toEqual([487]);
    await expectNothingLeft(world, phone);
  });

  scenario(
    'sends BYE once and after the ACK, however often it is ended (RFC 3261 §15)',
    {},
    async (world) => {
      const { phone, peer, session, log, toTag } = await answered(world, { acknowledged: false });
      peer.onRequest = (request) => peer.respond(request, 200);
      session.end();
      session.end();
      await world.run(300);
      expect(peer.got('BYE')).toHaveLength(0);
      peer.request('ACK', 1, { toTag });
      await world.run(300);
      expect(peer.got('BYE')).toHaveLength(1);
      expect(log.ended.map(({ by }) => by)).toEqual(['local']);
      await expectNothingLeft(world, phone);
    },
  );

  scenario('takes a BYE that overtakes the ACK, and stops repeating its 2xx', {}, async (world) => {
    const { phone, peer, log, toTag } = await answered(world, { acknowledged: false });
    peer.request('BYE', 2, { toTag });
    await world.run(50);
    const copies = peer.statuses('INVITE', 1).filter((status) => status === 200).length;
    await world.run(5000);
    expect(peer.statuses('BYE', 2)).toEqual([200]);
    expect(peer.statuses('INVITE', 1).filter((status) => status === 200)).toHaveLength(copies);
    expect(log.ended.map(({ by }) => by)).toEqual(['remote']);
    await expectNothingLeft(world, phone);
  });

  scenario(
    'answers a BYE before its own answer with 200, and the INVITE with 487 (§15.1.2)',
    {},
    async (world) => {
      const { phone, peer, log, toTag } = await called(world);
      peer.request('BYE', 2, { toTag });
      await world.run(50);
      expect(peer.statuses('BYE', 2)).toEqual([200]);
      expect(peer.statuses('INVITE', 1)).toContain(487);
      peer.request('ACK', 1, { toTag, branch: 'z9hG4bKraw0' });
      expect(log.ended).toHaveLength(1);
      await expectNothingLeft(world, phone);
    },
  );
});
