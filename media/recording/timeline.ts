// The time line of a recording: one JSON object a line, so that a file that ends anywhere is readable up to there.
import type { RecordingFormat } from './types.ts';

/** Of the format of the lines. */
export const TIMELINE_VERSION = 1;

/** Of names and texts, which strangers may have chosen: what is longer is cut, so that every line can be read. */
export const MAX_WRITTEN_CHARACTERS = 1000;

/** The first line. Files are named without their folder: they lie beside the time line. */
export interface TimelineStart {
  readonly type: 'start';
  readonly ms: 0;
  readonly version: typeof TIMELINE_VERSION;
  /** When the recording began, ISO 8601 in UTC. */
  readonly wallClock: string;
  readonly format: RecordingFormat;
  readonly sampleRateHz: number;
  /** The file of the mix. */
  readonly mix: string;
  /** Two: the first party is on the left, the second on the right. */
  readonly channels: 1 | 2;
}

/** What happened, `ms` milliseconds after the recording began. Members are numbered from 1 as they join. */
export type TimelineEvent =
  | {
      readonly type: 'joined';
      readonly ms: number;
      readonly member: number;
      readonly label: string;
      /** The file of the member's track, where there are tracks. */
      readonly file?: string;
    }
  | { readonly type: 'left' | 'talking' | 'silent'; readonly ms: number; readonly member: number }
  | {
      readonly type: 'digit';
      readonly ms: number;
      readonly member: number;
      readonly digit: string;
      readonly durationMs: number;
    }
  /** Without `member`: of all. */
  | {
      readonly type: 'hold' | 'resume' | 'note';
      readonly ms: number;
      readonly member?: number;
      readonly text?: string;
    }
  /** The last line where the recording ended by itself, and where it was ended. */
  | { readonly type: 'failed'; readonly ms: number; readonly text: string }
  | { readonly type: 'end'; readonly ms: number };

/** One line. */
export type TimelineEntry = TimelineStart | TimelineEvent;

/** Lines that wait to be written; {@link TimelineWriter.take} empties it. */
export class TimelineWriter {
  #lines: string[] = [];

  add(entry: TimelineEntry): void {
    const line = JSON.stringify(entry, (_, value: unknown) =>
      typeof value === 'string' ? value.slice(0, MAX_WRITTEN_CHARACTERS) : value,
    );
    this.#lines.push(`${line}\n`);
  }

  /** @returns undefined where nothing happened */
  take(): Uint8Array | undefined {
    if (this.#lines.length === 0) return undefined;
    const bytes = new TextEncoder().encode(this.#lines.join(''));
    this.#lines = [];
    return bytes;
  }
}
