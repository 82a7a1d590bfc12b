// What is found in a good call that was spoilt.
import { diagnose } from '../../../../server/doctor/index.ts';
import { type GoodLeg, type GoodRecord, goodRecord } from './good-record.ts';

/** One packet in ten lost, as a leg tells it. */
export const LOST = { lost: 100, packets: 900, lossRatio: 0.1, mosLq: 3.4, rFactor: 66 };

/** The codes of faults and risks, in their order, of a good call that was spoilt. */
export function codesOf(spoil: (record: GoodRecord, alice: GoodLeg, bob: GoodLeg) => void, notes = false) {
  const record = goodRecord();
  const [alice, bob] = record.quality;
  if (!alice || !bob) throw new Error('a good call has two legs');
  spoil(record, alice, bob);
  const { findings } = diagnose(record);
  return findings.filter(({ severity }) => notes || severity !== 'note').map(({ code }) => code);
}
