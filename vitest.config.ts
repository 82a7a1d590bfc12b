import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { builtRooms } from './scripts/built-rooms.mjs';

interface ProjectOptions {
  readonly timeoutMs: number;
  readonly workers?: number;
  /** Below test/; its name where not given. */
  readonly folder?: string;
  readonly exclude?: readonly string[];
}

const project = (name: string, options: ProjectOptions) => ({
  plugins: [builtRooms(import.meta.dirname)],
  test: {
    name,
    include: [`test/${options.folder ?? name}/**/*.test.ts`],
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
      // One after the other: two at once would put their own load into what they measure.
      project('interop', { timeoutMs: 120_000, workers: 1, exclude: ['test/interop/load/**'] }),
      project('load', { timeoutMs: 120_000, workers: 1, folder: 'interop/load' }),
      // Each decoder has its time by the clock: all files side by side take as long as the longest.
      project('fuzz', { timeoutMs: 300_000, workers: 7 }),
    ],
  },
});
