// Whose packets count: parties behind NATs, parties that move, and strangers who flood.
import { describe, expect } from 'vitest';
import { encodeRtcp } from '../../../media/rtcp/index.ts';
import { encodeRtp } from '../../../media/rtp/index.ts';
import { ANYONE, type Host, randomLoss, scenario, type World } from '../../support/index.ts';
import { Party, RELAY, relayedCall, remoteOf, unaccounted } from './stage.ts';

const STRANGER = '203.0.113.66';

/** Sends valid RTP of the negotiated format from many ports, as fast as one packet a millisecond. */
async function flood(host: Host, world: World, options: { toPort: number; packets: number; ports: number }) {
  const sockets = await Promise.all(
    Array.from({ length: options.ports }, () => host.network.bindUdp({ address: host.address, port: 0 })),
  );
  for (let i = 0; i < options.packets; i += 1) {
    const header = { payloadType: 0, marker: false, sequenceNumber: i, timestamp: 160 * i, ssrc: 0xbad };
    sockets[i % sockets.length]?.send(encodeRtp(header, new Uint8Array(160)), RELAY, options.toPort);
    await world.run(1);
  }
  for (const socket of sockets) socket.close();
}

describe('latching', () => {
  scenario('lets nothing of a flood through, and tells of four strangers at most', {}, async (world) => {
    const { alice, bob, legs, told, end } = await relayedCall(world);
    alice.talkTo(legs.alice);
    bob.talkTo(legs.bob);
    await world.run(100);
    const stranger = world.host('stranger', { addresses: [STRANGER] });
    await flood(stranger, world, { toPort: legs.alice.rtpPort, packets: 2000, ports: 20 });
    alice.fallSilent();
    await world.run(100);
    expect(told.filter(({ name }) => name === 'sourceRefused')).toHaveLength(4);
    const reports = await end();
    expect(reports.alice.discarded).toEqual({ 'wrong-source': 2000 });
    expect(unaccounted(reports.alice)).toBe(0);
    expect(reports.alice.source).toEqual(alice.local);
    expect(reports.alice.inbound).toMatchObject({ lost: 0, packets: reports.alice.forwarded });
    const [first = 0] = bob.heard;
    expect(bob.heard).toEqual(bob.heard.map((_, index) => first + index));
    // Nothing went to the stranger either.
    expect(reports.alice.sent).toBe(reports.bob.forwarded);
  });

  scenario('prefers the party to a flood that came first', {}, async (world) => {
    const { alice, bob, legs, end } = await relayedCall(world);
    bob.talkTo(legs.bob);
    const stranger = world.host('stranger', { addresses: [STRANGER] });
    const flooding = flood(stranger, world, { toPort: legs.alice.rtpPort, packets: 150, ports: 1 });
    await flooding;
    alice.talkTo(legs.alice, 50);
    await world.run(2000);
    const reports = await end();
    expect(reports.alice).toMatchObject({
      source: alice.local,
      forwarded: 50,
      discarded: { 'unproven-source': 150 },
    });
    expect(bob.heard).toHaveLength(50);
  });

  for (const from of [STRANGER, 'the address of the party']) {
    scenario(`gives the leg back to the party whose place was taken from ${from}`, {}, async (world) => {
      const { alice, bob, legs, told, end } = await relayedCall(world);
      bob.talkTo(legs.bob);
      const stranger = from === STRANGER ? world.host('stranger', { addresses: [from] }) : alice.host;
      await flood(stranger, world, { toPort: legs.alice.rtpPort, packets: 300, ports: 1 });
      alice.talkTo(legs.alice, 50);
      await world.run(100);
      const heardAtFirst = alice.heard.length;
      await flood(stranger, world, { toPort: legs.alice.rtpPort, packets: 10, ports: 1 });
      await world.run(2000);
      expect(alice.heard.length).toBeGreaterThan(heardAtFirst + 90);
      const learned = told.filter(
        ({ name, legId }) => name === 'sourceLearned' && legId === legs.alice.legId,
      );
      expect(learned.map(({ source }) => source?.address)).toEqual([stranger.address, alice.local.address]);
      const reports = await end();
      // Until then the stranger was heard: 200 of its packets waited, and the last ten are nobody's.
      expect(reports.alice).toMatchObject({
        source: alice.local,
        discarded: { 'unproven-source': 200, 'wrong-source': 10 },
      });
      expect(unaccounted(reports.alice)).toBe(0);
    });
  }

  scenario('hears and reaches a party behind a NAT, whose SDP says something else', {}, async (world) => {
    const nat = world.nat('home', {
      externalAddress: '198.51.100.7',
      mapping: 'address-and-port-dependent',
      filtering: 'address-and-port-dependent',
    });
    const host = world.host('alice', { addresses: ['10.0.0.2'], behind: nat });
    const { alice, bob, legs, told, end } = await relayedCall(world, { alice: host });
    alice.talkTo(legs.alice);
    bob.talkTo(legs.bob);
    await world.run(5000);
    const learned = told.find(({ name, legId }) => name === 'sourceLearned' && legId === legs.alice.legId);
    expect(learned?.source?.address).toBe('198.51.100.7');
    // 200 ms of the first sound are the price, both ways.
    expect(bob.heard.length).toBeGreaterThan(230);
    expect(alice.heard.length).toBeGreaterThan(230);
    // Its RTCP comes from a port of its own, and ours finds the way back.
    expect(alice.session.report(world.now()).roundTripMs).toBeCloseTo(10, 0);
    const reports = await end();
    expect(reports.alice.discarded['unproven-source']).toBeLessThanOrEqual(11);
    expect(unaccounted(reports.alice)).toBe(0);
  });

  scenario('moves once with an SDP that names another address, and not back', {}, async (world) => {
    const { engine, alice, bob, legs, told, end } = await relayedCall(world);
    alice.talkTo(legs.alice);
    bob.talkTo(legs.bob);
    await world.run(1000);
    const moved = await Party.create(world.host('moved', { addresses: ['192.0.2.33'] }));
    // Before signaling says so, the new place is a stranger.
    moved.talkTo(legs.alice);
    await world.run(500);
    expect(moved.heard).toEqual([]);
    await engine.setRemote(legs.alice.legId, remoteOf(moved.local));
    await world.run(1000);
    // The old place still talks, and a repeated SDP changes nothing.
    await engine.setRemote(legs.alice.legId, remoteOf(moved.local));
    await world.run(1000);
    const learned = told.filter(({ name, legId }) => name === 'sourceLearned' && legId === legs.alice.legId);
    expect(learned.map(({ source }) => source)).toEqual([alice.local, moved.local]);
    expect(moved.heard.length).toBeGreaterThan(95);
    const heardBefore = alice.heard.length;
    await world.run(1000);
    expect(alice.heard).toHaveLength(heardBefore);
    // What bob hears stays one stream without a hole.
    const [first = 0] = bob.heard;
    expect(bob.heard).toEqual(bob.heard.map((_, index) => first + index));
    moved.close();
    const reports = await end();
    expect(reports.alice.source).toEqual(moved.local);
    expect(unaccounted(reports.alice)).toBe(0);
  });

  scenario('lets nobody forge reports or goodbyes', {}, async (world) => {
    const { engine, alice, bob, legs, end } = await relayedCall(world);
    alice.talkTo(legs.alice);
    bob.talkTo(legs.bob);
    await world.run(10_000);
    const before = await engine.report(legs.alice.legId);
    const stranger = world.host('stranger', { addresses: [STRANGER] });
    const socket = await stranger.network.bindUdp({ address: STRANGER, port: 4001 });
    const lie = {
      ssrc: legs.alice.ssrc,
      fractionLost: 255,
      cumulativeLost: 400,
      extendedHighestSequenceNumber: 1,
      interarrivalJitter: 0xffff_ffff,
      lastSr: 1,
      delaySinceLastSr: 1,
    };
    const forged = encodeRtcp([
      { type: 'RR', ssrc: 1, reports: [lie] },
      { type: 'BYE', sources: [1], reason: 'gone' },
    ]);
    for (const port of [legs.alice.rtpPort, legs.alice.rtcpPort]) socket.send(forged, RELAY, port);
    await world.run(100);
    const after = await engine.report(legs.alice.legId);
    expect(after.outbound?.jitterMs).toBe(before.outbound?.jitterMs);
    expect(after.outbound?.lost).toBe(before.outbound?.lost);
    socket.close();
    await end();
  });

  scenario('learns behind a NAT over a link that loses a third', { seed: 3 }, async (world) => {
    world.link('alice', ANYONE, { loss: randomLoss(0.33) });
    const nat = world.nat('home', { externalAddress: '198.51.100.7' });
    const host = world.host('alice', { addresses: ['10.0.0.2'], behind: nat });
    const { alice, bob, legs, end } = await relayedCall(world, { alice: host });
    alice.talkTo(legs.alice, 300);
    bob.talkTo(legs.bob, 300);
    await world.run(7000);
    const reports = await end();
    expect(reports.alice.forwarded).toBeGreaterThan(150);
    expect(unaccounted(reports.alice)).toBe(0);
    expect(unaccounted(reports.bob)).toBe(0);
  });
});
