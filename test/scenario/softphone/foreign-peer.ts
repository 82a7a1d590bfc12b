// Somebody else's phones and server: scripted signaling, and ICE behind it.
import { DecodeError, type Endpoint } from '../../../core/index.ts';
import { type IcePath, openIcePath } from '../../../nat/index.ts';
import {
  audioOf,
  type IncomingSession,
  iceAttributes,
  iceOf,
  openSipEndpoint,
  parseSdp,
  SipUserAgent,
} from '../../../signaling/index.ts';
import type { Host, World } from '../../support/index.ts';
import { BOB, testPhone } from './phones.ts';

/** Where Bob is called, whoever answers there. */
export async function foreignServer(world: World): Promise<SipUserAgent> {
  const host = world.host('foreign', { addresses: [BOB] });
  const listen = [{ protocol: 'udp', address: BOB, port: 5060 }] as const;
  return new SipUserAgent(host, await world.complete(openSipEndpoint(host, { listen, product: 'foreign' })));
}

/** Alice calls Bob, who is behind somebody else's server: what it does is up to the test. */
export async function invitedByAlice(world: World) {
  const alice = await testPhone(world, 'alice', { codecs: ['pcmu'] });
  const userAgent = await foreignServer(world);
  const sessions: IncomingSession[] = [];
  userAgent.on('invite', ({ session }) => sessions.push(session));
  const call = await world.complete(alice.phone.call(`sip:bob@${BOB}`));
  await world.runUntil(() => sessions.length > 0, { what: 'the INVITE' });
  const [session] = sessions;
  if (!session) throw new Error('nobody was called');
  return { alice, userAgent, call, session };
}

/** It speaks ICE, or does without. */
export interface ForeignPhone {
  /** None where it does without. */
  readonly path: IcePath | undefined;
  readonly sdp: string;
  /** Where its sound is. */
  readonly at: Endpoint;
  /** Says so much, to where Alice is. */
  speak(count: number): void;
  close(): void;
}

/** @param offer - which it is to answer */
export async function foreignPhone(host: Host, offer: string, hasIce = true): Promise<ForeignPhone> {
  const address = host.addresses[0] ?? '';
  const socket = await host.network.bindUdp({ address, port: 0 });
  const path = await openIcePath(host, {
    addresses: [address],
    bindUdp: async () => socket,
    role: 'controlled',
    components: 1,
  });
  const description = parseSdp(offer);
  if (description instanceof DecodeError) throw description;
  const line = audioOf(description)?.line;
  const ice = line && iceOf(description, line);
  if (!ice || !line) throw new Error('the offer has no ICE');
  if (hasIce) path.setRemote(ice);
  const fallback = { address: line.address ?? '', port: line.port };
  let sequenceNumber = 0;
  return {
    path: hasIce ? path : undefined,
    at: socket.local,
    sdp: sdpOf(socket.local, hasIce ? path : undefined),
    speak: (count) => {
      for (let i = 0; i < count; i += 1) path.send(1, rtp(++sequenceNumber, socket.local.port), fallback);
    },
    close: () => path.close(),
  };
}

function sdpOf({ address, port }: Endpoint, path: IcePath | undefined): string {
  const lines = ['v=0', `o=- 1 1 IN IP4 ${address}`, 's=-', `c=IN IP4 ${address}`, 't=0 0'];
  const ice = path ? ['rtcp-mux', ...iceAttributes(path.local)] : [];
  return [...lines, `m=audio ${port} RTP/AVP 0`, ...ice.map((text) => `a=${text}`), ''].join('\r\n');
}

function rtp(sequenceNumber: number, ssrc: number): Uint8Array {
  const packet = new Uint8Array(172).fill(0x80 | (sequenceNumber & 0x7f), 12);
  const view = new DataView(packet.buffer);
  view.setUint16(0, 0x8000);
  view.setUint16(2, sequenceNumber);
  view.setUint32(4, sequenceNumber * 160);
  view.setUint32(8, ssrc);
  return packet;
}
