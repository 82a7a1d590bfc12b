// The other end of `LiveQuality`: how a command looks at the live calls of the server that has the store.
import type { Store } from '../store/index.ts';
import type { LiveCalls } from './types.ts';

/** A command that ends without a word is forgotten after so long. */
const FOLLOW_MS = 10_000;
/** A server that is gone cannot take back what it showed. */
const STALE_MS = 10_000;

/** Asks to be shown live calls; to be called again and again, every few seconds. */
export function followLive(store: Store, wallClock: number): void {
  const until = Math.round(wallClock + FOLLOW_MS);
  // Another command may look, too: the one that looks longest counts.
  if (Number(store.setting('followedUntil') ?? 0) >= until) return;
  store.write([{ kind: 'setting', name: 'followedUntil', value: String(until) }]);
}

/** What the server showed last; undefined where there are no live calls, or nobody has shown any yet. */
export function readLive(store: Store, wallClock: number): LiveCalls | undefined {
  const text = store.setting('liveCalls') ?? '';
  if (text === '') return undefined;
  // Written by a server of this or another version: no more is read than what both have.
  const live: LiveCalls = JSON.parse(text);
  return wallClock - Date.parse(live.at) > STALE_MS ? undefined : live;
}
