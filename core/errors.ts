// The four kinds of error of the project: see "Errors" in the README of this room.

/**
 * What a decoder returns when the wire is wrong. It is a value, never thrown: a peer can send
 * bad bytes at line rate, so it carries no stack.
 */
export class DecodeError {
  /** Stable, upper-case: `SIP_BAD_URI`. */
  readonly code: string;
  /** Where in the message: `Via[0].branch`. */
  readonly place: string;
  /** A sentence without final period, the value quoted. */
  readonly reason: string;
  /** Byte offset from the start of the message, or -1 where it is not known. */
  readonly offset: number;

  constructor(code: string, place: string, reason: string, offset = -1) {
    this.code = code;
    this.place = place;
    this.reason = reason;
    this.offset = offset;
  }

  toString(): string {
    return this.offset < 0
      ? `${this.place}: ${this.reason}`
      : `${this.place} at byte ${this.offset}: ${this.reason}`;
  }
}

/** An operation failed: timeout, refused, limit, store down. */
export class OperationError extends Error {
  /** Stable, upper-case: `SIP_TRANSACTION_TIMEOUT`. */
  readonly code: string;

  constructor(code: string, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'OperationError';
    this.code = code;
  }
}

/**
 * A person got it wrong: configuration, command line, use of the library. The message names the place,
 * the value and the mend. Commands print it without a stack and exit with status 2.
 */
export class UsageError extends Error {
  readonly code = 'USAGE';

  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'UsageError';
  }
}

/** We are wrong. Caught at the boundary of the call, session or connection, and ends that one alone. */
export class InvariantError extends Error {
  readonly code = 'INVARIANT';

  constructor(message: string) {
    super(message);
    this.name = 'InvariantError';
  }
}

/**
 * States what cannot fail, and why.
 *
 * @param why - why the condition cannot be false
 */
export function invariant(condition: unknown, why: string): asserts condition {
  if (!condition) throw new InvariantError(why);
}

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The system's code of an error (`EADDRINUSE`), where it has one. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
