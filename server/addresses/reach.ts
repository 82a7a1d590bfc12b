// How far an address reaches.
import { addressScope } from '../../core/index.ts';

/** This machine alone, a private network (RFC 1918, 3927, 4193, 6598), or everybody. */
export type Reach = 'machine' | 'private' | 'internet';

/** @param address - numeric */
export function reachOf(address: string): Reach {
  const scope = addressScope(address);
  if (scope === 'loopback') return 'machine';
  return scope === 'private' || scope === 'shared' || scope === 'link-local' ? 'private' : 'internet';
}
