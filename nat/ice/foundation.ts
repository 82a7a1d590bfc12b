// What candidates have in common: where one works, another of the same foundation is likely to (RFC 8445 §5.1.1.3).
import { hashHex } from '../../core/index.ts';
import type { CandidateType } from './types.ts';

const FOUNDATION_LENGTH = 8;

/** What candidates of one foundation share. */
export interface FoundationFacts {
  readonly type: CandidateType;
  /** Of the socket, without its port. */
  readonly baseAddress: string;
  /** Address of the STUN or TURN server that told of the candidate, with the transport to it where that is not UDP. */
  readonly server?: string;
}

export function candidateFoundation({ type, baseAddress, server = '' }: FoundationFacts): string {
  return hashHex('md5', `${type} ${baseAddress} ${server}`).slice(0, FOUNDATION_LENGTH);
}
