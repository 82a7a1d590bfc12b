// Parties that share a codec and wish for packets of another length.
import { describe, expect } from 'vitest';
import { dropNth, randomLoss, scenario } from '../../support/index.ts';
import { convertedCall } from './conversion-stage.ts';
import { unaccounted } from './stage.ts';
import { FORMATS } from './tone-party.ts';

const { pcmu, pcma, opus, events8000 } = FORMATS;

describe('packets of another length', () => {
  for (const [format, from, to] of [
    [pcmu, 20, 10],
    [pcmu, 10, 60],
    [pcma, 60, 10],
    [pcma, 20, 30],
    [pcmu, 30, 20],
  ] as const) {
    scenario(
      `are cut from ${from} ms of ${format.encoding} to ${to} ms, byte for byte`,
      {},
      async (world) => {
        const { alice, bob, legs, end } = await convertedCall(world, {
          alice: { formats: [format], remote: { ptimeMs: from } },
          bob: { formats: [format], remote: { ptimeMs: to } },
        });
        alice.say(legs.alice, { frequencyHz: 440, durationMs: 1200, ptimeMs: from });
        await world.run(2000);
        expect(new Set(bob.heard.map(({ payload }) => payload.length))).toEqual(new Set([to * 8]));
        expect(bob.heard.length).toBe(1200 / to);
        const [first] = bob.heard;
        for (const [index, { sequenceNumber, timestamp }] of bob.heard.entries()) {
          expect((sequenceNumber - (first?.sequenceNumber ?? 0)) & 0xffff).toBe(index);
          expect((timestamp - (first?.timestamp ?? 0)) >>> 0).toBe(index * to * 8);
        }
        expect(bob.levelOf(440)).toBeCloseTo(-20, 0);
        const { alice: report } = await end();
        expect(report).toMatchObject({ received: 1200 / from, consumed: 1200 / from, discarded: {} });
      },
    );
  }

  scenario('keep their holes: a loss is a jump of numbers and of timestamps', {}, async (world) => {
    world.linkOneWay('alice', 'relay', { loss: dropNth(10, 11, 12) });
    const { alice, bob, legs, end } = await convertedCall(world, {
      alice: { formats: [pcmu], remote: { ptimeMs: 20 } },
      bob: { formats: [pcmu], remote: { ptimeMs: 40 } },
    });
    alice.say(legs.alice, { frequencyHz: 440, durationMs: 1000 });
    await world.run(2000);
    const jumps = bob.heard.flatMap((packet, index) => {
      const before = bob.heard[index - 1];
      if (!before) return [];
      const numbers = packet.sequenceNumber - before.sequenceNumber;
      return numbers === 1 ? [] : [[numbers, packet.timestamp - before.timestamp - before.payload.length]];
    });
    // 60 ms are 1.5 packets of 40 ms.
    expect(jumps).toEqual([[3, 480]]);
    await end();
  });

  scenario('account for loss, doubles, reordering, digits and garbage', {}, async (world) => {
    world.linkOneWay('alice', 'relay', {
      loss: randomLoss(0.1),
      duplicateRatio: 0.1,
      jitterMs: 30,
      reorderRatio: 0.1,
    });
    const { alice, bob, legs, digits, end } = await convertedCall(world, {
      alice: { formats: [pcmu, events8000], remote: { ptimeMs: 20 } },
      bob: { formats: [pcmu, events8000], remote: { ptimeMs: 30 } },
    });
    alice.say(legs.alice, { frequencyHz: 440, durationMs: 1000 });
    await world.run(1200);
    alice.press(legs.alice, events8000, 7);
    await world.run(300);
    alice.say(legs.alice, { frequencyHz: 440, durationMs: 1000 });
    await world.run(2000);
    const { alice: report } = await end();
    expect(unaccounted(report)).toBe(0);
    expect(report.discarded.late).toBeGreaterThan(0);
    expect(digits.map(({ digit }) => digit)).toEqual(['7']);
    const stamps = new Set(
      bob.heard.filter(({ payloadType }) => payloadType === 101).map(({ timestamp }) => timestamp),
    );
    expect(stamps.size).toBe(1);
  });

  scenario('are of no matter to opus, which passes as it is', {}, async (world) => {
    const { alice, bob, legs, end } = await convertedCall(world, {
      alice: { formats: [opus], remote: { ptimeMs: 20 } },
      bob: { formats: [opus], remote: { ptimeMs: 60 } },
    });
    alice.say(legs.alice, { frequencyHz: 440, durationMs: 1000 });
    await world.run(2000);
    expect(bob.heard).toHaveLength(50);
    expect((await end()).alice).toMatchObject({ forwarded: 50, consumed: 0 });
  });
});
