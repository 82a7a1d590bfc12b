import { describe, expect, it } from 'vitest';
import { GUEST_MS, HANGOVER_MS, TalkerSelection } from '../../../../media/conference/talker-selection.ts';

const BEAT_MS = 20;

/** Level of each leg at a moment; undefined: it sends nothing. */
type Script = Readonly<Record<number, (now: number) => number | undefined>>;

const always = (level: number) => () => level;
const from = (start: number, level: number) => (now: number) => (now >= start ? level : undefined);
const within = (start: number, end: number, level: number) => (now: number) =>
  now >= start && now < end ? level : undefined;
/** Words of 300 ms and pauses of 160 ms. */
const words =
  (level: number, offset = 0) =>
  (now: number) =>
    (now + offset) % 460 < 300 ? level : undefined;

/** Who was mixed in each beat. */
function play(maxTalkers: number, durationMs: number, script: Script): readonly (readonly number[])[] {
  const selection = new TalkerSelection(maxTalkers);
  const beats: number[][] = [];
  for (let now = 0; now < durationMs; now += BEAT_MS) {
    const candidates = Object.entries(script).flatMap(([id, levelAt]) => {
      const levelDbov = levelAt(now);
      return levelDbov === undefined ? [] : [{ legId: Number(id), levelDbov }];
    });
    beats.push(selection.select(now, candidates).map(({ legId }) => legId));
  }
  return beats;
}

const beatAt = (now: number) => now / BEAT_MS;
const msOf = (beats: readonly (readonly number[])[], legId: number) =>
  beats.filter((beat) => beat.includes(legId)).length * BEAT_MS;
/** How often anybody's being mixed changed. */
const changes = (beats: readonly (readonly number[])[]) =>
  beats.filter((beat, i) => i > 0 && beat.join() !== beats[i - 1]?.join()).length;

describe('TalkerSelection', () => {
  it.each<{
    name: string;
    max: number;
    ms: number;
    script: Script;
    check: (b: readonly (readonly number[])[]) => void;
  }>([
    {
      name: 'mixes whoever talks while there is room, from the first beat on',
      max: 3,
      ms: 400,
      script: { 1: always(-20), 2: from(200, -45), 3: from(200, -10) },
      check: (beats) => {
        expect(beats[0]).toEqual([1]);
        expect(beats[beatAt(200)]).toEqual([1, 2, 3]);
      },
    },
    {
      name: 'does not mix who is too soft to be talking',
      max: 3,
      ms: 400,
      script: { 1: always(-55), 2: always(-127) },
      check: (beats) => expect(beats.flat()).toEqual([]),
    },
    {
      name: 'mixes a talker through soft beats within the hangover, and not after it',
      max: 3,
      ms: 2000,
      script: { 1: (now) => (now < 600 ? -20 : -60) },
      check: (beats) => {
        expect(beats[beatAt(580 + HANGOVER_MS)]).toEqual([1]);
        expect(beats[beatAt(600 + HANGOVER_MS)]).toEqual([]);
      },
    },
    {
      name: 'does not flap where K + 1 talk at equal levels',
      max: 2,
      ms: 6000,
      script: { 1: always(-20), 2: always(-20), 3: always(-20) },
      // The third is a guest for a second, and waits from then on.
      check: (beats) => expect(changes(beats)).toBe(1),
    },
    {
      name: 'does not flap where levels cross by a few decibels with every syllable',
      max: 2,
      ms: 6000,
      script: {
        1: always(-20),
        2: (now) => -22 + 4 * Math.sin(now / 70),
        3: (now) => -22 + 4 * Math.cos(now / 70),
      },
      // The guest goes, and after some seconds its patience has an end.
      check: (beats) => expect(changes(beats)).toBeLessThanOrEqual(2),
    },
    {
      name: 'hears a newcomer at once beside K who do not pause',
      max: 2,
      ms: 2000,
      script: { 1: always(-12), 2: always(-12), 3: from(1000, -35) },
      check: (beats) => {
        expect(beats[beatAt(1000)]).toEqual([1, 2, 3]);
        expect(Math.max(...beats.map((beat) => beat.length))).toBe(3);
      },
    },
    {
      name: 'has room for one newcomer at a time beside K who do not pause',
      max: 2,
      ms: 4000,
      script: { 1: always(-12), 2: always(-12), 3: from(1000, -35), 4: from(1200, -35) },
      check: (beats) => {
        expect(beats[beatAt(1500)]).toEqual([1, 2, 3]);
        expect(beats[beatAt(1000 + GUEST_MS)]).toEqual([1, 2, 4]);
      },
    },
    {
      name: 'keeps a newcomer who is louder than one of those before',
      max: 2,
      ms: 4000,
      script: { 1: always(-12), 2: always(-30), 3: from(1000, -20) },
      check: (beats) => expect(beats.at(-1)).toEqual([1, 3]),
    },
    {
      name: 'gives a newcomer the place of who has paused longest',
      max: 3,
      ms: 1400,
      script: {
        1: always(-20),
        2: within(0, 800, -20),
        3: (now) => (now < 860 ? -20 : undefined),
        4: from(1000, -30),
      },
      check: (beats) => expect(beats.at(-1)).toEqual([1, 4]),
    },
    {
      name: 'takes no place from who pauses for a breath, for the sake of one who waits',
      max: 2,
      ms: 5000,
      script: { 1: words(-20), 2: words(-20, 100), 3: always(-20) },
      check: (beats) => {
        expect(msOf(beats.slice(beatAt(2500)), 3)).toBe(0);
        expect(msOf(beats.slice(beatAt(2500)), 1)).toBeGreaterThan(1500);
      },
    },
    {
      name: 'gives a place to who is clearly louder',
      max: 2,
      ms: 1500,
      script: { 1: always(-20), 2: always(-40), 3: (now) => (now < 1200 ? -40 : -20) },
      check: (beats) => {
        expect(beats[beatAt(1180)]).toEqual([1, 2]);
        expect(beats.at(-1)).toEqual([1, 3]);
      },
    },
    {
      name: 'is not impressed by one loud beat',
      max: 2,
      ms: 2500,
      script: { 1: always(-20), 2: always(-40), 3: (now) => (now === 1600 ? 0 : -41) },
      check: (beats) => expect(msOf(beats.slice(beatAt(1200)), 3)).toBe(0),
    },
    {
      name: 'lets nobody be shut out for ever by those who shout',
      max: 2,
      ms: 60_000,
      script: { 1: always(-6), 2: always(-6), 3: always(-30) },
      check: (beats) => {
        // 24 dB and the margin, at a decibel a second.
        expect(msOf(beats.slice(beatAt(2000), beatAt(33_000)), 3)).toBeGreaterThan(400);
        expect(msOf(beats, 3)).toBeLessThan(6000);
      },
    },
    {
      name: 'keeps places for who is silent for a moment, but gives them up at once',
      max: 1,
      ms: 800,
      script: { 1: within(0, 300, -20), 2: from(420, -30) },
      check: (beats) => expect(beats[beatAt(420)]).toEqual([2]),
    },
    {
      name: 'never mixes more than K + 1, whatever happens',
      max: 5,
      ms: 20_000,
      script: Object.fromEntries(
        Array.from({ length: 40 }, (_, i) => [i, words(-20 - (i % 7), i * 37)] as const),
      ),
      check: (beats) => {
        expect(Math.max(...beats.map((beat) => beat.length))).toBeLessThanOrEqual(6);
        expect(beats.every((beat) => new Set(beat).size === beat.length)).toBe(true);
        const heard = new Set(beats.flat());
        expect(heard.size).toBeGreaterThan(10);
      },
    },
  ])('$name', ({ max, ms, script, check }) => {
    check(play(max, ms, script));
  });

  it('gives the place of somebody who left to the next', () => {
    const selection = new TalkerSelection(1);
    const one = { legId: 1, levelDbov: -10 };
    const other = { legId: 2, levelDbov: -30 };
    selection.select(0, [one]);
    for (let now = 0; now < 2000; now += BEAT_MS) selection.select(now, [one, other]);
    expect(selection.isSelected(2)).toBe(false);
    selection.remove(1);
    expect(selection.isSelected(1)).toBe(false);
    expect(selection.select(2000, [other])).toEqual([other]);
  });

  it('returns the same array every time, with the objects that it was given', () => {
    const selection = new TalkerSelection<{ legId: number; levelDbov: number; name: string }>(2);
    const candidate = { legId: 1, levelDbov: -20, name: 'a' };
    const first = selection.select(0, [candidate]);
    expect(first[0]).toBe(candidate);
    expect(selection.select(20, [candidate])).toBe(first);
  });
});
