// Logging: pino's calling convention, so that a core needs no pino.
import pino from 'pino';

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

/** JSON lines on standard error (standard output belongs to what a command answers). */
export function createLog(level: LogLevel): Log {
  if (level === 'silent') return silentLog;
  return pino({ level, base: null }, pino.destination({ dest: 2, sync: true }));
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
