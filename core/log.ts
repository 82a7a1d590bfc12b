// Logging: pino's calling convention, so that a core needs no pino.
import { isatty } from 'node:tty';
import pino from 'pino';
import { plainLogLine } from './log-line.ts';

type LogMethod = (fields: object, phrase: string) => void;

/**
 * `error`: our bug or lost service. `warn`: the operator should act. `info`: life cycle. `debug`: misbehaving
 * peers and our decisions. Never a password, a key, an SDP crypto line or a digest.
 */
export interface Log {
  error: LogMethod;
  warn: LogMethod;
  info: LogMethod;
  debug: LogMethod;
  child(fields: Record<string, unknown>): Log;
}

export type LogLevel = 'error' | 'warn' | 'info' | 'debug' | 'silent';

const STANDARD_ERROR = 2;

/**
 * Lines on standard error (standard output belongs to what a command answers): JSON for programs, and plain ones on a
 * terminal.
 */
export function createLog(level: LogLevel): Log {
  if (level === 'silent') return silentLog;
  const file = pino.destination({ dest: STANDARD_ERROR, sync: true });
  const terminal = { write: (line: string) => file.write(plainLogLine(line)) };
  return pino({ level, base: null }, isatty(STANDARD_ERROR) ? terminal : file);
}

const nothing: LogMethod = () => {};

/** Drops everything. */
export const silentLog: Log = {
  error: nothing,
  warn: nothing,
  info: nothing,
  debug: nothing,
  child: () => silentLog,
};
