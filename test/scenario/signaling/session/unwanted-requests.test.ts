// Requests of strangers, and requests that cannot be taken: the call goes on.
import { describe, expect } from 'vitest';
import { scenario } from '../../../support/index.ts';
import { phoneAndPeer } from './raw-peer.ts';
import { answered, expectNothingLeft, SDP } from './stage.ts';

describe('requests that belong to nobody', () => {
  scenario(
    'are 481, also with the Call-ID of a live call and one wrong tag (RFC 3261 §12.2.2)',
    {},
    async (world) => {
      const { phone, peer, log, toTag } = await answered(world);
      peer.request('BYE', 90, { toTag: 'wrong' });
      peer.request('BYE', 91, { toTag, fromTag: 'wrong' });
      peer.request('BYE', 92, { toTag, callId: 'wrong' });
      await world.run(50);
      for (const number of [90, 91, 92]) expect(peer.statuses('BYE', number)).toEqual([481]);
      expect(log.ended).toHaveLength(0);
      peer.request('BYE', 2, { toTag });
      await expectNothingLeft(world, phone);
    },
  );

  scenario('out of order are 500 and change nothing (RFC 3261 §12.2.2)', {}, async (world) => {
    const { phone, peer, log, toTag } = await answered(world);
    peer.request('OPTIONS', 9, { toTag });
    await world.run(50);
    peer.request('BYE', 5, { toTag });
    await world.run(50);
    expect(peer.statuses('BYE', 5)).toEqual([500]);
    expect(log.ended).toHaveLength(0);
    peer.request('BYE', 10, { toTag });
    await expectNothingLeft(world, phone);
  });

  scenario('a 2xx that nobody asked for is not even acknowledged', {}, async (world) => {
    const { phone, peer } = await phoneAndPeer(world);
    const fake = peer.request('INVITE', 1, { body: SDP });
    await world.run(50);
    peer.respond(fake, 200, { toTag: 'x' });
    await world.run(50);
    expect(peer.got('ACK')).toHaveLength(0);
    phone.incoming[0]?.reject(603);
    await world.run(50);
    peer.request('ACK', 1, { toTag: 'x', branch: 'z9hG4bKraw0' });
    await expectNothingLeft(world, phone);
  });
});

const UNTAKEN: {
  name: string;
  method: string;
  headers: [string, string][];
  body?: string;
  status: number;
}[] = [
  {
    name: 'an extension nobody knows',
    method: 'INVITE',
    headers: [['Require', 'magic']],
    body: SDP,
    status: 420,
  },
  {
    name: 'a session interval too short (RFC 4028 §8)',
    method: 'INVITE',
    headers: [
      ['Supported', 'timer'],
      ['Session-Expires', '60'],
    ],
    body: SDP,
    status: 422,
  },
  {
    name: 'an answer in something else than SDP',
    method: 'INVITE',
    headers: [['Accept', 'text/nobodyKnowsThis']],
    body: SDP,
    status: 406,
  },
  {
    name: 'an event nobody asked for (RFC 6665 §4.1.3)',
    method: 'NOTIFY',
    headers: [
      ['Event', 'x'],
      ['Subscription-State', 'active'],
    ],
    status: 489,
  },
  {
    name: 'a header that cannot be read',
    method: 'UPDATE',
    headers: [['Session-Expires', 'soon']],
    status: 400,
  },
];

describe.each(UNTAKEN.filter(({ status }) => status !== 406))(
  '$method within a call that wants $name',
  ({ method, headers, body, status }) => {
    scenario(`is ${status}, and the call goes on`, {}, async (world) => {
      const { phone, peer, log, toTag } = await answered(world);
      peer.request(method, 2, { toTag, headers, branch: 'z9hG4bKodd', ...(body ? { body } : {}) });
      await world.run(50);
      expect(peer.statuses(method, 2)).toContain(status);
      if (method === 'INVITE') peer.request('ACK', 2, { toTag, branch: 'z9hG4bKodd' });
      expect(log.ended).toHaveLength(0);
      peer.request('BYE', 3, { toTag });
      await expectNothingLeft(world, phone);
    });
  },
);

describe.each(UNTAKEN.filter(({ method }) => method === 'INVITE'))('an INVITE with $name', (row) => {
  scenario(`is ${row.status} and makes no session`, {}, async (world) => {
    const { phone, peer } = await phoneAndPeer(world);
    peer.request('INVITE', 1, { headers: row.headers, body: SDP });
    await world.run(50);
    expect(peer.statuses('INVITE', 1)).toEqual([row.status]);
    expect(phone.incoming).toHaveLength(0);
    peer.request('ACK', 1, { branch: 'z9hG4bKraw0' });
    await expectNothingLeft(world, phone);
  });
});
