// Provisional responses that must arrive (RFC 3262), by a phone of ours.
import { describe, expect } from 'vitest';
import { scenario, type World } from '../../../support/index.ts';
import { watchSession } from '../../../support/test-phone.ts';
import { phoneAndPeer } from './raw-peer.ts';
import { expectNothingLeft, SDP } from './stage.ts';

describe('reliable provisional responses (RFC 3262)', () => {
  const reliable = { headers: [['Require', '100rel']] as [string, string][], sdp: SDP };

  async function progressing(world: World) {
    const { phone, peer } = await phoneAndPeer(world);
    phone.onCall = (session) => session.progress(183, { sdp: phone.sdp() });
    const invite = peer.request('INVITE', 1, { headers: reliable.headers, body: SDP });
    await world.runUntil(() => peer.responses.some(({ status }) => status === 183));
    const [session] = phone.incoming;
    const response = peer.responses.find(({ status }) => status === 183);
    if (!session || !response) throw new Error('no call');
    const rack = (rseq = Number(response.header('RSeq'))): [string, string] => ['RAck', `${rseq} 1 INVITE`];
    return { phone, peer, session, log: watchSession(session), invite, toTag: response.toTag, rack };
  }

  scenario('a CANCEL while the 2xx waits for PRACK is answered with 487', {}, async (world) => {
    const { phone, peer, session, log, toTag } = await progressing(world);
    session.accept({ sdp: phone.sdp() });
    peer.request('CANCEL', 1, { branch: 'z9hG4bKraw0' });
    await world.run(50);
    expect(peer.statuses('INVITE', 1)).toContain(487);
    expect(log.ended).toMatchObject([{ by: 'remote', status: 487 }]);
    peer.request('ACK', 1, { toTag, branch: 'z9hG4bKraw0' });
    await expectNothingLeft(world, phone);
    expect(peer.statuses('INVITE', 1)).not.toContain(200);
  });

  scenario('many provisionals that wait their turn never push the 2xx out', {}, async (world) => {
    const { phone, peer, session, toTag } = await progressing(world);
    for (let i = 0; i < 30; i += 1) session.progress(183, { sdp: phone.sdp() });
    session.accept({ sdp: phone.sdp() });
    for (let number = 2; number < 40 && !peer.statuses('INVITE', 1).includes(200); number += 1) {
      const rseq = peer.responses.findLast(({ status }) => status === 183)?.header('RSeq');
      peer.request('PRACK', number, { toTag, headers: [['RAck', `${rseq} 1 INVITE`]] });
      await world.run(50);
    }
    expect(peer.statuses('INVITE', 1)).toContain(200);
    peer.request('ACK', 1, { toTag });
    peer.request('BYE', 50, { toTag });
    await expectNothingLeft(world, phone);
  });

  scenario('no PRACK within 64*T1 ends the INVITE with 504, also where a 2xx waits', {}, async (world) => {
    const { phone, peer, session, log, toTag } = await progressing(world);
    session.accept({ sdp: phone.sdp() });
    await world.run(33_000);
    expect(peer.statuses('INVITE', 1).at(-1)).toBe(504);
    expect(log.ended).toMatchObject([{ by: 'timeout', status: 504 }]);
    peer.request('ACK', 1, { toTag, branch: 'z9hG4bKraw0' });
    await expectNothingLeft(world, phone);
  });

  scenario('a PRACK for another response is 481; the right one lets the 2xx go', {}, async (world) => {
    const { phone, peer, session, toTag, rack } = await progressing(world);
    session.accept({ sdp: phone.sdp() });
    peer.request('PRACK', 2, { toTag, headers: [rack(1)] });
    await world.run(50);
    expect(peer.statuses('PRACK', 2)).toEqual([481]);
    expect(peer.statuses('INVITE', 1)).not.toContain(200);
    peer.request('PRACK', 3, { toTag, headers: [rack()] });
    await world.run(50);
    expect(peer.statuses('PRACK', 3)).toEqual([200]);
    expect(peer.statuses('INVITE', 1)).toContain(200);
    peer.request('ACK', 1, { toTag });
    await world.run(50);
    peer.request('BYE', 4, { toTag });
    await expectNothingLeft(world, phone);
  });

  scenario('a PRACK that offers anew gets its answer (RFC 3262 §5)', {}, async (world) => {
    const { phone, peer, session, toTag, rack } = await progressing(world);
    session.on('offer', (offer) => offer.answer(phone.sdp('sendrecv', 2)));
    peer.request('PRACK', 2, { toTag, headers: [rack()], body: SDP });
    await world.run(50);
    const answer = peer.responses.find(({ cseq, status }) => cseq.method === 'PRACK' && status === 200);
    expect(answer?.bodyText).toContain('o=alice 1 2');
    peer.request('BYE', 3, { toTag });
    await world.run(50);
    peer.request('ACK', 1, { toTag, branch: 'z9hG4bKraw0' });
    await expectNothingLeft(world, phone);
  });
});
