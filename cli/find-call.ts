// The call that a person means.
import { UsageError } from '../core/index.ts';
import type { CallRecord, Store } from '../server/index.ts';

/**
 * @param id - a uniqueid, the beginning of a SIP Call-ID, or `last`
 * @throws UsageError where there is none
 */
export function findCall(store: Store, id: string): CallRecord {
  const record = id === 'last' ? store.records(1)[0] : store.record(id);
  if (record) return record;
  if (id === 'last') throw new UsageError('there is no call yet; call somebody, and look again');
  throw new UsageError(`there is no call "${id}"; "patchcord quality" lists the latest`);
}
