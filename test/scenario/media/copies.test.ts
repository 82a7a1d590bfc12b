// Redundancy (RFC 2198) by legs: a lossy party's ends at the relay, and a clean party pays nothing.
import { describe, expect } from 'vitest';
import type { PayloadFormat } from '../../../media/index.ts';
import { RedSender } from '../../../media/red/index.ts';
import { randomLoss, scenario } from '../../support/index.ts';
import { convertedCall } from './conversion-stage.ts';
import { FORMATS, relayedCall, unaccounted } from './stage.ts';
import { FORMATS as SOUNDS } from './tone-party.ts';

const RED: PayloadFormat = {
  payloadType: 121,
  encoding: 'red',
  clockRateHz: 8000,
  channels: 1,
  formatParameters: '0/0',
};
const WITH_RED = [...FORMATS, RED];
const { pcmu } = SOUNDS;

describe('copies', () => {
  scenario('of a party that loses mend its way to the relay, and go no farther', {}, async (world) => {
    world.linkOneWay('alice', 'relay', { loss: randomLoss(0.1), jitterMs: 30, duplicateRatio: 0.02 });
    const { alice, bob, legs, end } = await convertedCall(world, {
      alice: { formats: [pcmu, RED] },
      bob: { formats: [pcmu] },
    });
    const red = new RedSender();
    red.level = 2;
    const frames = 500;
    for (let index = 0; index < frames; index += 1) {
      const plain = new Uint8Array(160).fill(index);
      const payload = red.encode(0, plain, alice.timestamp);
      alice.sendRaw(legs.alice, payload ? RED.payloadType : 0, payload ?? plain);
      alice.skip(160);
      await world.run(20);
    }
    await world.run(200);
    const numbers = bob.heard.map(({ sequenceNumber }) => sequenceNumber);
    const distinct = new Set(numbers);
    expect(new Set(bob.heard.map(({ payloadType }) => payloadType))).toEqual(new Set([0]));
    // One in ten is lost, and one in ten thereof again, and thereof.
    expect(frames - distinct.size).toBeLessThan(0.01 * frames);
    const [first] = bob.heard;
    for (const { sequenceNumber, timestamp, payload } of bob.heard) {
      const index = (sequenceNumber - (first?.sequenceNumber ?? 0)) & 0xffff;
      expect((timestamp - (first?.timestamp ?? 0)) >>> 0).toBe(index * 160);
      expect(payload).toEqual(new Uint8Array(160).fill(index + (first?.payload[0] ?? 0)));
    }
    const { alice: report, bob: ofBob } = await end();
    expect(report.repaired).toBeGreaterThan(0.06 * frames);
    expect(unaccounted(report)).toBe(0);
    expect(ofBob.sent).toBe(report.forwarded + report.repaired);
  });

  scenario('go to a party whose reports say that it loses, though its peer sends none', {}, async (world) => {
    world.linkOneWay('relay', 'bob', { loss: randomLoss(0.1) });
    const { alice, bob, legs, end } = await relayedCall(world, {
      formats: { alice: FORMATS, bob: WITH_RED },
    });
    alice.talkTo(legs.alice, 1500);
    bob.talkTo(legs.bob, 1500, WITH_RED);
    await world.run(32_000);
    // The report of the loss comes within the first half.
    const { heard } = bob;
    const late = heard.filter((number) => number >= (heard[0] ?? 0) + 750);
    expect(new Set(late).size).toBeGreaterThan(0.975 * 750);
    const reports = await end();
    expect(unaccounted(reports.alice)).toBe(0);
    expect(reports.alice.repaired).toBe(0);
    // Bob's own way is clean: not a byte more than plain sound.
    expect(reports.bob.receivedBytes).toBe(1500 * 172);
    expect(reports.bob.sentBytes).toBeGreaterThan(1.3 * 1500 * 172);
  });

  scenario('are not sent to a party that hears everything', {}, async (world) => {
    const formats = { alice: WITH_RED, bob: WITH_RED };
    const { alice, bob, legs, end } = await relayedCall(world, { formats });
    alice.talkTo(legs.alice, 1500, WITH_RED);
    bob.talkTo(legs.bob, 1500, WITH_RED);
    await world.run(32_000);
    const reports = await end();
    for (const report of Object.values(reports)) {
      expect(report).toMatchObject({ forwarded: 1500, repaired: 0, discarded: {} });
      expect(report.sentBytes).toBe(1500 * 172);
    }
  });

  scenario('that are garbage are dropped and counted', {}, async (world) => {
    const { alice, bob, legs, end } = await convertedCall(world, {
      alice: { formats: [pcmu, RED] },
      bob: { formats: [pcmu] },
    });
    const { random } = world;
    for (let index = 0; index < 500; index += 1) {
      const payload = Uint8Array.from({ length: random.uint32() % 30 }, () => random.uint32());
      alice.sendRaw(legs.alice, RED.payloadType, payload);
      alice.skip(160);
    }
    await world.run(1000);
    const { alice: report } = await end();
    expect(unaccounted(report)).toBe(0);
    expect(report.discarded.malformed).toBeGreaterThan(100);
    expect(report.discarded['wrong-payload-type']).toBeGreaterThan(10);
    expect(bob.heard.length).toBe(report.forwarded + report.repaired);
  });
});
