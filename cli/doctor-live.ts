// A call that still lives, as the running server shows it: asked for once, and waited for a moment.
import { type Runtime, sleep } from '../core/index.ts';
import { type CallRecord, followLive, readLive, type Store } from '../server/index.ts';

/** The server looks every two seconds whether anybody asks, and writes within one more. */
const PATIENCE_MS = 5000;
const LOOK_MS = 250;

/** @returns the record with the figures of now; undefined where no server shows it */
export async function liveRecordOf(
  store: Store,
  runtime: Runtime,
  uniqueid: string,
): Promise<CallRecord | undefined> {
  const endAt = runtime.clock.now() + PATIENCE_MS;
  followLive(store, runtime.clock.wallClock());
  while (runtime.clock.now() < endAt) {
    const live = readLive(store, runtime.clock.wallClock());
    const found = live?.calls.find((call) => call.uniqueid === uniqueid);
    if (found) return found;
    await sleep(runtime, LOOK_MS);
  }
  return undefined;
}
