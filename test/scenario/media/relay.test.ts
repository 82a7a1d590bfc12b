// Sound through the relay, over links that lose, double, delay and reorder it.
import { describe, expect } from 'vitest';
import { dropEvery, dropNth, randomLoss, scenario } from '../../support/index.ts';
import { relayedCall, unaccounted } from './stage.ts';

const FRAMES = 500;
const DURATION_MS = 20 * FRAMES + 1000;

describe('the relay', () => {
  scenario('passes every packet both ways and accounts for it', {}, async (world) => {
    const { alice, bob, legs, end } = await relayedCall(world);
    alice.talkTo(legs.alice, FRAMES);
    bob.talkTo(legs.bob, FRAMES);
    await world.run(DURATION_MS);
    const reports = await end();
    for (const report of Object.values(reports)) {
      expect(report).toMatchObject({ received: FRAMES, forwarded: FRAMES, sent: FRAMES, discarded: {} });
      expect(report.inbound).toMatchObject({ packets: FRAMES, lost: 0, lossRatio: 0 });
    }
    expect([alice.heard.length, bob.heard.length]).toEqual([FRAMES, FRAMES]);
  });

  scenario('accounts for every packet where both links lose, double and reorder', {}, async (world) => {
    const link = { jitterMs: 15, loss: randomLoss(0.05), duplicateRatio: 0.03, reorderRatio: 0.05 };
    for (const party of ['alice', 'bob']) world.link(party, 'relay', link);
    const { alice, bob, legs, end } = await relayedCall(world);
    alice.talkTo(legs.alice, FRAMES);
    bob.talkTo(legs.bob, FRAMES);
    await world.run(DURATION_MS);
    const reports = await end();
    for (const report of Object.values(reports)) {
      expect(report.received).toBeGreaterThan(0.9 * FRAMES);
      expect(unaccounted(report)).toBe(0);
    }
    expect(reports.alice.sent).toBe(reports.bob.forwarded);
    expect(reports.bob.sent).toBe(reports.alice.forwarded);
  });

  scenario(
    'counts exactly the loss of its own side, and shows the rest to the far end',
    {},
    async (world) => {
      // Every tenth of alice's packets, RTCP included, never reaches the relay.
      world.linkOneWay('alice', 'relay', { loss: dropEvery(10) });
      const { alice, bob, legs, end } = await relayedCall(world);
      alice.talkTo(legs.alice, FRAMES);
      bob.talkTo(legs.bob, FRAMES);
      await world.run(20 * FRAMES);
      const reports = await end();
      const lost = FRAMES - reports.alice.received;
      expect(lost).toBeGreaterThanOrEqual(FRAMES / 10 - 1);
      expect(reports.alice.inbound.lost).toBe(lost);
      expect(reports.bob.inbound.lost).toBe(0);
      // The hole is still there in the numbers that bob sees.
      expect(bob.session.report(world.now()).inbound.lost).toBe(lost);
      expect(alice.session.report(world.now()).inbound.lost).toBe(0);
    },
  );

  scenario('gives round trip and the party’s own loss by RTCP', {}, async (world) => {
    world.link('alice', 'relay', { delayMs: 40 });
    world.link('bob', 'relay', { delayMs: 10 });
    world.linkOneWay('relay', 'bob', { delayMs: 10, loss: dropNth(100, 101, 102, 200, 300) });
    const { engine, alice, bob, legs, end } = await relayedCall(world);
    alice.talkTo(legs.alice);
    bob.talkTo(legs.bob);
    await world.run(30_000);
    const ofAlice = await engine.report(legs.alice.legId);
    const ofBob = await engine.report(legs.bob.legId);
    expect(ofAlice.roundTripMs).toBeCloseTo(80, 0);
    expect(ofBob.roundTripMs).toBeCloseTo(20, 0);
    expect(alice.session.report(world.now()).roundTripMs).toBeCloseTo(80, 0);
    expect(ofAlice.outbound).toMatchObject({ lost: 0 });
    // Of five datagrams that were lost some may have been RTCP.
    expect(ofBob.outbound?.lost).toBeGreaterThanOrEqual(3);
    expect(ofBob.outbound?.lost).toBe(bob.session.report(world.now()).inbound.lost);
    expect(ofBob.inbound.mosCq).toBeGreaterThan(4);
    await end();
  });

  scenario('sends one unbroken stream from a tone to the other party', {}, async (world) => {
    const { engine, alice, bob, legs, end } = await relayedCall(world);
    bob.talkTo(legs.bob);
    await world.run(500);
    const played = engine.playTone(legs.bob.legId, 'confirmation');
    await world.run(300);
    alice.talkTo(legs.alice);
    await world.complete(played);
    await world.run(2000);
    const numbers = bob.heard;
    expect(numbers.length).toBeGreaterThan(100);
    expect(numbers).toEqual(numbers.map((_, index) => (numbers[0] ?? 0) + index));
    const ssrcs = bob.events.flatMap((event) => (event.type === 'frame' ? [event.frame.ssrc] : []));
    expect(new Set(ssrcs)).toEqual(new Set([legs.bob.ssrc]));
    expect(bob.session.report(world.now()).inbound).toMatchObject({ lost: 0 });
    expect((await engine.report(legs.alice.legId)).discarded.tone).toBeGreaterThan(5);
    await end();
  });

  scenario('echoes a party to itself, as another', {}, async (world) => {
    const { engine, alice, legs, end } = await relayedCall(world);
    await engine.echo(legs.alice.legId);
    alice.talkTo(legs.alice, 100);
    await world.run(3000);
    expect(alice.heard).toHaveLength(100);
    const reports = await end();
    expect(reports.alice).toMatchObject({ received: 100, forwarded: 100, sent: 100 });
    expect(reports.bob).toMatchObject({ received: 0, sent: 0 });
  });

  scenario('tells of every digit once over links that lose and double', {}, async (world) => {
    world.link('alice', 'relay', { loss: randomLoss(0.1), duplicateRatio: 0.2 });
    const { alice, bob, legs, told, end } = await relayedCall(world);
    alice.talkTo(legs.alice);
    alice.session.sendDigits('0815*#');
    await world.run(6 * 240 + 500);
    expect(told.filter(({ name }) => name === 'digit').map(({ digit }) => digit)).toEqual([...'0815*#']);
    // From here on bob listens, too.
    bob.talkTo(legs.bob);
    alice.session.sendDigits('7');
    await world.run(500);
    expect(bob.events).toContainEqual({ type: 'digit', digit: '7', durationMs: 100 });
    await end();
  });

  scenario('tells of silence each minute that it lasts', {}, async (world) => {
    const { alice, legs, told, end } = await relayedCall(world);
    const inactive = () => told.filter(({ name }) => name === 'inactive').map(({ legId }) => legId);
    alice.talkTo(legs.alice);
    await world.run(30_000);
    expect(inactive()).toEqual([]);
    await world.run(31_000);
    expect(inactive()).toEqual([legs.bob.legId]);
    alice.close();
    await world.run(61_000);
    expect(inactive()).toEqual([legs.bob.legId, legs.bob.legId, legs.alice.legId]);
    await end();
  });
});
