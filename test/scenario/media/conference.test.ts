// Members of a room hear all others and not themselves, whatever they speak: proven by tones.
import { describe, expect } from 'vitest';
import { scenario } from '../../support/index.ts';
import { ConferenceStage } from './conference-stage.ts';
import { unaccounted } from './stage.ts';
import { FORMATS } from './tone-party.ts';

const { pcmu, pcma, g722, opus } = FORMATS;
const TONES = [440, 700, 1000, 1600];

describe('a room', () => {
  scenario('lets each member hear all others and not itself', {}, async (world) => {
    const stage = await ConferenceStage.open(world);
    const members = [];
    for (const [index, format] of [opus, pcmu, g722, pcma].entries()) {
      members.push(await stage.join(`member${index}`, { formats: [format] }));
    }
    for (const [index, { party, leg }] of members.entries()) {
      party.say(leg, { frequencyHz: TONES[index] ?? 0, durationMs: 900 });
    }
    await world.run(1000);
    const report = await stage.engine.roomReport(stage.roomId);
    expect(report.members.map(({ isTalking }) => isTalking)).toEqual([true, true, true, true]);
    await world.run(2000);
    for (const [listener, { party }] of members.entries()) {
      for (const [talker, frequencyHz] of TONES.entries()) {
        const level = party.levelOf(frequencyHz);
        if (talker === listener) expect(level, `${listener} itself`).toBeLessThan(-50);
        else expect(Math.abs(level + 20), `${listener} hears ${talker}: ${level}`).toBeLessThan(1);
      }
    }
    const reports = await stage.end();
    for (const report of reports) {
      expect(unaccounted(report)).toBe(0);
      expect(report).toMatchObject({ received: 45, consumed: 45, forwarded: 0, discarded: {} });
    }
  });
});
