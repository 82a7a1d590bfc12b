// By what two people find out that nobody is in between: each reads out to the other what stands at theirs.
import type { CallReport } from './types.ts';

/** Of each SHA-256 its first 64 bits: nobody finds another key with the same ones while a call lasts. */
const SHOWN_LENGTH = '00:'.repeat(8).length - 1;

/** One line for a secured call. The signaling carried both; the server could have put its own in their place. */
export function keysText({ fingerprint, ownFingerprint }: NonNullable<CallReport['secured']>): string {
  const shown = (text: string | null) => text?.slice(0, SHOWN_LENGTH) ?? 'not known yet';
  return `keys: far end ${shown(fingerprint)}, ours ${shown(ownFingerprint)}; read out by both, they prove that nobody is in between`;
}
