// What legs note of their parties besides quality, and what both ends know of a bad network.
import { describe, expect } from 'vitest';
import { encodeRtcp, type ReportBlock } from '../../../media/rtcp/index.ts';
import { encodeRtp } from '../../../media/rtp/index.ts';
import { randomLoss, scenario } from '../../support/index.ts';
import { FORMATS, RELAY, relayedCall, remoteOf } from './stage.ts';

describe('facts of a leg', () => {
  scenario('name addresses, formats, payload types, digits and times', {}, async (world) => {
    const { alice, bob, legs, end } = await relayedCall(world);
    await world.run(1000);
    alice.talkTo(legs.alice);
    bob.talkTo(legs.bob);
    await world.run(2000);
    alice.session.sendDigits('12');
    await world.run(3000);
    const stranger = world.host('stranger', { addresses: ['203.0.113.66'] });
    const socket = await stranger.network.bindUdp({ address: stranger.address, port: 7000 });
    const header = { marker: false, sequenceNumber: 1, timestamp: 160, ssrc: 0xbad };
    socket.send(encodeRtp({ ...header, payloadType: 0 }, new Uint8Array(160)), RELAY, legs.alice.rtpPort);
    const wrong = encodeRtp({ ...header, payloadType: 18 }, new Uint8Array(20));
    socket.send(wrong, RELAY, legs.alice.rtpPort);
    socket.close();
    // From another port of the party's host.
    const other = await alice.host.network.bindUdp({ address: alice.host.address, port: 4010 });
    for (let i = 0; i < 3; i += 1) other.send(wrong, RELAY, legs.alice.rtpPort);
    other.close();
    alice.fallSilent();
    await world.run(1000);
    const { facts, inbound } = (await end()).alice;
    const [sound, events, strange] = facts.payloadTypes;
    expect(facts).toMatchObject({
      promised: alice.local,
      refusedSources: [{ address: '203.0.113.66', port: 7000 }],
      direction: 'sendrecv',
      noReceiveMs: 0,
      noSendMs: 0,
      openMs: 7000,
      sendFormats: FORMATS,
      receiveFormats: FORMATS,
      clockDriftPpm: null,
      digits: 2,
      rtcpLies: 0,
    });
    expect(facts.payloadTypes).toHaveLength(3);
    expect(sound).toMatchObject({ payloadType: 0, isNegotiated: true });
    expect(events).toMatchObject({ payloadType: 101, isNegotiated: true });
    expect(strange).toEqual({ payloadType: 18, packets: 3, isNegotiated: false });
    expect((sound?.packets ?? 0) + (events?.packets ?? 0)).toBe(inbound.packets);
    expect(facts.firstPacketMs).toBeGreaterThan(1000);
    expect(facts.firstPacketMs).toBeLessThan(1100);
    expect(facts.lastPacketMs).toBeGreaterThan(5900);
    expect(facts.lastPacketMs).toBeLessThan(6100);
    expect(facts.rtcpReports).toBeGreaterThan(0);
  });

  scenario('add up how long a party was on hold, in either way', {}, async (world) => {
    const { engine, alice, legs, end } = await relayedCall(world);
    for (const [direction, ms] of [
      ['sendonly', 500],
      ['inactive', 300],
      ['sendrecv', 900],
      ['recvonly', 200],
    ] as const) {
      await engine.setRemote(legs.alice.legId, remoteOf(alice.local, { direction }));
      await world.run(ms);
    }
    const { facts } = (await end()).alice;
    expect(facts).toMatchObject({ direction: 'recvonly', noReceiveMs: 800, noSendMs: 500 });
    expect([facts.firstPacketMs, facts.lastPacketMs, facts.payloadTypes]).toEqual([null, null, []]);
  });

  scenario('take what a phone sends through a hold for no loss', {}, async (world) => {
    const { engine, alice, bob, legs, end } = await relayedCall(world);
    alice.talkTo(legs.alice);
    await world.run(2000);
    await engine.setRemote(legs.alice.legId, remoteOf(alice.local, { direction: 'sendonly' }));
    await world.run(1000);
    await engine.setRemote(legs.alice.legId, remoteOf(alice.local));
    await world.run(2000);
    const report = (await end()).alice;
    expect(report.discarded.direction).toBeGreaterThan(45);
    expect(bob.heard.length).toBeLessThan(205);
    expect(report.inbound).toMatchObject({ packets: report.received, lost: 0, lossRatio: 0 });
    expect(report.inboundHistory.mosLq.every((mos) => mos === null || mos > 4.3)).toBe(true);
  });

  scenario('rate what a phone sends by its codec, whatever it takes first', {}, async (world) => {
    const { engine, alice, legs, end } = await relayedCall(world);
    const g729 = { payloadType: 18, encoding: 'g729', clockRateHz: 8000, channels: 1 };
    await engine.setRemote(legs.alice.legId, remoteOf(alice.local, { formats: [...FORMATS, g729] }));
    const other = await alice.host.network.bindUdp({ address: alice.host.address, port: 4010 });
    for (let i = 0; i < 200; i += 1) {
      const header = { payloadType: 18, marker: false, sequenceNumber: i, timestamp: 160 * i, ssrc: 7 };
      other.send(encodeRtp(header, new Uint8Array(20)), RELAY, legs.alice.rtpPort);
      await world.run(20);
    }
    other.close();
    const { codec, inbound, inboundHistory } = (await end()).alice;
    // ITU-T G.113: G.729A takes 11 of R.
    expect([codec, inbound.rFactor]).toEqual(['pcmu', expect.closeTo(82.2, 1)]);
    expect(inboundHistory.rFactor.at(-1)).toBeCloseTo(82.2, 1);
  });

  scenario('tell a clock that is fast, and the loss and round trip that both ends see', {}, async (world) => {
    const { alice, bob, legs, end } = await relayedCall(world);
    world.link('alice', 'relay', { delayMs: 30, jitterMs: 10, loss: randomLoss(0.1) });
    alice.talkTo(legs.alice);
    bob.talkTo(legs.bob);
    await world.run(40_000);
    const phone = alice.session.report(world.clock.now());
    const { alice: leg } = await end();
    expect(Math.abs(leg.facts.clockDriftPpm ?? Number.NaN)).toBeLessThan(25);
    expect(leg.facts.rtcpLies).toBe(0);
    // Each end knows its own loss, and the other's by RTCP and by XR.
    expect(leg.inbound.lossRatio).toBeCloseTo(0.1, 1);
    expect(phone.outbound?.lossRatio).toBeCloseTo(leg.inbound.lossRatio ?? 0, 1);
    expect(leg.reportedByParty?.lossRatio).toBeCloseTo(phone.inbound.lossRatio ?? 0, 1);
    expect(phone.reportedByParty?.burstDensity).toBeCloseTo(leg.inbound.burstGap?.burstDensity ?? 0, 1);
    expect(leg.outbound?.burstGap?.burstMs).toBeGreaterThan(0);
    for (const report of [leg, phone]) {
      expect(report.roundTripMs).toBeGreaterThan(60);
      expect(report.roundTripMs).toBeLessThan(81);
      expect(report.outboundHistory.rFactor.filter((r) => r !== null).length).toBeGreaterThan(30);
      expect(report.inboundHistory.rFactor.length).toBe(39);
    }
  });

  scenario('count what a liar says, which neither ends nor spoils the call', {}, async (world) => {
    const { engine, bob, legs, end } = await relayedCall(world);
    const liar = world.host('liar', { addresses: ['192.0.2.9'] });
    const socket = await liar.network.bindUdp({ address: liar.address, port: 5000 });
    const leg = await engine.openLeg({ callKey: 'call', localAddress: RELAY, label: 'liar' });
    await engine.setRemote(leg.legId, remoteOf(socket.local, { rtcp: socket.local, rtcpMux: true }));
    await engine.connect(leg.legId, legs.bob.legId);
    bob.talkTo(legs.bob);
    const send = (bytes: Uint8Array) => socket.send(bytes, RELAY, leg.rtpPort);
    const lie: ReportBlock = {
      ssrc: leg.ssrc,
      fractionLost: 255,
      cumulativeLost: 0x7f_ffff,
      extendedHighestSequenceNumber: 0xffff_ffff,
      interarrivalJitter: 0xffff_ffff,
      lastSr: 0xffff_ffff,
      delaySinceLastSr: 0x8000_0000,
    };
    for (let i = 0; i < 200; i += 1) {
      const header = { payloadType: 0, marker: false, sequenceNumber: i, timestamp: 160 * i, ssrc: 7 };
      send(encodeRtp(header, new Uint8Array(160)));
      if (i === 20)
        send(
          encodeRtcp([
            { type: 'RR', ssrc: 7, reports: [] },
            { type: 'BYE', sources: [7], reason: 'over' },
          ]),
        );
      for (let flood = 0; flood < 5; flood += 1)
        send(encodeRtcp([{ type: 'RR', ssrc: 7, reports: [{ ...lie, fractionLost: i & 0xff }] }]));
      await world.run(20);
    }
    const report = await engine.closeLeg(leg.legId);
    socket.close();
    expect(bob.heard).toHaveLength(200);
    expect(report.facts).toMatchObject({ rtcpReports: 1001, rtcpLies: 1001 });
    // Nothing is made of it.
    expect(report.outbound).toBeNull();
    expect(report.roundTripMs).toBeNull();
    expect(JSON.stringify(report)).not.toMatch(/NaN|Infinity/);
    // What the liar spoils is its own direction alone.
    expect(report.inbound).toMatchObject({ lost: 0, mosLq: expect.closeTo(4.41, 2) });
    await end();
  });
});
