// A log that a test can read.
import type { Clock, Log } from '../../core/index.ts';

export interface LogLine {
  /** Monotonic milliseconds of the world. */
  readonly at: number;
  readonly level: 'error' | 'warn' | 'info' | 'debug';
  readonly phrase: string;
  /** Those of the child logs included. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** So many lines are kept; later ones of level debug are dropped first of all. */
const MAX_LINES = 50_000;

/** @returns a log that appends to `lines` */
export function collectingLog(clock: Clock, lines: LogLine[], base: Record<string, unknown> = {}): Log {
  const method = (level: LogLine['level']) => (fields: object, phrase: string) => {
    if (lines.length >= MAX_LINES && level === 'debug') return;
    lines.push({ at: clock.now(), level, phrase, fields: { ...base, ...fields } });
  };
  return {
    error: method('error'),
    warn: method('warn'),
    info: method('info'),
    debug: method('debug'),
    child: (fields) => collectingLog(clock, lines, { ...base, ...fields }),
  };
}
