// Live calls of the server that runs on the same data folder, drawn again and again.
import { type Runtime, sleep } from '../core/index.ts';
import { type CallRecord, followLive, type LiveCalls, readLive, type Store } from '../server/index.ts';
import { paintFor, type ScreenStream } from './call-screen.ts';
import { detailsText } from './quality-details.ts';
import { qualityJson } from './quality-json.ts';
import { listHead, listLine } from './quality-list.ts';

/** The server shows calls every two seconds; looked at more often, none of what it shows is old. */
const LOOK_MS = 1000;
const HOME_AND_ERASE = '\u001b[H\u001b[J';
const DEFAULT_ROWS = 24;
const DEFAULT_COLUMNS = 80;
/** What takes no room. */
const COLOURS = /\u001b\[\d{1,2}m/g;

export interface FollowOptions {
  readonly store: Store;
  readonly runtime: Runtime;
  readonly output: ScreenStream & { readonly rows?: number };
  /** Aborted when the person has seen enough. */
  readonly signal: AbortSignal;
  readonly limit: number;
  readonly isJson: boolean;
  /** One call alone: its uniqueid, the beginning of a Call-ID, or `last`. */
  readonly id: string | undefined;
}

/** Resolves when the signal is aborted. */
export async function follow(options: FollowOptions): Promise<void> {
  const { store, runtime, signal, output } = options;
  let lastAt: string | undefined = 'nothing shown yet';
  while (!signal.aborted) {
    const wallClock = runtime.clock.wallClock();
    followLive(store, wallClock);
    const live = readLive(store, wallClock);
    if (live?.at !== lastAt) output.write(draw(live, options));
    lastAt = live?.at;
    await sleep(runtime, LOOK_MS, signal);
  }
}

function draw(live: LiveCalls | undefined, options: FollowOptions): string {
  const { output, isJson, id, limit, runtime } = options;
  const calls = (live?.calls ?? []).filter((_, index, all) => isWanted(all, index, id)).slice(0, limit);
  const at = live?.at ?? new Date(runtime.clock.wallClock()).toISOString();
  const total = live?.total ?? 0;
  if (isJson) return `${JSON.stringify({ type: 'live', at, total, calls: calls.map(qualityJson) })}\n`;
  const paint = paintFor(output);
  const head = paint(
    `${total === 1 ? '1 call' : `${total} calls`} at ${at.slice(11, 19)} UTC; Ctrl-C ends`,
    'dim',
  );
  const body =
    id === undefined
      ? [listHead(paint), ...calls.map((record) => listLine(record, paint))]
      : calls.flatMap((record) => detailsText(record, paint).split('\n'));
  const lines = [head, ...body];
  if (!output.isTTY) return `${lines.join('\n')}\n`;
  return `${HOME_AND_ERASE}${fitting(lines, output).join('\n')}\n`;
}

/** The lines that a screen has room for, above the row where the cursor stands: what scrolls away cannot be drawn anew. */
function fitting(lines: readonly string[], output: FollowOptions['output']): readonly string[] {
  const { rows = DEFAULT_ROWS, columns = DEFAULT_COLUMNS } = output;
  let left = rows - 1;
  const end = lines.findIndex((line) => {
    left -= Math.max(1, Math.ceil(line.replace(COLOURS, '').length / columns));
    return left < 0;
  });
  return end < 0 ? lines : lines.slice(0, end);
}

/** Calls are the latest first. */
function isWanted(calls: readonly CallRecord[], index: number, id: string | undefined): boolean {
  const record = calls[index];
  if (id === undefined || !record) return true;
  if (id === 'last') return index === 0;
  return record.uniqueid === id || record.callIds.some((callId) => callId.startsWith(id));
}
