// Write-behind: what is to be stored waits here for a moment, so that no call and no REGISTER waits for the disk.
import { type CancelTimer, messageOf, type Runtime } from '../../core/index.ts';
import type { BindingChange, RegistrarStore, StoredBinding } from '../../signaling/index.ts';
import type { CallRecords, ClosedRecord, OpenedRecord } from '../call/index.ts';
import type { Store, StoreChange } from './types.ts';

/** A crash loses at most this much, when the store is well. */
const INTERVAL_MS = 1000;

/** While the store fails, tries are up to this far apart. */
const MAX_INTERVAL_MS = 30_000;

/** The main thread stands still while a batch is written: about 5 ms for so many. */
const MAX_BATCH = 1000;

/** Changes that wait at most while the store fails: about 50 MB, but for what follows. */
const MAX_WAITING = 50_000;

/** Records that wait with the quality of their calls, of up to 50 KB each in memory; later ones wait without. */
const MAX_WAITING_QUALITY = 2000;

/** So often a server with calls under way says that it lives: a crash is dated by it. */
const ALIVE_INTERVAL_MS = 10_000;

/**
 * Takes changes at once and writes them in batches. Nothing here throws. A store that fails is tried again and again;
 * meanwhile changes wait in memory, and past a bound the oldest are lost, counted and logged.
 */
export class StoreJournal implements CallRecords, RegistrarStore {
  readonly #runtime: Runtime;
  readonly #store: Store;
  /** In the order in which they came. A binding has one entry, its last: the key is its id. */
  readonly #waiting = new Map<string, StoreChange>();
  readonly #openRecords = new Set<string>();
  #number = 0;
  #lost = 0;
  #withQuality = 0;
  #failures = 0;
  #aliveAt = Number.NEGATIVE_INFINITY;
  #cancelTimer: CancelTimer | undefined;
  #armedFor = 0;
  #isClosed = false;

  constructor(runtime: Runtime, store: Store) {
    this.#runtime = runtime;
    this.#store = store;
  }

  /** Changes that wait. */
  get waitingCount(): number {
    return this.#waiting.size;
  }

  /** Changes that were given up because too many waited. */
  get lostCount(): number {
    return this.#lost;
  }

  open(record: OpenedRecord): void {
    this.#openRecords.add(record.uniqueid);
    this.add({ kind: 'openRecord', record });
  }

  answered(uniqueid: string, answer: number): void {
    this.add({ kind: 'answerRecord', uniqueid, answer });
  }

  recorded(uniqueid: string, recordings: readonly string[]): void {
    this.add({ kind: 'recordings', uniqueid, recordings });
  }

  close(record: ClosedRecord): void {
    this.#openRecords.delete(record.uniqueid);
    this.add({ kind: 'closeRecord', record });
  }

  loadBindings(): readonly StoredBinding[] {
    return this.#store.bindings();
  }

  saveBindings(changes: readonly BindingChange[]): void {
    for (const change of changes) this.add({ kind: 'binding', change });
  }

  /** Writes the change within about a second. */
  add(change: StoreChange): void {
    const key = this.#keyOf(change);
    // To the end of the line, behind whatever it depends on.
    this.#forget(key);
    this.#waiting.set(key, this.#bounded(change));
    if (this.#waiting.size > MAX_WAITING) this.#loseOldest();
    // A store that fails is left alone until its next try.
    if (this.#failures === 0) this.#arm(INTERVAL_MS);
  }

  /** Writes everything now. @returns whether nothing waits any more */
  flush(): boolean {
    while (this.#waiting.size > 0) if (!this.#writeBatch()) return false;
    return true;
  }

  /** Writes what waits; afterwards changes are written as they come. */
  end(): void {
    this.#isClosed = true;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    if (this.flush()) return;
    this.#runtime.log.error({ changes: this.#waiting.size }, 'the store failed to the end: changes are lost');
  }

  #keyOf(change: StoreChange): string {
    // Of what is set again only the last counts.
    if (change.kind === 'setting') return `setting ${change.name}`;
    // Of a phone that reports again and again only the last waits.
    if (change.kind === 'phoneReport') {
      const { uniqueid, report } = change;
      return `report ${uniqueid} ${report.report.kind} ${report.from}`;
    }
    if (change.kind !== 'binding') {
      this.#number += 1;
      return `${this.#number}`;
    }
    return `binding ${change.change.kind === 'put' ? change.change.binding.id : change.change.id}`;
  }

  /** What is billed is kept longer than what is only looked at. */
  #bounded(change: StoreChange): StoreChange {
    if (!hasQuality(change)) return change;
    if (this.#withQuality >= MAX_WAITING_QUALITY)
      return { ...change, record: { ...change.record, quality: [] } };
    this.#withQuality += 1;
    return change;
  }

  #forget(key: string): void {
    const change = this.#waiting.get(key);
    if (change && hasQuality(change)) this.#withQuality -= 1;
    this.#waiting.delete(key);
  }

  #loseOldest(): void {
    for (const key of this.#waiting.keys()) {
      this.#forget(key);
      break;
    }
    this.#lost += 1;
    if (this.#lost % 1000 === 1)
      this.#runtime.log.error({ lost: this.#lost }, 'the store fails: changes are lost');
  }

  #arm(delayMs: number): void {
    if (this.#isClosed) return;
    const at = this.#runtime.clock.now() + delayMs;
    if (this.#cancelTimer && this.#armedFor <= at) return;
    this.#cancelTimer?.();
    this.#armedFor = at;
    this.#cancelTimer = this.#runtime.setTimer(at, () => this.#handleTimer());
  }

  #handleTimer(): void {
    this.#cancelTimer = undefined;
    const isWell = this.#writeBatch();
    if (!isWell) return this.#arm(Math.min(MAX_INTERVAL_MS, INTERVAL_MS * 2 ** Math.min(this.#failures, 10)));
    if (this.#waiting.size > 0) return this.#arm(0);
    if (this.#openRecords.size > 0) this.#arm(ALIVE_INTERVAL_MS);
  }

  /** @returns false where the store failed; everything waits on */
  #writeBatch(): boolean {
    const batch = [...this.#waiting].slice(0, MAX_BATCH);
    try {
      this.#store.write([...batch.map(([, change]) => change), ...this.#signOfLife()]);
    } catch (error) {
      this.#failures += 1;
      const fields = { error: messageOf(error), waiting: this.#waiting.size };
      this.#runtime.log.error(fields, 'the store fails: changes wait in memory');
      return false;
    }
    this.#failures = 0;
    for (const [key] of batch) this.#forget(key);
    return true;
  }

  #signOfLife(): readonly StoreChange[] {
    const now = this.#runtime.clock.now();
    if (this.#openRecords.size === 0 && now - this.#aliveAt < ALIVE_INTERVAL_MS) return [];
    this.#aliveAt = now;
    return [{ kind: 'setting', name: 'aliveAt', value: String(Math.round(this.#runtime.clock.wallClock())) }];
  }
}

function hasQuality(change: StoreChange): change is StoreChange & { readonly kind: 'closeRecord' } {
  return change.kind === 'closeRecord' && change.record.quality.length > 0;
}
