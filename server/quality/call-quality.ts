// Puts together who is told of the quality of calls, and who tells of it.
import type { Runtime } from '../../core/index.ts';
import type { CallRecords } from '../call/index.ts';
import { RecordTap } from '../record-tap.ts';
import type { CallRecord, Store, StoreJournal } from '../store/index.ts';
import { LiveQuality, type LiveQualityOptions } from './live-quality.ts';
import { PhoneReports } from './phone-reports.ts';
import type { PhoneReport } from './types.ts';

export interface CallQualityOptions {
  readonly runtime: Runtime;
  readonly store: Store;
  readonly journal: StoreJournal;
  readonly calls: LiveQualityOptions['calls'];
  /** They are told of each call that is over. */
  readonly reporters: readonly CallReporter[];
  /** A call is over. */
  onRecord(record: CallRecord): void;
  /** A phone reported on its call. */
  onPhoneReport(uniqueid: string, report: PhoneReport): void;
}

/** Who is told of the quality of calls. */
export interface CallReporter {
  reportCall(record: CallRecord): void;
}

/** Stands between the calls and the journal. */
export class CallQuality {
  /** What calls are to write their records to. */
  readonly records: CallRecords;
  readonly phoneReports: PhoneReports;
  readonly #live: LiveQuality;

  constructor(options: CallQualityOptions) {
    const { runtime, store, journal, calls } = options;
    this.phoneReports = new PhoneReports({
      runtime,
      next: new RecordTap(journal, (record) => {
        for (const reporter of options.reporters) this.#tell(reporter, record, runtime);
        options.onRecord(record);
      }),
      onReport: (uniqueid, report) => {
        journal.add({ kind: 'phoneReport', uniqueid, report });
        options.onPhoneReport(uniqueid, report);
      },
    });
    this.#live = new LiveQuality({
      runtime,
      store,
      write: (change) => journal.add(change),
      next: this.phoneReports,
      calls,
    });
    this.records = this.#live;
  }

  /** A fault of ours in telling must not keep the record from whoever waits for it. */
  #tell(reporter: CallReporter, record: CallRecord, runtime: Runtime): void {
    try {
      reporter.reportCall(record);
    } catch (error) {
      runtime.log.error({ uniqueid: record.uniqueid, err: error }, 'the quality of a call was not reported');
    }
  }

  /** Calls are over; nothing more is told. */
  end(): void {
    this.#live.end();
  }
}
