import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { builtRooms } from './scripts/built-rooms.mjs';

interface ProjectOptions {
  readonly timeoutMs: number;
  readonly workers?: number;
  /** What is below test/ and its name where not given. */
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
}

/** Interop tests that measure sound, delay or load, or own the network name spaces of the machine. */
const ALONE = [
  'calls/doctor',
  'calls/lossy-digits',
  'calls/lossy-network',
  'calls/named-impairment',
  'calls/room-keys',
  'core/polled-runtime',
  'load/**/*',
  'media/impair',
  'nat-lab/**/*',
  'rooms/**/*',
  'server/linphone-reports',
  'server/quality-command',
].map((path) => `test/interop/${path}.test.ts`);

const rooms = builtRooms(import.meta.dirname);

const project = (name: string, options: ProjectOptions) => ({
  plugins: [rooms],
  test: {
    name,
    include: [...(options.include ?? [`test/${name}/**/*.test.ts`])],
    exclude: [...(options.exclude ?? [])],
    environment: 'node' as const,
    testTimeout: options.timeoutMs,
    hookTimeout: options.timeoutMs,
    // Tests that touch no process, socket or clock may share one: it halves the time. They wait for nothing, so they
    // get every core (vitest leaves one idle by default: on two cores that is half the machine).
    ...(options.workers === undefined
      ? {
          pool: 'threads' as const,
          isolate: false,
          maxWorkers: availableParallelism(),
          setupFiles: ['test/setup.ts'],
        }
      : { fileParallelism: options.workers > 1, maxWorkers: options.workers }),
  },
});

export default defineConfig({
  test: {
    projects: [
      // As far as a busy machine needs: a test that hangs is found all the same.
      project('unit', { timeoutMs: 30_000 }),
      project('scenario', { timeoutMs: 30_000 }),
      // These wait for real time more than they work: two at once are as right, and done in half the time.
      project('interop', { timeoutMs: 120_000, workers: 2, exclude: ALONE }),
      // One after the other: two at once would put their own load into what they measure.
      project('alone', { timeoutMs: 120_000, workers: 1, include: ALONE }),
      // Each decoder has its time by the clock: all files side by side take as long as the longest.
      project('fuzz', { timeoutMs: 300_000, workers: 7 }),
    ],
  },
});
