// A far end that names its candidates after its answer, by INFO (RFC 8840).
import { describe, expect } from 'vitest';
import { formatCandidate } from '../../../nat/index.ts';
import { scenario, type World } from '../../support/index.ts';
import { type ForeignPhone, foreignPhone, invitedByAlice } from './foreign-peer.ts';
import { closePhones } from './phones.ts';

/** Alice is answered by a phone that has named no candidate yet, and nowhere to send to. */
async function trickling(world: World) {
  const { alice, userAgent, call, session } = await invitedByAlice(world);
  const host = world.host('bob', { addresses: ['198.51.100.12'] });
  const phone = await world.complete(foreignPhone(host, session.offerSdp ?? ''));
  const sdp = phone.sdp
    .replace(/^c=.*$/m, 'c=IN IP4 0.0.0.0')
    .replace(/^m=audio \d+/m, 'm=audio 9')
    .replace(/^a=candidate:.*\r\n/gm, '')
    .replace(/^(a=ice-options:.*)$/m, '$1 trickle');
  session.accept({ sdp });
  await world.runUntil(() => call.state === 'answered', { what: 'the answer' });
  const inform = (body: string, name = 'trickle-ice', type = 'application/trickle-ice-sdpfrag') =>
    world.complete(
      session.request('INFO', {
        headers: [
          ['Info-Package', name],
          ['Content-Disposition', 'Info-Package'],
        ],
        body,
        contentType: type,
      }),
    );
  const end = async () => {
    call.hangUp();
    const report = await world.complete(call.finished);
    phone.close();
    await world.complete(userAgent.close());
    await closePhones(world, alice);
    return report;
  };
  return { call, session, phone, inform, end };
}

function fragment({ path }: ForeignPhone, password = path?.local.credentials.password): string {
  if (!path) throw new Error('it has ICE');
  const { credentials, candidates } = path.local;
  return [
    `a=ice-ufrag:${credentials.ufrag}`,
    `a=ice-pwd:${password}`,
    'm=audio 9 RTP/AVP 0',
    'a=mid:1',
    ...candidates.map((candidate) => `a=candidate:${formatCandidate(candidate)}`),
    'a=end-of-candidates',
    '',
  ].join('\r\n');
}

describe('candidates that come by INFO', () => {
  scenario('are checked as if they had been in the answer', {}, async (world) => {
    const { call, phone, inform, end } = await trickling(world);
    expect((await inform(fragment(phone))).status).toBe(200);
    await world.run(1000);
    expect(call.report().path).toMatchObject({ kind: 'direct', remoteType: 'host' });
    phone.speak(20);
    await world.run(500);
    const report = await end();
    expect(report.inbound.packets).toBe(20);
  });

  scenario('mean nothing where they belong to another exchange, or are none', {}, async (world) => {
    const { call, phone, inform, end } = await trickling(world);
    expect((await inform(fragment(phone, 'anotheranotheranotheranother'))).status).toBe(200);
    expect((await inform('a=candidate:1 1 UDP 1 198.51.100.12 4000 typ host')).status).toBe(400);
    expect((await inform('<x/>', 'trickle-ice', 'application/xml')).status).toBe(415);
    const unknown = await inform('?', 'conference');
    expect([unknown.status, unknown.response?.header('Recv-Info')]).toEqual([469, 'trickle-ice']);
    expect(call.state).toBe('answered');
    await end();
  });
});
