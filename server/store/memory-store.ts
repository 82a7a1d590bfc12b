// A store that forgets: for tests and for servers that live inside other programs.
import type { StoredBinding } from '../../signaling/index.ts';
import { abandonedRecord, closedRecord, isoTime, openedRecord, withPhoneReport } from './records.ts';
import type { CallRecord, SettingName, Store, StoreChange, StoredUser } from './types.ts';

/** Everything in maps. Several servers in a row may use one: that is a restart. */
export class MemoryStore implements Store {
  readonly #settings = new Map<SettingName, string>();
  readonly #users = new Map<string, StoredUser>();
  readonly #bindings = new Map<number, StoredBinding>();
  readonly #records = new Map<string, CallRecord>();

  setting(name: SettingName): string | undefined {
    return this.#settings.get(name);
  }

  users(): readonly StoredUser[] {
    return [...this.#users.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  user(name: string): StoredUser | undefined {
    return this.#users.get(name);
  }

  bindings(): readonly StoredBinding[] {
    return [...this.#bindings.values()];
  }

  records(limit: number): readonly CallRecord[] {
    return [...this.#records.values()].reverse().slice(0, limit);
  }

  record(id: string): CallRecord | undefined {
    const startsSo = (record: CallRecord) => record.callIds.some((callId) => callId.startsWith(id));
    return this.#records.get(id) ?? [...this.#records.values()].findLast(startsSo);
  }

  write(changes: readonly StoreChange[]): void {
    for (const change of changes) this.#apply(change);
  }

  foreignVersion(): number {
    return 0;
  }

  close(): void {}

  #apply(change: StoreChange): void {
    switch (change.kind) {
      case 'setting':
        this.#settings.set(change.name, change.value);
        return;
      case 'putUser':
        this.#users.set(change.user.name, change.user);
        return;
      case 'removeUser':
        this.#users.delete(change.name);
        return;
      case 'forward': {
        const user = this.#users.get(change.name);
        if (user) this.#users.set(change.name, { ...user, forward: change.forward });
        return;
      }
      case 'binding':
        if (change.change.kind === 'put') this.#bindings.set(change.change.binding.id, change.change.binding);
        else this.#bindings.delete(change.change.id);
        return;
      default:
        this.#applyToRecords(change);
    }
  }

  #applyToRecords(change: RecordChange): void {
    if (change.kind === 'closeAbandoned') {
      for (const [uniqueid, record] of this.#records) {
        if (record.end === null) this.#records.set(uniqueid, abandonedRecord(record, change.lastKnownAlive));
      }
      return;
    }
    if (change.kind === 'openRecord') {
      const { record } = change;
      if (!this.#records.has(record.uniqueid)) this.#records.set(record.uniqueid, openedRecord(record));
      return;
    }
    if (change.kind === 'phoneReport') {
      const record = this.#records.get(change.uniqueid);
      const phoneReports = record && withPhoneReport(record.phoneReports, change.report);
      if (record && phoneReports) this.#records.set(record.uniqueid, { ...record, phoneReports });
      return;
    }
    const uniqueid = change.kind === 'closeRecord' ? change.record.uniqueid : change.uniqueid;
    const open = this.#records.get(uniqueid);
    // Closed once: what comes later changes nothing.
    if (!open || open.end !== null) return;
    this.#records.set(uniqueid, changedRecord(open, change));
  }
}

function changedRecord(open: CallRecord, change: OpenRecordChange): CallRecord {
  if (change.kind === 'closeRecord') return closedRecord(open, change.record);
  if (change.kind === 'recordings') return { ...open, recordings: change.recordings };
  return { ...open, answer: isoTime(change.answer) };
}

/** What changes a record that is open. */
type OpenRecordChange = Extract<StoreChange, { kind: 'answerRecord' | 'recordings' | 'closeRecord' }>;

type RecordChange =
  | OpenRecordChange
  | Extract<StoreChange, { kind: 'openRecord' | 'phoneReport' | 'closeAbandoned' }>;
