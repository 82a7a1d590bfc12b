import { describe, expect, it } from 'vitest';
import { SecureLink } from '../../../../softphone/secure/secure-link.ts';
import { FakeRuntime } from '../fake-runtime.ts';
import { FakeLinkPeer } from './fake-link-peer.ts';

const KEY = '25:A6:78:64';
const PACKET = new Uint8Array([0x80]);

function sdpOf(ufrag: string, key = KEY): string {
  return `v=0\r\na=fingerprint:sha-256 ${key}\r\na=ice-ufrag:${ufrag}\r\n`;
}

function setUp({ isCallee = false } = {}) {
  const runtime = new FakeRuntime();
  const first = new FakeLinkPeer('first');
  const opened: FakeLinkPeer[] = [];
  const log: string[] = [];
  const link = new SecureLink(runtime, {
    peer: first,
    open: async (offerSdp) => {
      const peer = new FakeLinkPeer(`${offerSdp === undefined ? 'offer' : 'answer'} ${opened.length + 2}`);
      opened.push(peer);
      return peer;
    },
    ...(isCallee ? { offerSdp: sdpOf('far1') } : {}),
  });
  link.onState = (state) => log.push(state);
  link.onFailure = (reason) => log.push(reason);
  link.onPacket = () => log.push('packet');
  if (!isCallee) link.accept(sdpOf('far1'));
  first.onConnected?.();
  return { runtime, first, opened, log, link };
}

describe('SecureLink', () => {
  it('asks for another association where the one that it has is lost, or nothing is heard over it', async () => {
    const { log, first, link, runtime } = setUp();
    first.onLost?.();
    await runtime.advance(0);
    expect(log).toEqual(['connected', 'disconnected']);
    first.onPacket?.(PACKET);
    link.noteSilence(1000);
    link.noteSilence(1600);
    link.noteSilence(1700);
    await runtime.advance(0);
    expect(log).toEqual(['connected', 'disconnected', 'connected', 'packet', 'disconnected']);
  });

  it('leaves that to the caller for a while where we were called', async () => {
    const { log, first, runtime } = setUp({ isCallee: true });
    first.onLost?.();
    await runtime.advance(2900);
    expect(log).toEqual(['connected']);
    await runtime.advance(200);
    expect(log).toEqual(['connected', 'disconnected']);
  });

  it('offers the other one, hears both, and sends over it once it is connected', async () => {
    const { link, first, opened, log } = setUp();
    expect(await link.renew()).toBe(true);
    const [next] = opened;
    expect(link.description.sessionName).toBe('offer 2');
    link.accept(sdpOf('far2'));
    expect([first.accepted, next?.accepted]).toEqual([[sdpOf('far1')], [sdpOf('far2')]]);
    link.sendPacket(PACKET);
    next?.onPacket?.(PACKET);
    next?.onConnected?.();
    link.sendPacket(PACKET);
    expect([first.sent.length, next?.sent.length, first.isClosed]).toEqual([1, 1, true]);
    expect(log).toEqual(['connected', 'packet', 'connected']);
    expect(link.facts.changes).toBe(1);
  });

  it('keeps what it has where the offer is refused, or the other one finds no path', async () => {
    const { link, first, opened, log } = setUp();
    await link.renew();
    link.abandon();
    await link.renew();
    link.accept(sdpOf('far2'));
    opened[1]?.onFailure?.('no path was found');
    expect(opened.map(({ isClosed }) => isClosed)).toEqual([true, true]);
    expect([first.isClosed, link.description.sessionName, log]).toEqual([false, 'first', ['connected']]);
  });

  it('answers an offer for another one, and leaves offers of the same alone', async () => {
    const { link, opened } = setUp({ isCallee: true });
    expect(await link.take(sdpOf('far1'))).toBe(true);
    expect(opened).toEqual([]);
    expect(await link.take(sdpOf('far2'))).toBe(true);
    expect(link.description.sessionName).toBe('answer 2');
    opened[0]?.onConnected?.();
    expect(link.facts.changes).toBe(1);
  });

  it('takes no other certificate than that of the first description, offered or answered', async () => {
    const { link, opened } = setUp({ isCallee: true });
    expect(await link.take(sdpOf('far2', 'FF:FF'))).toBe(false);
    expect(opened).toEqual([]);
    const caller = setUp();
    await caller.link.renew();
    caller.link.accept(sdpOf('far2', 'FF:FF'));
    expect(caller.opened[0]?.accepted).toEqual([]);
    expect(caller.log).toEqual(['connected', 'the far end has another certificate than before']);
    expect(caller.first.isClosed).toBe(true);
  });

  it('ends the call where DTLS has seen another certificate than before, whatever was described', async () => {
    const { link, opened, log, first } = setUp({ isCallee: true });
    await link.take(sdpOf('far2'));
    const [next] = opened;
    if (next) next.fingerprint = 'FF:FF';
    next?.onConnected?.();
    expect(log).toEqual(['connected', 'the far end has another certificate than before']);
    expect([first.isClosed, next?.isClosed]).toEqual([true, true]);
  });

  it('ends the call where no path comes back within a minute, and at once where there never was one', async () => {
    const { first, log, runtime } = setUp();
    first.onLost?.();
    first.onFailure?.('the path broke');
    await runtime.advance(60_000);
    expect(log).toEqual(['connected', 'disconnected', 'the path broke']);
    const failing = new FakeLinkPeer('failing');
    const reasons: string[] = [];
    const link = new SecureLink(new FakeRuntime(), { peer: failing, open: async () => failing });
    link.onFailure = (reason) => reasons.push(reason);
    failing.onFailure?.('no path was found');
    expect(reasons).toEqual(['no path was found']);
  });

  it('closes all that it has, also what is opened meanwhile', async () => {
    const { link, first, opened } = setUp();
    const renewing = link.renew();
    link.close();
    expect([await renewing, first.isClosed, opened[0]?.isClosed]).toEqual([false, true, true]);
  });
});
