// Shows finished call records to whoever uses the server as a library.
import type { AnsweringParty, CallRecords, ClosedRecord, OpenedRecord } from './call/index.ts';
import type { CallRecord } from './store/index.ts';
import { closedRecord, openedRecord } from './store/records.ts';

/** Passes everything on, and gives each record as it is closed. */
export class RecordTap implements CallRecords {
  readonly #next: CallRecords;
  readonly #onClosed: (record: CallRecord) => void;
  readonly #open = new Map<string, OpenedRecord>();

  constructor(next: CallRecords, onClosed: (record: CallRecord) => void) {
    this.#next = next;
    this.#onClosed = onClosed;
  }

  open(record: OpenedRecord): void {
    this.#open.set(record.uniqueid, record);
    this.#next.open(record);
  }

  answered(uniqueid: string, answer: number, by: AnsweringParty): void {
    this.#next.answered(uniqueid, answer, by);
  }

  recorded(uniqueid: string, recordings: readonly string[]): void {
    this.#next.recorded(uniqueid, recordings);
  }

  close(record: ClosedRecord): void {
    this.#next.close(record);
    const opened = this.#open.get(record.uniqueid);
    this.#open.delete(record.uniqueid);
    if (opened) this.#onClosed(closedRecord(openedRecord(opened), record));
  }
}
