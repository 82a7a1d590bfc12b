// Without ICE, behind a NAT: a STUN server tells where we are, and whoever knows nothing of NATs finds us there.
import { describe, expect } from 'vitest';
import { type Endpoint, formatEndpoint, silentLog } from '../../../core/index.ts';
import { loadCodecs } from '../../../media/index.ts';
import { BindingResponder } from '../../../nat/index.ts';
import {
  createRequest,
  createResponse,
  parseMessage,
  SipRequest,
  serializeMessage,
} from '../../../signaling/index.ts';
import { createSoftphone, type SoftphoneOptions } from '../../../softphone/index.ts';
import { type Host, type NatOptions, scenario, type World } from '../../support/index.ts';
import { mediaAddress } from '../../support/test-phone.ts';
import { BOB } from './phones.ts';

const STUN: Endpoint = { address: '198.51.100.9', port: 3478 };
const OUTSIDE = '203.0.113.9';

async function stunServer(world: World): Promise<void> {
  const host = world.host('stun', { addresses: [STUN.address] });
  const responder = new BindingResponder();
  const socket = await host.network.bindUdp(STUN);
  socket.onDatagram = (bytes, address, port) => {
    const answer = responder.handleDatagram(bytes, { address, port });
    if (answer) socket.send(answer, address, port);
  };
}

/** A peer that answers where a request came from (RFC 3581), and for all else believes what it reads. */
async function plainPeer(host: Host) {
  const sip = await host.network.bindUdp({ address: BOB, port: 5060 });
  const sound = await host.network.bindUdp({ address: BOB, port: 4000 });
  const requests: SipRequest[] = [];
  const sdp = `v=0\r\no=- 1 1 IN IP4 ${BOB}\r\ns=-\r\nc=IN IP4 ${BOB}\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n`;
  const contact = ['Contact', `<sip:bob@${BOB}>`] as const;
  sip.onDatagram = (bytes, address, port) => {
    const request = parseMessage(bytes.slice());
    if (!(request instanceof SipRequest)) return;
    requests.push(request);
    if (request.method === 'ACK') return;
    const body = request.method === 'INVITE' ? { body: sdp, contentType: 'application/sdp' } : {};
    const headers = request.method === 'REGISTER' ? [] : [contact];
    const response = createResponse(request, 200, { toTag: 'plain', headers, ...body });
    sip.send(serializeMessage(response), address, port);
  };
  const last = (method: string) => requests.findLast((request) => request.method === method);
  /** By the Contact of the INVITE alone. */
  const bye = () => {
    const invite = last('INVITE');
    const uri = invite?.contacts[0]?.uri;
    if (!invite || uri?.scheme !== 'sip') throw new Error('nobody has called');
    const request = createRequest({
      method: 'BYE',
      requestUri: uri,
      headers: [
        ['Via', `SIP/2.0/UDP ${BOB};branch=z9hG4bKplain`],
        ['Max-Forwards', '70'],
        ['From', `${invite.header('To')};tag=plain`],
        ['To', invite.header('From') ?? ''],
        ['Call-ID', invite.callId],
        ['CSeq', '1 BYE'],
      ],
    });
    sip.send(serializeMessage(request), uri.host, uri.port ?? 5060);
  };
  const speak = (to: Endpoint) => {
    for (let number = 1; number <= 20; number += 1) {
      const packet = new Uint8Array(172);
      packet.set([0x80, 0, 0, number, 0, 0, 0, number, 0, 0, 0, 9]);
      sound.send(packet, to.address, to.port);
    }
  };
  return { last, bye, speak };
}

async function stage(world: World, nat: Partial<NatOptions>, options: SoftphoneOptions = {}) {
  await loadCodecs({ log: silentLog });
  await stunServer(world);
  const peer = await plainPeer(world.host('bob', { addresses: [BOB] }));
  const behind = world.nat('home', { externalAddress: OUTSIDE, mapping: 'endpoint-independent', ...nat });
  const host = world.host('alice', { addresses: ['192.168.1.2'], behind });
  const phone = await world.complete(
    createSoftphone({
      runtime: host,
      ice: 'off',
      stunServer: { host: STUN.address, port: STUN.port },
      localAddress: '192.168.1.2',
      codecs: ['pcmu'],
      ...options,
    }),
  );
  return { peer, behind, phone };
}

const contactOf = (request: SipRequest | undefined) => {
  const uri = request?.contacts[0]?.uri;
  return uri?.scheme === 'sip' ? { address: uri.host, port: uri.port } : undefined;
};

describe('a phone without ICE that asks a STUN server', () => {
  scenario(
    'is heard, hears, and is hung up by a peer that believes Contact and SDP',
    { link: { delayMs: 20 } },
    async (world) => {
      const { peer, phone } = await stage(world, { filtering: 'endpoint-independent' });
      const call = await world.complete(phone.call(`sip:bob@${BOB}`));
      await world.runUntil(() => call.state === 'answered', { what: 'the answer' });
      const invite = peer.last('INVITE');
      expect(contactOf(invite)?.address).toBe(OUTSIDE);
      expect(contactOf(invite)?.port).not.toBe(phone.local.port);
      // What goes back by rport needs no public address.
      expect(invite?.topVia.host).toBe('192.168.1.2');
      expect(invite?.topVia.parameters.has('rport')).toBe(true);
      const place = mediaAddress(invite?.bodyText);
      expect(place.address).toBe(OUTSIDE);
      peer.speak(place);
      await world.run(500);
      expect(call.report().inbound.packets).toBe(20);
      peer.bye();
      const report = await world.complete(call.finished);
      expect(report.endedBy).toBe('remote');
      await world.complete(phone.close());
    },
  );

  scenario('registers with that Contact, and again where the NAT has forgotten it', {}, async (world) => {
    const account = { user: 'alice', server: BOB };
    const { peer, behind, phone } = await stage(world, {}, { account });
    await world.complete(phone.register());
    const first = contactOf(peer.last('REGISTER'));
    expect(first?.address).toBe(OUTSIDE);
    behind.udp.clear();
    await world.run(60_000);
    const second = contactOf(peer.last('REGISTER'));
    const taken = peer.last('REGISTER')?.contacts.map(({ parameters }) => parameters.get('expires'));
    expect(taken).toEqual([undefined, '0']);
    expect(second?.address).toBe(OUTSIDE);
    expect(second?.port).not.toBe(first?.port);
    await world.complete(phone.close());
  });

  scenario('does without where nobody answers', {}, async (world) => {
    const { peer, phone } = await stage(world, {}, { stunServer: { host: '198.51.100.200', port: 3478 } });
    const call = await world.complete(phone.call(`sip:bob@${BOB}`));
    await world.runUntil(() => call.state === 'answered', { what: 'the answer' });
    expect(contactOf(peer.last('INVITE'))).toEqual(phone.local);
    expect(formatEndpoint(phone.local)).toMatch(/^192\.168\.1\.2:/);
    call.hangUp();
    await world.complete(call.finished);
    await world.complete(phone.close());
  });
});
