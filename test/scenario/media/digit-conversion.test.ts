// Digits between parties that know them differently: exactly one each, at their place in the stream.
import { describe, expect } from 'vitest';
import { resample } from '../../../media/audio/index.ts';
import type { PayloadFormat } from '../../../media/index.ts';
import {
  DTMF_RATE_HZ,
  DtmfDetector,
  DtmfTones,
  TelephoneEventReceiver,
} from '../../../media/telephone-event/index.ts';
import { randomLoss, scenario, type World } from '../../support/index.ts';
import { type ConversionStage, convertedCall } from './conversion-stage.ts';
import { unaccounted } from './stage.ts';
import { FORMATS, type ToneParty } from './tone-party.ts';

const { pcmu, pcma, g722, opus, events8000, events48000 } = FORMATS;

/** The digits that a party's own receiver reads out of what it heard. */
function digitsOf(party: ToneParty, events: PayloadFormat) {
  const receiver = new TelephoneEventReceiver();
  return party.heard
    .filter(({ payloadType }) => payloadType === events.payloadType)
    .flatMap(
      ({ at, payload, timestamp }) =>
        receiver.receive(at, payload, { timestamp, clockRateHz: events.clockRateHz }) ?? [],
    );
}

async function pressAll(
  world: World,
  { alice, legs }: ConversionStage,
  events: PayloadFormat,
  digits: readonly number[],
) {
  for (const digit of digits) {
    alice.say(legs.alice, { frequencyHz: 440, durationMs: 200 });
    await world.run(200);
    alice.press(legs.alice, events, digit);
    await world.run(160);
  }
  await world.run(2000);
}

describe('digits', () => {
  for (const [name, from, fromEvents, to, toEvents] of [
    ['another number', pcmu, events8000, pcmu, { ...events8000, payloadType: 96 }],
    ['another clock', opus, events8000, opus, events48000],
    ['another clock, back', opus, events48000, opus, events8000],
    ['another sound', pcmu, events8000, opus, events48000],
    ['another sound and one clock', opus, events8000, pcmu, events8000],
  ] as const) {
    for (const loss of [0, 0.2]) {
      scenario(`reach a party that knows them by ${name}, at ${loss * 100} % loss`, {}, async (world) => {
        if (loss > 0) world.linkOneWay('alice', 'relay', { loss: randomLoss(loss), duplicateRatio: 0.1 });
        const stage = await convertedCall(world, {
          alice: { formats: [from, fromEvents] },
          bob: { formats: [to, toEvents] },
        });
        await pressAll(world, stage, fromEvents, [1, 1, 5, 11]);
        const { bob, digits } = stage;
        expect(digits.map(({ digit }) => digit)).toEqual(['1', '1', '5', '#']);
        expect(digitsOf(bob, toEvents)).toEqual(
          ['1', '1', '5', '#'].map((digit) => ({ digit, durationMs: 100 })),
        );
        const [first] = bob.heard;
        for (const { at, timestamp, payloadType, payload, marker } of bob.heard) {
          if (payloadType !== toEvents.payloadType) continue;
          // The beginning of the event, as its duration has it; a jitter buffer's delay is not in it.
          const durationMs = (((payload[2] ?? 0) << 8) | (payload[3] ?? 0)) / (toEvents.clockRateHz / 1000);
          const stampMs = ((timestamp - (first?.timestamp ?? 0)) >>> 0) / (to.clockRateHz / 1000);
          if (marker && loss === 0) expect(Math.abs(at - (first?.at ?? 0) - stampMs)).toBeLessThanOrEqual(20);
          expect(durationMs).toBeLessThanOrEqual(100);
        }
        expect(unaccounted((await stage.end()).alice)).toBe(0);
      });
    }
  }

  scenario('that are garbage are dropped, and the sound goes on', {}, async (world) => {
    const stage = await convertedCall(world, {
      alice: { formats: [opus, events8000] },
      bob: { formats: [opus, events48000] },
    });
    const { alice, bob, legs, digits } = stage;
    alice.say(legs.alice, { frequencyHz: 440, durationMs: 1000 });
    for (const payload of [[], [1], [1, 0x80], [255, 0x80, 0, 0]]) {
      alice.sendRaw(legs.alice, events8000.payloadType, Uint8Array.from(payload));
    }
    await world.run(2000);
    expect(digits).toEqual([]);
    expect(digitsOf(bob, events48000)).toEqual([]);
    const { alice: report } = await stage.end();
    expect(report.discarded.malformed).toBe(3);
    expect(unaccounted(report)).toBe(0);
  });
});

describe('digits of a party without telephone-events', () => {
  for (const [name, format] of Object.entries({ pcmu, pcma, g722, opus })) {
    scenario(`are heard in the sound of ${name}, told once, and sent on as events`, {}, async (world) => {
      const stage = await convertedCall(world, {
        alice: { formats: [format], remote: { detectsTones: true } },
        bob: { formats: [format, events8000] },
      });
      const { alice, bob, legs, digits } = stage;
      alice.sayPcm(legs.alice, (sampleRateHz) => {
        const tones = new DtmfTones(sampleRateHz);
        tones.push('1905#');
        const pcm = new Int16Array(sampleRateHz);
        tones.read(pcm);
        return pcm;
      });
      await world.run(3000);
      expect(digits.map(({ digit }) => digit).join('')).toBe('1905#');
      expect(new Set(digits.map(({ legId }) => legId))).toEqual(new Set([legs.alice.legId]));
      expect(
        digitsOf(bob, events8000)
          .map(({ digit }) => digit)
          .join(''),
      ).toBe('1905#');
      expect(unaccounted((await stage.end()).alice)).toBe(0);
    });
  }

  scenario('are not listened for where nobody asks for it', {}, async (world) => {
    const stage = await convertedCall(world, {
      alice: { formats: [pcmu] },
      bob: { formats: [pcmu, events8000] },
    });
    stage.alice.sayPcm(stage.legs.alice, (sampleRateHz) => {
      const tones = new DtmfTones(sampleRateHz);
      tones.push('5');
      const pcm = new Int16Array(sampleRateHz / 2);
      tones.read(pcm);
      return pcm;
    });
    await world.run(1000);
    expect(stage.digits).toEqual([]);
    await stage.end();
  });
});

describe('sendDigits() to a party without telephone-events', () => {
  for (const [name, format] of Object.entries({ pcmu, g722 })) {
    scenario(`plays them as tones in ${name}, one after the other`, {}, async (world) => {
      const { engine, bob, legs, end } = await convertedCall(world, {
        alice: { formats: [format, events8000] },
        bob: { formats: [format] },
      });
      const sent = ['12', '3', '*'].map((digits) => engine.sendDigits(legs.bob.legId, digits));
      await world.complete(Promise.all(sent));
      const heard: string[] = [];
      const detector = new DtmfDetector((digit) => heard.push(digit));
      const { pcm, sampleRateHz } = bob.recording();
      detector.handleSound(resample(pcm, sampleRateHz, DTMF_RATE_HZ));
      detector.handleSound(new Int16Array(1000));
      expect(heard.join('')).toBe('123*');
      await end();
    });
  }

  scenario('fails where only Opus is taken, and where too many wait', {}, async (world) => {
    const { engine, legs, end } = await convertedCall(world, {
      alice: { formats: [pcmu, events8000] },
      bob: { formats: [opus] },
    });
    await expect(world.hold(engine.sendDigits(legs.bob.legId, '1'))).rejects.toThrow(
      /neither as events nor as tones/,
    );
    const many = engine.sendDigits(legs.alice.legId, '1'.repeat(64));
    await expect(world.hold(engine.sendDigits(legs.alice.legId, '1'))).rejects.toThrow(/more than 64 digits/);
    await world.complete(many);
    await end();
  });
});
