import { defineConfig } from 'vitest/config';

const project = (name: string, options: { timeoutMs: number; workers?: number }) => ({
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`],
    environment: 'node' as const,
    testTimeout: options.timeoutMs,
    hookTimeout: options.timeoutMs,
    // Tests that touch no process, socket or clock may share one: it halves the time.
    ...(options.workers === undefined
      ? { pool: 'threads' as const, isolate: false }
      : { fileParallelism: options.workers > 1, maxWorkers: options.workers }),
  },
});

export default defineConfig({
  test: {
    projects: [
      project('unit', { timeoutMs: 10_000 }),
      project('scenario', { timeoutMs: 30_000 }),
      project('interop', { timeoutMs: 120_000, workers: 1 }),
      // Each decoder has its time by the clock: all files side by side take as long as the longest.
      project('fuzz', { timeoutMs: 300_000, workers: 7 }),
    ],
  },
});
