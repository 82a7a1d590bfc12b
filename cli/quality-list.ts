// Calls with their quality, one line each.
import type { CallRecord } from '../server/index.ts';
import { figure, type Paint, paintMos, percentText } from '../softphone/index.ts';
import {
  calleeText,
  type DirectionView,
  directionsOf,
  mosOf,
  roundTripOf,
  worstLateOf,
  worstOf,
  worstSecondOf,
} from './quality-view.ts';

const WHO_WIDTH = 28;
const UNKNOWN = '-';

interface Column {
  readonly title: string;
  /** Negative: to the left. */
  readonly width: number;
  text(call: Call): string;
  /** By which the text is coloured. */
  mos?(call: Call): number | null;
}

interface Call {
  readonly record: CallRecord;
  readonly directions: readonly DirectionView[];
}

const mosColumn = (title: string, role: DirectionView['role'], way: DirectionView['way']): Column => {
  const mos = ({ directions }: Call) => {
    const found = directions.find((direction) => direction.role === role && direction.way === way);
    return found ? mosOf(found) : null;
  };
  return { title, width: 9, mos, text: (call) => figure(mos(call), 2) };
};

const COLUMNS: readonly Column[] = [
  { title: 'start (UTC)', width: -20, text: ({ record }) => record.start.slice(0, 19).replace('T', ' ') },
  { title: 'call', width: -16, text: ({ record }) => record.uniqueid },
  { title: 'who', width: -WHO_WIDTH, text: whoText },
  { title: 'seconds', width: 7, text: ({ record }) => String(record.billsec) },
  mosColumn('caller>', 'caller', 'from'),
  mosColumn('>caller', 'caller', 'to'),
  mosColumn('callee>', 'callee', 'from'),
  mosColumn('>callee', 'callee', 'to'),
  { title: 'loss', width: 9, text: ({ directions }) => percentText(worstOf(directions, (q) => q.lossRatio)) },
  { title: 'late', width: 7, text: ({ directions }) => percentText(worstLateOf(directions)) },
  {
    title: 'jitter ms',
    width: 10,
    text: ({ directions }) => figure(worstOf(directions, (q) => q.jitterMs)),
  },
  { title: 'RTT ms', width: 8, text: ({ record }) => figure(roundTripOf(record), 0) },
  {
    title: 'worst second',
    width: 14,
    mos: ({ directions }) => worstSecondOf(directions)?.mos ?? null,
    text: ({ directions }) => {
      const worst = worstSecondOf(directions);
      return worst ? `${worst.mos.toFixed(2)} at ${clockText(worst.atMs)}` : UNKNOWN;
    },
  },
];

/** The head of the table. */
export function listHead(paint: Paint): string {
  return paint(COLUMNS.map(({ title, width }) => padded(title, width)).join(' '), 'bold');
}

/** One call; loss and jitter are those of the worst direction. */
export function listLine(record: CallRecord, paint: Paint): string {
  const call = { record, directions: directionsOf(record) };
  return COLUMNS.map((column) => {
    const text = padded(column.text(call), column.width);
    return column.mos ? paintMos(text, column.mos(call), paint) : text;
  })
    .join(' ')
    .trimEnd();
}

function whoText({ record }: Call): string {
  const text = `${record.src} -> ${calleeText(record)}`;
  return text.length > WHO_WIDTH ? `${text.slice(0, WHO_WIDTH - 1)}…` : text;
}

function padded(text: string, width: number): string {
  return width < 0 ? text.padEnd(-width) : text.padStart(width);
}

/** `1:05`. */
export function clockText(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
