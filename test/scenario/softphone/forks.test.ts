// A call that is forked: early sound of one far end, and the answer of another (RFC 3261 §12.1).
import { describe, expect } from 'vitest';
import { type Endpoint, isSameEndpoint } from '../../../core/index.ts';
import { scenario, type World } from '../../support/index.ts';
import { foreignPhone, invitedByAlice } from './foreign-peer.ts';
import { closePhones, isRtp } from './phones.ts';

/** Alice calls through a foreign proxy, which has two phones to ring. */
async function forkedCall(world: World, { secondHasIce = true } = {}) {
  const { alice, userAgent, call, session } = await invitedByAlice(world);
  const a = world.host('a', { addresses: ['198.51.100.11'] });
  const b = world.host('b', { addresses: ['198.51.100.12'] });
  const offer = session.offerSdp ?? '';
  const first = await world.complete(foreignPhone(a, offer));
  const second = await world.complete(foreignPhone(b, offer, secondHasIce));
  const end = async () => {
    call.hangUp();
    const report = await world.complete(call.finished);
    first.close();
    second.close();
    await world.complete(userAgent.close());
    return { report, left: await closePhones(world, alice) };
  };
  return { call, session, first, second, end };
}

/** Counts what Alice sends to somebody: sound, and all. */
function countTo(world: World, to: Endpoint) {
  const count = { rtp: 0, all: 0 };
  world.trace.tap((packet, { from }) => {
    if (from !== 'alice' || !isSameEndpoint(packet.destination, to)) return;
    count.all += 1;
    if (isRtp(packet)) count.rtp += 1;
  });
  return count;
}

const LINK = { link: { delayMs: 20 } };

describe('a call of which one fork has early sound', () => {
  scenario('goes to the other one, which answers, at once and alone', LINK, async (world) => {
    const { call, session, first, second, end } = await forkedCall(world);
    session.progress(183, { sdp: first.sdp });
    await world.run(1000);
    expect(call.report().path).toMatchObject({ kind: 'direct', remote: `198.51.100.11:${first.at.port}` });
    first.speak(10);
    await world.run(100);
    expect(call.report().inbound.packets).toBe(10);
    session.fork();
    session.accept({ sdp: second.sdp });
    await world.runUntil(() => call.state === 'answered', { what: 'the answer' });
    const [stale, fresh] = [countTo(world, first.at), countTo(world, second.at)];
    // It does not know yet that the call is another's.
    first.speak(5);
    await world.run(1000);
    expect(fresh.rtp).toBeGreaterThan(45);
    expect(stale.all).toBe(0);
    second.speak(20);
    await world.run(500);
    const { report, left } = await end();
    expect(report.path).toMatchObject({
      kind: 'direct',
      remote: `198.51.100.12:${second.at.port}`,
      changes: 0,
    });
    expect(report.inbound.packets).toBe(30);
    expect(Object.values(left).every((size) => size === 0)).toBe(true);
  });

  scenario('has no path any more where the one who answers speaks no ICE', LINK, async (world) => {
    const { call, session, first, second, end } = await forkedCall(world, { secondHasIce: false });
    session.progress(183, { sdp: first.sdp });
    await world.run(1000);
    session.fork();
    session.accept({ sdp: second.sdp });
    await world.runUntil(() => call.state === 'answered', { what: 'the answer' });
    const [stale, fresh] = [countTo(world, first.at), countTo(world, second.at)];
    second.speak(20);
    await world.run(4000);
    // Its checks may be answered until it hears that the call is another's.
    expect(stale.rtp).toBe(0);
    expect(fresh.rtp).toBeGreaterThan(195);
    const { report } = await end();
    expect(report.path).toMatchObject({ kind: 'described', remote: `198.51.100.12:${second.at.port}` });
    expect(report.inbound.packets).toBeGreaterThanOrEqual(20);
  });

  scenario('stays with the first of two until one answers', LINK, async (world) => {
    const { call, session, first, second, end } = await forkedCall(world);
    session.progress(183, { sdp: first.sdp });
    await world.run(500);
    session.fork();
    session.progress(183, { sdp: second.sdp });
    await world.run(500);
    expect(call.report().path?.remote).toBe(`198.51.100.11:${first.at.port}`);
    first.speak(10);
    await world.run(500);
    expect(call.report().inbound.packets).toBe(10);
    await end();
  });
});
