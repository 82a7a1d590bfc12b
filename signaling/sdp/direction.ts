// Who sends (RFC 3264 §5.1, §6.1, §8.4).
import type { Direction, MediaDescription, SessionDescription } from './types.ts';

/** The same from the other party's view. */
export function reverseDirection(direction: Direction): Direction {
  if (direction === 'sendonly') return 'recvonly';
  return direction === 'recvonly' ? 'sendonly' : direction;
}

/** What both allow, both from the same party's view. */
export function intersectDirections(a: Direction, b: Direction): Direction {
  return directionOf(canSend(a) && canSend(b), canReceive(a) && canReceive(b));
}

export function canSend(direction: Direction): boolean {
  return direction === 'sendrecv' || direction === 'sendonly';
}

export function canReceive(direction: Direction): boolean {
  return direction === 'sendrecv' || direction === 'recvonly';
}

function directionOf(sends: boolean, receives: boolean): Direction {
  if (sends) return receives ? 'sendrecv' : 'sendonly';
  return receives ? 'recvonly' : 'inactive';
}

/** RFC 3264 §8.4: the address by which RFC 2543 phones put a call on hold. */
function isHoldAddress(address: string | undefined): boolean {
  return address === '0.0.0.0' || address === '::';
}

/** The direction that a section really asks for: one whose address is 0.0.0.0 receives nothing. */
export function effectiveDirection(media: MediaDescription): Direction {
  return isHoldAddress(media.address) ? intersectDirections(media.direction, 'sendonly') : media.direction;
}

/** Whether the party of this section has put us on hold: it does not want to hear us. */
export function isOnHold(media: MediaDescription): boolean {
  return media.port !== 0 && !canReceive(effectiveDirection(media));
}

/** A copy with this direction in every section. */
export function withDirection(description: SessionDescription, direction: Direction): SessionDescription {
  return { ...description, media: description.media.map((media) => ({ ...media, direction })) };
}
