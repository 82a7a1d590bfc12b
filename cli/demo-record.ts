// The server's own record of the demo's call, read from its store.
import { type Runtime, sleep } from '../core/index.ts';
import { type CallRecord, SqliteStore } from '../server/index.ts';

/** The server writes a record about a second after its call. */
const RECORD_LIMIT_MS = 5000;

/** @returns the finished record, or undefined where none came */
export async function readCallRecord(runtime: Runtime, dataFolder: string): Promise<CallRecord | undefined> {
  const store = SqliteStore.open({ dataFolder });
  try {
    const limitAt = runtime.clock.now() + RECORD_LIMIT_MS;
    for (;;) {
      const [record] = store.records(1);
      if (record?.end || runtime.clock.now() > limitAt) return record;
      await sleep(runtime, 50);
    }
  } finally {
    store.close();
  }
}

/** A few lines for people. */
export function describeRecord(record: CallRecord): string {
  const { src, dst, start, answer, end, duration, billsec, disposition, uniqueid, quality } = record;
  const legs = quality.map(({ label, received, sent, inbound }) => {
    const mos = inbound.mosLq === null ? '' : `, MOS ${inbound.mosLq.toFixed(2)}`;
    return `  relay, ${label}: received ${received}, sent ${sent}, lost ${inbound.lost}${mos}`;
  });
  return [
    `  src=${src} dst=${dst} disposition=${disposition ?? '-'} duration=${duration} billsec=${billsec} uniqueid=${uniqueid}`,
    `  start=${start} answer=${answer ?? '-'} end=${end ?? '-'}`,
    ...legs,
  ].join('\n');
}
