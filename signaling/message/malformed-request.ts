// A request that cannot be processed, but may be answered.
import { DecodeError } from '../../core/index.ts';
import type { Via } from './types.ts';

/**
 * The part of a bad request that a response needs: its Via was read, and it has From, To, Call-ID and CSeq, though
 * perhaps unreadable ones. `createResponse` takes it.
 */
export interface Answerable {
  /** Of the start line. ACK is never answered. */
  readonly method: string;
  readonly topVia: Via;
  header(name: string): string | undefined;
  headerValues(name: string): string[];
  /** The same with another topmost Via (`received`, `rport`). */
  withTopVia(via: Via): Answerable;
}

/** 400: bad syntax; 416: Request-URI of an unknown scheme; 505: other version; 513: too large. */
export type MalformedStatus = 400 | 416 | 505 | 513;

/**
 * A malformed request (RFC 3261 §8.2, §21.4.1): a `DecodeError` with the status that it deserves.
 *
 * @example
 * if (parsed instanceof MalformedRequest && parsed.answerable && parsed.answerable.method !== 'ACK')
 *   send(createResponse(parsed.answerable, parsed.status, { reason: parsed.phrase }));
 */
export class MalformedRequest extends DecodeError {
  readonly status: MalformedStatus;
  /** Undefined where nobody can be answered: the datagram is dropped. */
  readonly answerable: Answerable | undefined;

  constructor(fault: DecodeError, status: MalformedStatus, answerable: Answerable | undefined) {
    super(fault.code, fault.place, fault.reason, fault.offset);
    this.status = status;
    this.answerable = answerable;
  }

  /** Reason phrase that names the fault without repeating what was sent: `Bad Request (CSeq)`. */
  get phrase(): string {
    return `${PHRASES[this.status]} (${this.place})`;
  }
}

const PHRASES: Readonly<Record<MalformedStatus, string>> = {
  400: 'Bad Request',
  416: 'Unsupported URI Scheme',
  505: 'Version Not Supported',
  513: 'Message Too Large',
};
