// The quality of one call for machines.
import type { CallRecord } from '../server/index.ts';
import { directionsOf, legsOf, mosOf, reportedBy, roundTripOf, worstSecondOf } from './quality-view.ts';

/** Plain data; what nobody measured is null. Ratios are 0 to 1, histories have a value every `intervalMs`. */
export function qualityJson(record: CallRecord): object {
  const { uniqueid, start, answer, end, src, dst, lastDst, duration, billsec, disposition, reason } = record;
  const directions = directionsOf(record);
  const worst = worstSecondOf(directions);
  return {
    ...{ uniqueid, start, answer, end, src, dst, lastDst, duration, billsec, disposition, reason },
    callIds: record.callIds ?? [],
    roundTripMs: roundTripOf(record),
    worstSecond: worst && {
      mos: worst.mos,
      atMs: worst.atMs,
      role: worst.direction.role,
      way: worst.direction.way,
    },
    directions: directions.map((direction) => {
      const { role, way, party, codec, roundTripMs, quality, history } = direction;
      return { role, way, party, codec, roundTripMs, mos: mosOf(direction), ...quality, history };
    }),
    reportedByRtcp: legsOf(record).map(({ role, leg }) => ({ role, metrics: reportedBy(leg) })),
    phoneReports: record.phoneReports ?? [],
  };
}
