// Where sound lies in a file, and who is said to talk: the small parts of a recorder.
import { describe, expect, it } from 'vitest';
import { BeatGrid } from '../../../../media/recording/beat-grid.ts';
import { baseName, checkRecordingName, trackName } from '../../../../media/recording/file-names.ts';
import { PlacedTrack } from '../../../../media/recording/placed-track.ts';
import { TalkDetector } from '../../../../media/recording/talk-detector.ts';
import type { TrackFile } from '../../../../media/recording/track-file.ts';
import { VoiceShift } from '../../../../media/recording/voice-shift.ts';

const FRAME = 960;

describe('BeatGrid', () => {
  it('puts beats that come a little early or late one behind the other', () => {
    const grid = new BeatGrid();
    const places = [0, FRAME + 100, 2 * FRAME - 300, 3 * FRAME + 470].map((at) => grid.place(at, FRAME));
    expect(places).toEqual([0, FRAME, 2 * FRAME, 3 * FRAME]);
  });

  it('goes on by whole beats over a pause', () => {
    const grid = new BeatGrid();
    expect(grid.place(17.4, FRAME)).toBe(17);
    expect(grid.place(50 * FRAME + 200, FRAME)).toBe(50 * FRAME + 17);
  });

  it('is never off by more than 10 ms, however the beats drift', () => {
    const grid = new BeatGrid();
    for (let beat = 0; beat < 3000; beat += 1) {
      const at = beat * FRAME * 1.001;
      expect(Math.abs(grid.place(at, FRAME) - at)).toBeLessThanOrEqual(480.5);
    }
  });
});

describe('PlacedTrack', () => {
  function createTrack() {
    const told: string[] = [];
    const file: TrackFile = {
      path: '/rec/x.wav',
      write: (position, pcm) => told.push(`write ${position} ${pcm.length}`),
      flush: (position) => told.push(`flush ${position}`),
      end: async (position) => void told.push(`end ${position}`),
    };
    return { track: new PlacedTrack(file, 1), told };
  }
  const loud = new Int16Array(FRAME).fill(5);

  it('leaves out what lies before what it has, and before the beginning', () => {
    const { track, told } = createTrack();
    track.write(-100, loud);
    track.write(FRAME - 200, loud);
    track.write(0, loud);
    expect(told).toEqual(['write 0 860', 'write 860 860']);
  });

  it('passes over silence, and flushes it rarely', () => {
    const { track, told } = createTrack();
    track.write(0, new Int16Array(FRAME));
    track.flush(1000, 5000);
    track.flush(5000, 5000);
    track.flush(9000, 5000);
    track.write(9000, loud);
    track.flush(9500, 5000);
    expect(told).toEqual(['flush 5000', 'write 9000 960', 'flush 9500']);
  });

  it('takes nothing behind its end, which is not before its last sound', async () => {
    const { track, told } = createTrack();
    track.write(0, loud);
    await track.end(100);
    track.write(FRAME, loud);
    track.flush(9000, 0);
    expect(told).toEqual(['write 0 960', `end ${FRAME}`]);
  });
});

describe('VoiceShift', () => {
  const loud = new Int16Array(FRAME).fill(3000);
  const quiet = new Int16Array(FRAME).fill(50);

  it('holds within a spurt of talk, and is decided anew after a pause', () => {
    const shift = new VoiceShift(50);
    expect(shift.shiftFor(0, loud, 60)).toBe(10);
    expect(shift.shiftFor(20, loud, 65)).toBe(10);
    expect(shift.shiftFor(40, loud, 54)).toBe(10);
    for (let now = 60; now < 200; now += 20) shift.shiftFor(now, quiet, 54);
    expect(shift.shiftFor(200, loud, 57)).toBe(7);
  });

  it('is put right within one where it is off by more than 8 ms', () => {
    const shift = new VoiceShift(50);
    shift.shiftFor(0, loud, 50);
    expect(shift.shiftFor(20, loud, 58)).toBe(0);
    expect(shift.shiftFor(40, loud, 59)).toBe(9);
  });
});

describe('TalkDetector', () => {
  /** @returns `began at 60, for 60` of each change */
  function changes(levels: string): readonly string[] {
    const detector = new TalkDetector();
    const blocks = { l: new Int16Array(FRAME).fill(3000), q: new Int16Array(FRAME) };
    return [...levels].flatMap((level, index) => {
      const change = detector.measure(blocks[level === 'l' ? 'l' : 'q'], 20);
      return change ? [`${change} ${(index + 1) * 20 - detector.agoMs}`] : [];
    });
  }

  it.each([
    { name: 'a word', levels: `qq${'l'.repeat(10)}${'q'.repeat(40)}`, expected: ['began 40', 'ended 240'] },
    { name: 'a click', levels: `qql${'q'.repeat(60)}`, expected: [] },
    {
      name: 'two words with a short pause',
      levels: `${'l'.repeat(10)}${'q'.repeat(20)}${'l'.repeat(10)}${'q'.repeat(40)}`,
      expected: ['began 0', 'ended 800'],
    },
  ])('hears $name', ({ levels, expected }) => {
    expect(changes(levels)).toEqual(expected);
  });
});

describe('names of files', () => {
  it.each(['', '.', '../x', 'a/b', 'a\\b', ' a', '-rf', 'a\0', 'a'.repeat(121)])('refuses %j', (name) => {
    expect(() => checkRecordingName(name)).toThrow('the name of a recording');
  });

  it.each(['3000', '2026-11-27T10-00-00 alice bob', 'a+49@example.org'])('takes %j', (name) => {
    expect(() => checkRecordingName(name)).not.toThrow();
  });

  it('names tracks after whose they are, each once', () => {
    const taken = new Set<string>();
    const tracks = ['alice', 'Alice', 'sip:bob@a/../b', ''].map((label) => trackName('x', label, taken));
    expect(tracks).toEqual(['x-alice', 'x-Alice-2', 'x-sip_bob@a_.._b', 'x-member']);
    expect(baseName('/a/b/c.wav')).toBe('c.wav');
  });
});
