// Recorded networks: when each packet of a call was sent, and how much longer it took than the fastest.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';

/** Where the traces are, outside the repository: they keep the licence of their origin. */
export const TRACE_FOLDER = join(process.env.PATCHCORD_DATA ?? resolve('../shared/data'), 'network-traces');

export const FRAME_MS = 20;

export interface Trace {
  readonly name: string;
  /** Of each packet: its delay above the trace's least, in milliseconds; NaN where it is lost. */
  readonly delays: Float64Array;
}

/** @returns none where the folder is absent */
export function readTraces(folder = TRACE_FOLDER): Trace[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => name.endsWith('.csv'));
  return names.sort().map((name) => readTrace(join(folder, name)));
}

function readTrace(file: string): Trace {
  const lines = readFileSync(file, 'utf8').trim().split('\n').slice(1);
  const delays = Float64Array.from(lines, (line) => {
    const [sentAt = Number.NaN, receivedAt = Number.NaN] = line.split(',').map(Number);
    return receivedAt - sentAt;
  });
  const least = delays.reduce((a, b) => Math.min(a, b));
  return { name: basename(file, '.csv'), delays: delays.map((delay) => delay - least) };
}
