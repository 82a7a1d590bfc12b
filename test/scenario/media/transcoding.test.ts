// Parties that share no sound format hear each other all the same.
import { describe, expect } from 'vitest';
import { levelDbov } from '../../../media/audio/index.ts';
import { decodeG711, muLaw } from '../../../media/codec/index.ts';
import { randomLoss, scenario } from '../../support/index.ts';
import { convertedCall } from './conversion-stage.ts';
import { unaccounted } from './stage.ts';
import { FORMATS, type Heard } from './tone-party.ts';

const { pcmu, pcma, opus, events8000, events48000 } = FORMATS;

/** Whether every packet follows the one before by one number and so many ticks. */
function isUnbroken(heard: readonly Heard[], ticks: number): boolean {
  return heard.every((packet, index) => {
    const before = heard[index - 1];
    if (!before) return true;
    return (
      packet.sequenceNumber === ((before.sequenceNumber + 1) & 0xffff) &&
      packet.timestamp === (before.timestamp + ticks) >>> 0
    );
  });
}

describe('the engine', () => {
  for (const [from, to] of [
    [opus, pcmu],
    [pcmu, opus],
    [pcmu, pcma],
  ] as const) {
    const ticks = (to.clockRateHz * 20) / 1000;
    scenario(`transcodes ${from.encoding} to ${to.encoding} in one unbroken stream`, {}, async (world) => {
      const { alice, bob, legs, end } = await convertedCall(world, {
        alice: { formats: [from] },
        bob: { formats: [to] },
      });
      alice.say(legs.alice, { frequencyHz: 440, durationMs: 1000 });
      bob.say(legs.bob, { frequencyHz: 1000, durationMs: 1000 });
      await world.run(3000);
      expect(bob.levelOf(440)).toBeCloseTo(-20, -0.5);
      expect(alice.levelOf(1000)).toBeCloseTo(-20, -0.5);
      expect(bob.levelOf(1000)).toBeLessThan(-50);
      expect(isUnbroken(bob.heard, ticks)).toBe(true);
      const reports = await end();
      for (const report of Object.values(reports)) {
        expect(report).toMatchObject({ received: 50, consumed: 50, forwarded: 0, discarded: {} });
      }
    });
  }

  scenario('turns comfort noise into noise of the other format (RFC 3389)', {}, async (world) => {
    const comfortNoise = { ...pcma, payloadType: 13, encoding: 'cn' };
    const { alice, bob, legs, end } = await convertedCall(world, {
      alice: { formats: [pcma, comfortNoise] },
      bob: { formats: [pcmu, comfortNoise] },
    });
    alice.say(legs.alice, { frequencyHz: 440, durationMs: 400 });
    await world.run(400);
    for (let count = 0; count < 5; count += 1) {
      alice.sendRaw(legs.alice, 13, Uint8Array.of(66));
      alice.skip(1600);
      await world.run(200);
    }
    await world.run(2000);
    expect(new Set(bob.heard.map(({ payloadType }) => payloadType))).toEqual(new Set([0]));
    expect(isUnbroken(bob.heard, 160)).toBe(true);
    const noise = bob.heard.slice(40, 60).map(({ payload }) => levelDbov(decodeG711(muLaw, payload)));
    for (const level of noise) expect(level).toBeCloseTo(-66, -0.5);
    const { alice: report } = await end();
    expect(report).toMatchObject({ received: 25, consumed: 25, discarded: {} });
  });

  scenario('repacks while it transcodes, as either party wishes', {}, async (world) => {
    const { alice, bob, legs, end } = await convertedCall(world, {
      alice: { formats: [pcma] },
      bob: { formats: [pcmu], remote: { ptimeMs: 30 } },
    });
    alice.say(legs.alice, { frequencyHz: 440, durationMs: 1200, ptimeMs: 60 });
    await world.run(3000);
    expect(bob.levelOf(440)).toBeCloseTo(-20, -0.5);
    expect(new Set(bob.heard.map(({ payload }) => payload.length))).toEqual(new Set([240]));
    expect(isUnbroken(bob.heard, 240)).toBe(true);
    await end();
  });

  scenario('sends nothing for a party that is silent, and goes on in its time', {}, async (world) => {
    const { alice, bob, legs, end } = await convertedCall(world, {
      alice: { formats: [pcma] },
      bob: { formats: [pcmu] },
    });
    alice.say(legs.alice, { frequencyHz: 440, durationMs: 400 });
    await world.run(5000);
    const before = bob.heard.length;
    await world.run(5000);
    expect(bob.heard.length).toBe(before);
    alice.say(legs.alice, { frequencyHz: 440, durationMs: 400 });
    await world.run(3000);
    const [last, next] = [bob.heard[before - 1], bob.heard[before]];
    expect(next?.marker).toBe(true);
    expect(((next?.sequenceNumber ?? 0) - (last?.sequenceNumber ?? 0)) & 0xffff).toBe(1);
    const elapsedTicks = ((next?.at ?? 0) - (last?.at ?? 0)) * 8;
    expect((next?.timestamp ?? 0) - (last?.timestamp ?? 0)).toBeCloseTo(elapsedTicks, -2);
    await end();
  });

  scenario('accounts for garbage, loss and duplicates', {}, async (world) => {
    world.link('alice', 'relay', { loss: randomLoss(0.1), duplicateRatio: 0.1, jitterMs: 30 });
    const { alice, bob, legs, end } = await convertedCall(world, {
      alice: { formats: [opus, events48000] },
      bob: { formats: [pcmu] },
    });
    alice.say(legs.alice, { frequencyHz: 440, durationMs: 2000 });
    const { random } = world;
    for (let index = 0; index < 50; index += 1) {
      await world.run(20);
      const length = random.uint32() % 40;
      alice.sendRaw(
        legs.alice,
        111,
        Uint8Array.from({ length }, () => random.uint32()),
      );
      alice.sendRaw(
        legs.alice,
        110,
        Uint8Array.from({ length: length % 6 }, () => random.uint32()),
      );
      alice.sendRaw(legs.alice, 120, new Uint8Array(10));
    }
    await world.run(3000);
    const reports = await end();
    expect(unaccounted(reports.alice)).toBe(0);
    expect(reports.alice.discarded['wrong-payload-type']).toBeGreaterThan(30);
    expect(bob.heard.length).toBeGreaterThan(50);
  });

  scenario(
    'transcodes a format that the party may send but its new peer does not take',
    {},
    async (world) => {
      const { alice, bob, legs, end } = await convertedCall(world, {
        alice: { formats: [opus, pcmu, events8000] },
        bob: { formats: [pcmu, events8000] },
      });
      alice.say(legs.alice, { frequencyHz: 440, durationMs: 1000 });
      await world.run(3000);
      expect(bob.levelOf(440)).toBeCloseTo(-20, -0.5);
      bob.say(legs.bob, { frequencyHz: 440, durationMs: 200 });
      await world.run(1000);
      const reports = await end();
      // Bob's format is alice's, too: it passes as it is.
      expect(reports.bob).toMatchObject({ forwarded: 10, consumed: 0 });
      // What came until the codecs were there was dropped.
      expect(Object.keys(reports.alice.discarded)).toEqual(['no-codec']);
      expect(unaccounted(reports.alice)).toBe(0);
    },
  );
});
