// Offers at the wrong time: each refusal by name, and no standstill.
import { describe, expect } from 'vitest';
import type { RemoteOffer } from '../../../../signaling/index.ts';
import { scenario } from '../../../support/index.ts';
import { answered, called, expectNothingLeft, SDP } from './stage.ts';

describe('offers at the wrong time', () => {
  scenario(
    'UPDATE before the answer: 500 with Retry-After; without SDP it is only a refresh (RFC 3311 §5.2)',
    {},
    async (world) => {
      const { phone, peer, session, toTag } = await called(world);
      peer.request('UPDATE', 2, { toTag, body: SDP });
      peer.request('UPDATE', 3, { toTag });
      await world.run(50);
      const refusal = peer.responses.find(({ cseq }) => cseq.sequenceNumber === 2);
      expect(refusal?.status).toBe(500);
      expect(Number(refusal?.header('Retry-After'))).toBeLessThanOrEqual(10);
      expect(peer.statuses('UPDATE', 3)).toEqual([200]);
      session.reject(486);
      await world.run(50);
      peer.request('ACK', 1, { toTag, branch: 'z9hG4bKraw0' });
      await expectNothingLeft(world, phone);
    },
  );

  scenario(
    'a second re-INVITE while the first is open: 500 with Retry-After (RFC 3261 §14.2)',
    {},
    async (world) => {
      const { phone, peer, session, toTag } = await answered(world);
      const offers: RemoteOffer[] = [];
      session.on('offer', (offer) => offers.push(offer));
      peer.request('INVITE', 2, { toTag, body: SDP });
      await world.run(50);
      peer.request('INVITE', 3, { toTag, body: SDP, branch: 'z9hG4bKsecond' });
      await world.run(50);
      expect(peer.statuses('INVITE', 3)).toEqual([500]);
      peer.request('ACK', 3, { toTag, branch: 'z9hG4bKsecond' });
      offers[0]?.answer(phone.sdp());
      await world.run(50);
      expect(peer.statuses('INVITE', 2)).toContain(200);
      peer.request('ACK', 2, { toTag });
      await world.run(50);
      peer.request('BYE', 4, { toTag });
      await expectNothingLeft(world, phone);
    },
  );

  scenario('re-INVITE while ours is under way: 491 (RFC 3261 §14.2)', {}, async (world) => {
    const { phone, peer, session, toTag } = await answered(world);
    const result = session.offer(phone.sdp('sendonly', 2));
    await world.runUntil(() => peer.got('INVITE').length > 0);
    peer.request('INVITE', 2, { toTag, body: SDP, branch: 'z9hG4bKglare' });
    await world.run(50);
    expect(peer.statuses('INVITE', 2)).toEqual([491]);
    peer.request('ACK', 2, { toTag, branch: 'z9hG4bKglare' });
    const [invite] = peer.got('INVITE');
    if (invite) peer.respond(invite, 200, { body: SDP, contentType: 'application/sdp' });
    expect((await world.complete(result)).status).toBe(200);
    peer.request('BYE', 3, { toTag });
    await expectNothingLeft(world, phone);
  });

  scenario(
    're-INVITE whose sender has our 2xx, its ACK being lost, is taken (RFC 5407 §3.1.4)',
    {},
    async (world) => {
      const { phone, peer, session, toTag } = await answered(world, { acknowledged: false });
      session.on('offer', (offer) => offer.answer(phone.sdp('sendrecv', 2)));
      peer.request('INVITE', 2, { toTag, body: SDP });
      await world.run(50);
      expect(peer.statuses('INVITE', 2)).toContain(200);
      peer.request('ACK', 2, { toTag });
      await world.run(50);
      peer.request('BYE', 3, { toTag });
      await expectNothingLeft(world, phone);
    },
  );

  scenario(
    're-INVITE before the ACK that has the answer to our offer: 491 (RFC 5407 §3.1.5)',
    {},
    async (world) => {
      const { phone, peer, session, toTag } = await called(world, { sdp: undefined });
      session.accept({ sdp: phone.sdp() });
      await world.run(50);
      peer.request('INVITE', 2, { toTag, body: SDP, branch: 'z9hG4bKearly' });
      await world.run(50);
      expect(peer.statuses('INVITE', 2)).toEqual([491]);
      peer.request('ACK', 2, { toTag, branch: 'z9hG4bKearly' });
      peer.request('ACK', 1, { toTag, body: SDP });
      await world.run(50);
      peer.request('BYE', 3, { toTag });
      await expectNothingLeft(world, phone);
    },
  );

  scenario(
    'ours, while theirs waits for an answer that waits for ours, comes to 491 and not to a standstill',
    {},
    async (world) => {
      const { phone, peer, session, toTag } = await answered(world);
      const offers: RemoteOffer[] = [];
      session.on('offer', (offer) => offers.push(offer));
      peer.request('INVITE', 2, { toTag, body: SDP });
      await world.run(50);
      peer.onRequest = (request) => peer.respond(request, 488, { toTag });
      const result = session.offer(phone.sdp('sendrecv', 2)).then((outcome) => {
        offers[0]?.reject(outcome.status);
        return outcome;
      });
      expect((await world.complete(result)).status).toBe(491);
      await world.run(50);
      expect(peer.statuses('INVITE', 2)).toContain(491);
      expect(peer.got('INVITE')).toHaveLength(0);
      peer.request('BYE', 3, { toTag });
      await expectNothingLeft(world, phone);
    },
  );

  scenario(
    'ours, answered with 481 by a peer that has forgotten the call, ends it (§12.2.1.2)',
    {},
    async (world) => {
      const { phone, peer, session, log, toTag } = await answered(world);
      peer.onRequest = (request) => {
        if (request.method !== 'ACK') peer.respond(request, 481, { toTag });
      };
      expect((await world.complete(session.offer(phone.sdp('sendonly', 2)))).status).toBe(481);
      expect(log.ended).toMatchObject([{ by: 'timeout' }]);
      await expectNothingLeft(world, phone);
      expect(peer.got('BYE')).toHaveLength(1);
    },
  );
});
