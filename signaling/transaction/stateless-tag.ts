// To tags of responses that nobody remembers.
import type { SipRequest } from '../message/index.ts';

/** RFC 3261 §8.2.7: a stateless answer has the same To tag each time, so it is computed from the request. */
export function statelessTag(request: SipRequest): string {
  const text = `${request.callId};${request.fromTag ?? ''};${request.branch ?? ''}`;
  // FNV-1a, twice with different starts: a tag need not be secret, only the same again.
  return hash32(text, 0x811c9dc5) + hash32(text, 0x2f0b4a6d);
}

function hash32(text: string, start: number): string {
  let hash = start;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(36);
}
