// The version in `o=` (RFC 3264 §8): a peer that sees the same one may skip the rest.
import type { SessionDescription } from './types.ts';

/** `next` with the version that it must have behind `previous`: the same where nothing changed, else one more. */
export function followVersion(previous: SessionDescription, next: SessionDescription): SessionDescription {
  const { version } = previous.origin;
  const same = withVersion(next, version);
  if (JSON.stringify(same) === JSON.stringify(previous)) return same;
  return withVersion(next, String(BigInt(version) + 1n));
}

function withVersion(description: SessionDescription, version: string): SessionDescription {
  return { ...description, origin: { ...description.origin, version } };
}
