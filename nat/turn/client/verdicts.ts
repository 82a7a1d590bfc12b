// What the answers of a server mean for the allocation.
import { ATTRIBUTE, type StunMessage } from '../../stun/index.ts';
import type { Allocated } from '../types.ts';
import type { TurnAnswer } from './requests.ts';
import type { TurnClientEvent } from './types.ts';

/** RFC 8656 §7.3. @returns undefined where the response lacks one of them */
export function readAllocated(response: StunMessage): Allocated | undefined {
  const relayed = response.xorAddress(ATTRIBUTE.xorRelayedAddress);
  const mapped = response.mappedAddress;
  const lifetimeSeconds = response.uint32(ATTRIBUTE.lifetime);
  return relayed && mapped && lifetimeSeconds ? { relayed, mapped, lifetimeSeconds } : undefined;
}

/** An answer that gave no allocation; a success that is none makes no sense, and is refused. */
export function failedBy(answer: TurnAnswer): TurnClientEvent {
  if (answer.failure === undefined) return { type: 'failed', failure: 'refused' };
  const { question: _, ...why } = answer;
  return { type: 'failed', ...why };
}

/** An answer that ended one. */
export function lostBy(answer: TurnAnswer): TurnClientEvent {
  if (answer.failure === undefined) return { type: 'lost', failure: 'refused' };
  const { failure, status } = answer;
  return { type: 'lost', failure, ...(status === undefined ? {} : { status }) };
}
