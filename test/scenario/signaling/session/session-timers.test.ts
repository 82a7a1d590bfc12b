// Session timers (RFC 4028) against a peer told every step.
import { describe, expect } from 'vitest';
import { scenario } from '../../../support/index.ts';
import { called, expectNothingLeft, SDP } from './stage.ts';

describe('session timers (RFC 4028 §10)', () => {
  const timer = (value: string): [string, string][] => [
    ['Supported', 'timer'],
    ['Session-Expires', value],
    ['Allow', 'INVITE, ACK, BYE, UPDATE'],
  ];

  scenario('the side that does not refresh hangs up when no refresh comes', {}, async (world) => {
    const call = await called(world, { headers: timer('90;refresher=uac'), sdp: SDP });
    const { phone, peer, session, log, toTag } = call;
    peer.onRequest = (request) => peer.respond(request, 200);
    session.accept({ sdp: phone.sdp() });
    await world.run(50);
    const ok = peer.responses.find(({ status }) => status === 200);
    expect(ok?.header('Session-Expires')).toBe('90;refresher=uac');
    expect(ok?.header('Require')).toBe('timer');
    peer.request('ACK', 1, { toTag });
    await world.run(50_000);
    peer.request('UPDATE', 2, { toTag, headers: timer('90;refresher=uac') });
    await world.run(50_000);
    expect(log.ended).toHaveLength(0);
    await world.run(15_000);
    expect(log.ended).toMatchObject([{ by: 'timeout' }]);
    expect(peer.got('BYE')).toHaveLength(1);
    await expectNothingLeft(world, phone);
  });

  scenario(
    'the side that refreshes does so at half time, by UPDATE where it is allowed',
    {},
    async (world) => {
      const { phone, peer, session, log, toTag } = await called(world, {
        headers: timer('100;refresher=uas'),
        sdp: SDP,
      });
      peer.onRequest = (request) =>
        peer.respond(request, 200, { headers: [['Session-Expires', '100;refresher=uac']] });
      session.accept({ sdp: phone.sdp() });
      await world.run(50);
      peer.request('ACK', 1, { toTag });
      await world.run(210_000);
      expect(log.ended).toHaveLength(0);
      expect(peer.got('UPDATE').length).toBeGreaterThanOrEqual(4);
      expect(peer.got('UPDATE')[0]?.body).toHaveLength(0);
      peer.request('BYE', 2, { toTag });
      await expectNothingLeft(world, phone);
    },
  );

  scenario('a refresher whose peer is gone ends the call', {}, async (world) => {
    const { phone, peer, session, log, toTag } = await called(world, {
      headers: timer('100;refresher=uas'),
      sdp: SDP,
    });
    session.accept({ sdp: phone.sdp() });
    await world.run(50);
    peer.request('ACK', 1, { toTag });
    await world.run(100_000);
    expect(log.ended).toMatchObject([{ by: 'timeout' }]);
    await expectNothingLeft(world, phone);
  });

  scenario('a refresh without an interval ends the expiry (RFC 4028 §7.2)', {}, async (world) => {
    const headers = timer('90;refresher=uac');
    const { phone, peer, session, log, toTag } = await called(world, { headers, sdp: SDP });
    session.accept({ sdp: phone.sdp() });
    await world.run(50);
    peer.request('ACK', 1, { toTag });
    peer.request('UPDATE', 2, { toTag });
    await world.run(500_000);
    expect(log.ended).toHaveLength(0);
    peer.request('BYE', 3, { toTag });
    await expectNothingLeft(world, phone);
  });
});
