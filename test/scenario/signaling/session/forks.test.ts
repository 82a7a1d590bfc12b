// Somebody else answers than the one who had early media: each speaks in a dialog of its own (RFC 3261 §12.1).
import { describe, expect } from 'vitest';
import { scenario, type World } from '../../../support/index.ts';
import { called, expectNothingLeft } from './stage.ts';

describe('a call that forks behind us', () => {
  async function forked(world: World) {
    const call = await called(world);
    const { phone, peer, session } = call;
    session.progress(183, { sdp: phone.sdp() });
    session.fork();
    session.progress(183, { sdp: phone.sdp('sendrecv', 2) });
    await world.run(50);
    const tags = peer.responses.filter(({ status }) => status === 183).map(({ toTag }) => toTag);
    return { ...call, tags };
  }

  scenario('has another To tag, and is answered in the last dialog', {}, async (world) => {
    const { phone, peer, session, log, toTag, tags } = await forked(world);
    expect(tags).toHaveLength(2);
    expect([tags[0] === toTag, tags[1] === toTag]).toEqual([true, false]);
    expect(phone.userAgent.dialogCount).toBe(2);
    session.accept({ sdp: phone.sdp('sendrecv', 2) });
    await world.run(50);
    const answer = peer.responses.findLast(({ cseq }) => cseq.method === 'INVITE');
    expect([answer?.status, answer?.toTag]).toEqual([200, tags[1]]);
    expect(phone.userAgent.dialogCount).toBe(1);
    peer.request('ACK', 1, { toTag: tags[1] });
    await world.run(2000);
    expect(peer.statuses('INVITE', 1).filter((status) => status === 200)).toHaveLength(1);
    peer.request('BYE', 2, { toTag: tags[1] });
    await world.run(50);
    expect(log.ended).toMatchObject([{ by: 'remote' }]);
    await expectNothingLeft(world, phone);
  });

  scenario('goes on where the caller hangs up the dialog before', {}, async (world) => {
    const { phone, peer, session, log, tags } = await forked(world);
    peer.request('BYE', 2, { toTag: tags[0] });
    await world.run(50);
    expect(peer.statuses('BYE', 2)).toEqual([200]);
    expect(log.ended).toEqual([]);
    session.accept({ sdp: phone.sdp('sendrecv', 2) });
    await world.run(50);
    peer.request('ACK', 1, { toTag: tags[1] });
    peer.request('BYE', 3, { toTag: tags[1] });
    await expectNothingLeft(world, phone);
    expect(log.ended).toHaveLength(1);
  });

  scenario('leaves nothing where the caller cancels, or nobody takes it', {}, async (world) => {
    const { phone, peer, session, toTag, tags } = await forked(world);
    session.reject(486);
    await world.run(50);
    expect(peer.statuses('INVITE', 1).at(-1)).toBe(486);
    peer.request('ACK', 1, { toTag: tags[1] ?? toTag, branch: 'z9hG4bKraw0' });
    await expectNothingLeft(world, phone);
  });
});
