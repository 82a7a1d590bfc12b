// The quality of calls for spreadsheets (RFC 4180): one line a direction, or one line a second.
import type { CallRecord } from '../server/index.ts';
import { type DirectionView, directionsOf, worstSecondOf } from './quality-view.ts';

type Cell = string | number | null;

const DIRECTION_COLUMNS = [
  'uniqueid,start,src,dst,lastdst,billsec,role,way,party,codec,packets,lost,loss_ratio,discarded,jitter_ms',
  'max_jitter_ms,round_trip_ms,r_factor,mos_lq,mos_cq,burst_density,burst_ms,gap_density,gap_ms',
  'worst_second_mos,worst_second_at_s',
].join(',');

const SECOND_COLUMNS = 'uniqueid,role,way,party,at_s,r_factor,mos_lq,mos_cq';

/** One line a direction, with the names of the columns first. */
export function directionsCsv(records: readonly CallRecord[]): string {
  return lines(
    DIRECTION_COLUMNS,
    records.flatMap((record) => directionsOf(record).map((direction) => directionCells(record, direction))),
  );
}

function directionCells(record: CallRecord, direction: DirectionView): readonly Cell[] {
  const { uniqueid, start, src, dst, lastDst, billsec } = record;
  const { role, way, party, codec, quality: q, roundTripMs } = direction;
  const burstGap = q?.burstGap;
  const worst = worstSecondOf([direction]);
  return [
    ...[uniqueid, start, src, dst, lastDst, billsec, role, way, party, codec],
    ...[q?.packets, q?.lost, q?.lossRatio, q?.discarded, q?.jitterMs, q?.maxJitterMs, roundTripMs].map(known),
    ...[q?.rFactor, q?.mosLq, q?.mosCq].map(known),
    ...[burstGap?.burstDensity, burstGap?.burstMs, burstGap?.gapDensity, burstGap?.gapMs].map(known),
    ...[worst?.mos, worst && worst.atMs / 1000].map(known),
  ];
}

/** One line a direction and interval, with the names of the columns first. */
export function secondsCsv(record: CallRecord): string {
  const rows = directionsOf(record).flatMap(({ role, way, party, history }) =>
    history.mosLq.map((mosLq, index): readonly Cell[] => [
      ...[record.uniqueid, role, way, party, (index * history.intervalMs) / 1000],
      ...[history.rFactor[index], mosLq, history.mosCq[index]].map(known),
    ]),
  );
  return lines(SECOND_COLUMNS, rows);
}

function known(value: number | null | undefined): number | null {
  // Six digits behind the point are more than anybody measured.
  return value == null ? null : Math.round(value * 1e6) / 1e6;
}

function lines(columns: string, rows: readonly (readonly Cell[])[]): string {
  return [columns, ...rows.map((row) => row.map(cellText).join(','))].map((line) => `${line}\r\n`).join('');
}

function cellText(cell: Cell): string {
  if (cell === null) return '';
  const text = typeof cell === 'string' && isFormula(cell) ? `'${cell}` : String(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** What somebody dialled is nothing to be run by a spreadsheet, which takes `'` for the sign of plain text. */
function isFormula(text: string): boolean {
  return /^[=@\t]/.test(text) || /^[+-](?![\d() .-]+$)/.test(text);
}
