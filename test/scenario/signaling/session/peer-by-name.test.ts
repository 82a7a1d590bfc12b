// Calls to a host name: who we are towards the peer is known only when its address is.
import { expect } from 'vitest';
import {
  type IncomingSession,
  openSipEndpoint,
  parseUri,
  SipUserAgent,
  type Uri,
} from '../../../../signaling/index.ts';
import { expectEmpty, scenario, type World } from '../../../support/index.ts';
import { watchSession } from '../../../support/test-phone.ts';
import { SDP } from './stage.ts';

async function userAgent(world: World, name: string, addresses: readonly string[]): Promise<SipUserAgent> {
  const host = world.host(name, { addresses });
  const listen = [{ protocol: 'udp' as const, address: '0.0.0.0', port: 5060 }];
  const endpoint = await world.complete(openSipEndpoint(host, { listen, product: name }));
  return new SipUserAgent(host, endpoint, { sessionExpiresSeconds: 0 });
}

function uriOf(text: string): Uri {
  const uri = parseUri(text);
  if (!('host' in uri)) throw new Error(`no URI: ${text}`);
  return uri;
}

const OWN = { displayName: undefined, uri: uriOf('sip:alice@example.org'), parameters: new Map() };

scenario(
  'the peer is told our address toward it, and reaches us there within the call',
  {},
  async (world) => {
    world.names.hosts.set('pbx.example.com', ['10.0.0.9']);
    const alice = await userAgent(world, 'alice', ['192.0.2.1', '10.0.0.5/24']);
    const bob = await userAgent(world, 'bob', ['10.0.0.9/24']);
    const called: IncomingSession[] = [];
    bob.on('invite', ({ session }) => {
      called.push(session);
      session.accept({ sdp: SDP });
    });
    const call = alice.invite({ target: uriOf('sip:bob@pbx.example.com'), from: OWN, sdp: SDP });
    const log = watchSession(call);
    call.on('offer', (offer) => offer.answer(SDP));
    await world.runUntil(() => log.accepted.length > 0, { what: 'the answer' });
    await world.run(100);
    const [incoming] = called;
    if (!incoming) throw new Error('bob was not called');
    expect(incoming.invite.header('Contact')).toContain('sip:alice@10.0.0.5:5060');
    // The answer to an offer of his names it, too, and so the next request finds us again.
    const answer = await world.complete(incoming.offer(SDP.replace('bob 1 1', 'bob 1 2')));
    expect(answer.response?.header('Contact')).toContain('sip:alice@10.0.0.5:5060');
    incoming.end();
    await world.runUntil(() => log.ended.length > 0, { what: 'the end', limitMs: 1000 });
    await world.run(100_000);
    await world.complete(Promise.all([alice.close(), bob.close()]));
    expectEmpty(world.tables());
  },
);
