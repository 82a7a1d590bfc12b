import { defineConfig } from 'vitest/config';

const project = (name: string, options: { timeoutMs: number; serial?: boolean }) => ({
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`],
    environment: 'node' as const,
    testTimeout: options.timeoutMs,
    hookTimeout: options.timeoutMs,
    // Tests that touch no process, socket or clock may share one: it halves the time.
    ...(options.serial
      ? { fileParallelism: false, maxWorkers: 1 }
      : { pool: 'threads' as const, isolate: false }),
  },
});

export default defineConfig({
  test: {
    projects: [
      project('unit', { timeoutMs: 10_000 }),
      project('scenario', { timeoutMs: 30_000 }),
      project('interop', { timeoutMs: 120_000, serial: true }),
      project('fuzz', { timeoutMs: 300_000, serial: true }),
    ],
  },
});
