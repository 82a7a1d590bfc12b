import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { JitterBuffer, type JitterFrame, MAX_DELAY_MS } from '../../../media/jitter/index.ts';

const FILE = resolve(process.env.PATCHCORD_DATA ?? '../shared/data', 'jbuf-pjmedia/Jbtest.dat');
const FRAME_MS = 20;
const JUMP = 20;
/** RFC 3550 A.1: the first packet of a restart proves nothing; and what still waits then, 60 ms at most, is thrown away. */
const RESTART_FRAMES = 4;

/** A second of sound at once comes before it can have been sent, and makes all that follows seem late for a minute. */
const IMPOSSIBLE = 'Large PUT burst';

/** One session: what happens, and how much of each trouble its author tolerates, in frames. */
interface Script {
  readonly title: string;
  readonly limits: ReadonlyMap<string, number>;
  readonly events: string;
  readonly maxDelayMs: number;
}

describe.skipIf(!existsSync(FILE))(
  "scripts of another buffer's author: put, get, lose, double (skipped without the data)",
  () => {
    const scripts = existsSync(FILE) ? parseScripts(readFileSync(FILE, 'utf8')) : [];

    it('finds the scripts', () => {
      expect(scripts.length).toBeGreaterThan(5);
    });

    it.each(scripts)(
      '$title: nothing is thrown away or lost beyond its limits',
      ({ limits, events, maxDelayMs }) => {
        const { statistics } = run(events, maxDelayMs);
        const { received, played, late, duplicate, overflowed, lost } = statistics;
        const restarts = events.split('R').length - 1;
        const discarded = late + duplicate + overflowed;
        // What came too late for the sound that was made up is left out: as much as the author lets run empty.
        const allowed = (limits.get('discard') ?? 0) + (limits.get('empty') ?? 0) + restarts * RESTART_FRAMES;
        expect(discarded).toBeLessThanOrEqual(allowed);
        expect(lost).toBeLessThanOrEqual(limits.get('lost') ?? 0);
        // The scripts end while frames wait, no more than the longest burst.
        expect(received - played - discarded).toBeLessThanOrEqual(60);
      },
    );
  },
);

function parseScripts(text: string): Script[] {
  const sessions = text.replace(/#.*$/gm, '').split(/^\.$/m);
  return sessions
    .filter((session) => /^%adaptive/m.test(session))
    .map(parseScript)
    .filter(({ title }) => !title.startsWith(IMPOSSIBLE));
}

function parseScript(session: string): Script {
  const lines = session.split('\n').map((line) => line.trim());
  const conditions = lines.filter((line) => line.startsWith('!'));
  return {
    title: lines.find((line) => line.startsWith('='))?.slice(2) ?? '',
    limits: new Map(
      conditions.map((line) => [line.slice(1).split(/\s+/)[0] ?? '', Number(/\d+/.exec(line)?.[0])]),
    ),
    maxDelayMs: Math.max(MAX_DELAY_MS, FRAME_MS * Number(/^%.* (\d+)/m.exec(session)?.[1])),
    events: lines.filter((line) => /^[PGLRJDO ]+$/.test(line)).join(''),
  };
}

/** Time passes with each get: a frame of it. */
function run(events: string, maxDelayMs: number): JitterBuffer {
  const buffer = new JitterBuffer({ maxDelayMs });
  let now = 0;
  let sequence = 1000;
  let old = sequence;
  let readyMs = 0;
  const push = (number: number) => buffer.push(now, frameOf(number, now));
  const inputs: Readonly<Record<string, () => void>> = {
    P: () => push(sequence++),
    D: () => push(sequence - 1),
    L: () => {
      old = sequence;
      sequence += 1;
    },
    O: () => push(old--),
    J: () => {
      sequence += JUMP;
    },
    R: () => {
      sequence = 1;
    },
    G: () => {
      while (readyMs < FRAME_MS) readyMs += pull(buffer, now, readyMs);
      readyMs -= FRAME_MS;
      now += FRAME_MS;
    },
  };
  for (const event of events) inputs[event]?.();
  return buffer;
}

function pull(buffer: JitterBuffer, now: number, readyMs: number): number {
  const step = buffer.pull(now, { readyMs, isSilent: false });
  if (step.type === 'nothing') return FRAME_MS - readyMs;
  return step.type === 'frame' ? FRAME_MS + step.stretchMs : step.durationMs;
}

function frameOf(sequence: number, arrivedAt: number): JitterFrame {
  return {
    payloadType: 0,
    payload: new Uint8Array(160),
    timestamp: sequence * 160,
    extendedSequenceNumber: sequence,
    ssrc: 1,
    marker: false,
    arrivedAt,
    clockRateHz: 8000,
  };
}
