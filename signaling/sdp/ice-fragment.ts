// Candidates that follow a description (RFC 8840 §9): the part of SDP that an INFO of the package `trickle-ice` carries.
import { DecodeError } from '../../core/index.ts';
import type { IceDescription } from '../../nat/index.ts';
import { iceOf } from './ice.ts';
import { MAX_SDP_LENGTH } from './parse.ts';

/**
 * @returns the credentials of the exchange that it belongs to, and what it adds; `isTrickling` as long as more may
 *   follow. Of several sections the first is read: we have one.
 */
export function parseIceFragment(text: string): IceDescription | DecodeError {
  if (text.length > MAX_SDP_LENGTH) {
    return new DecodeError('SDP_TOO_LONG', 'fragment', 'the fragment is longer than any description');
  }
  const sections: string[][] = [[]];
  for (const line of text.split(/\r?\n/)) {
    if (line.startsWith('m=')) sections.push([]);
    else if (line.startsWith('a=')) sections.at(-1)?.push(line.slice(2).trim());
  }
  const [session = [], section = []] = sections;
  const ice = iceOf({ attributes: session }, { attributes: section });
  if (!ice) return new DecodeError('SDP_NO_ICE', 'fragment', 'the fragment has no credentials');
  const hasEnded = [...session, ...section].includes('end-of-candidates');
  return { ...ice, isTrickling: !hasEnded };
}
