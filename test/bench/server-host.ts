// Our server as a process that tells, after a collection of garbage, how much memory it holds.
import { createNodeRuntime } from '../../core/index.ts';
import { InlineMediaEngine } from '../../media/index.ts';
import { createServer, type ServerOptions } from '../../server/index.ts';

export interface ServerHostStart {
  readonly options: ServerOptions;
  /** Media in the main thread, so that one heap holds everything. */
  readonly isInline: boolean;
}

export interface MemoryReading {
  /** Heap and buffers of the main thread, in bytes. */
  readonly heldBytes: number;
  /** Of the whole process, in bytes. */
  readonly residentBytes: number;
  readonly calls: number;
}

// Cast: the one who started this process wrote it.
const start = JSON.parse(process.argv[2] ?? '{}') as ServerHostStart;
const runtime = createNodeRuntime();
const server = await createServer({
  ...start.options,
  runtime,
  ...(start.isInline ? { openMedia: (given, { ports }) => new InlineMediaEngine(given, { ports }) } : {}),
});

process.on('message', () => {
  for (let round = 0; round < 3; round += 1) globalThis.gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  const reading: MemoryReading = {
    heldBytes: heapUsed + external,
    residentBytes: rss,
    calls: server.counts.calls,
  };
  process.send?.(reading);
});
process.once('SIGTERM', () => void server.close().finally(() => process.exit(0)));
process.send?.('ready');
