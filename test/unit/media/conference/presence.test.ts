// Who may be talking, and who talks.
import { describe, expect, it } from 'vitest';
import { Presence } from '../../../../media/conference/presence.ts';

const BUFFER = { delayMs: 60 };

describe('Presence', () => {
  it.each([
    { name: 'a voice', loudness: 'voice', untilMs: 510 },
    { name: 'a level above the background', loudness: -30, untilMs: 510 },
    { name: 'what only a decoder can tell', loudness: 'unknown', untilMs: 160 },
    { name: 'one look', loudness: 'doubtful', untilMs: 80 },
    { name: 'silence', loudness: 'silence', untilMs: 0 },
    { name: 'a level that nobody hears', loudness: -65, untilMs: 0 },
  ] as const)('is awake for $untilMs ms by $name', ({ loudness, untilMs }) => {
    const presence = new Presence();
    presence.handlePacket(0, loudness, BUFFER);
    expect(presence.isAwake(untilMs - 1)).toBe(untilMs > 0);
    expect(presence.isAwake(untilMs)).toBe(false);
  });

  it('learns a background that does not end, and hears a voice above it', () => {
    const presence = new Presence();
    let awake = 0;
    for (let now = 0; now < 20_000; now += 20) {
      presence.handlePacket(now, -48, BUFFER);
      if (now >= 15_000 && presence.isAwake(now)) awake += 1;
    }
    expect(awake).toBe(0);
    presence.handlePacket(20_000, -35, BUFFER);
    expect(presence.isAwake(20_000)).toBe(true);
  });

  it('stays awake by what is decoded, where packets tell of no voice', () => {
    const presence = new Presence();
    presence.handlePacket(0, 'voice', BUFFER);
    for (let now = 0; now < 2000; now += 20) presence.handleSound(now, -20, 20);
    expect(presence.isAwake(2000)).toBe(true);
    expect(presence.isAwake(2500)).toBe(false);
  });

  it('tells of talk from the third loud beat on, through pauses, to its end', () => {
    const presence = new Presence();
    const told = Array.from({ length: 100 }, (_, beat) => {
      const isWord = beat < 20 || (beat >= 35 && beat < 50);
      presence.handleSound(beat * 20, isWord ? -20 : -100, 20);
      return presence.isTalking;
    });
    expect(told.indexOf(true)).toBe(2);
    expect(told.lastIndexOf(true)).toBe(49 + 22);
    expect(told.slice(2, 72).every(Boolean)).toBe(true);
  });

  it('takes a knock for no talk', () => {
    const presence = new Presence();
    const told = [-20, -20, -100, -100, -100, -100].map((level, beat) => {
      presence.handleSound(beat * 20, level, 20);
      return presence.isTalking;
    });
    expect(told).not.toContain(true);
  });

  it('is silent at once where the member is muted', () => {
    const presence = new Presence();
    presence.handlePacket(0, 'voice', BUFFER);
    for (let beat = 0; beat < 5; beat += 1) presence.handleSound(beat * 20, -20, 20);
    presence.reset();
    expect([presence.isAwake(100), presence.isTalking]).toEqual([false, false]);
  });
});
