// CSeq: the place of a request among those of its dialog (RFC 3261 §20.16).
import { DecodeError } from '../../core/index.ts';
import { shown, TOKEN } from './grammar.ts';
import type { Cseq } from './types.ts';

const SEQUENCE_NUMBER = /^\d{1,32}$/;

/** RFC 3261 §8.1.1.5: "MUST be expressible as a 32-bit unsigned integer and MUST be less than 2**31". */
const LIMIT = 2 ** 31;

/** Reads `314159 INVITE`. */
export function parseCseq(text: string): Cseq | DecodeError {
  const space = text.search(/[ \t]/);
  const digits = text.slice(0, Math.max(space, 0));
  const method = text.slice(space + 1).trim();
  if (!SEQUENCE_NUMBER.test(digits) || !TOKEN.test(method)) return bad(text, 'is not a number and a method');
  const sequenceNumber = Number(digits);
  if (sequenceNumber >= LIMIT) return bad(text, 'has a number of 2^31 or more');
  return { sequenceNumber, method };
}

function bad(text: string, reason: string): DecodeError {
  return new DecodeError('SIP_BAD_CSEQ', 'CSeq', `CSeq ${shown(text)} ${reason}`);
}

/** `314159 INVITE`. */
export function formatCseq(cseq: Cseq): string {
  return `${cseq.sequenceNumber} ${cseq.method}`;
}
