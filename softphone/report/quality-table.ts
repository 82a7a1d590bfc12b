// Directions of a call side by side, a row a figure.
import { figure, jitterText, lossText, type Paint, paintMos, UNKNOWN } from './figures.ts';

const LABEL_WIDTH = 14;
const COLUMN_WIDTH = 21;

/** What a column shows; null where nobody measured. */
export interface ShownQuality {
  readonly packets: number;
  readonly lost: number | null;
  readonly lossRatio: number | null;
  readonly discarded: number | null;
  readonly jitterMs: number | null;
  readonly maxJitterMs: number | null;
  readonly rFactor: number | null;
  readonly mosLq: number | null;
  readonly mosCq: number | null;
  /** Left out where no column has it. */
  readonly levelDbov?: number | null;
}

interface Row {
  readonly label: string;
  text(quality: ShownQuality): string;
  /** By which it is coloured. */
  mos?(quality: ShownQuality): number | null;
}

const LEVEL: Row = {
  label: 'level',
  text: ({ levelDbov }) => (levelDbov == null ? UNKNOWN : `${levelDbov.toFixed(0)} dBov`),
};

const ROWS: readonly Row[] = [
  { label: 'packets', text: ({ packets }) => String(packets) },
  { label: 'lost', text: ({ lost, lossRatio }) => lossText(lost, lossRatio) },
  { label: 'discarded', text: ({ discarded }) => figure(discarded, 0) },
  { label: 'jitter', text: jitterText },
  LEVEL,
  { label: 'R factor', text: ({ rFactor }) => figure(rFactor) },
  { label: 'MOS-LQ', text: ({ mosLq }) => figure(mosLq, 2), mos: ({ mosLq }) => mosLq },
  { label: 'MOS-CQ', text: ({ mosCq }) => figure(mosCq, 2), mos: ({ mosCq }) => mosCq },
];

/** Lines, the titles first. */
export function qualityTable(
  columns: readonly { readonly title: string; readonly quality: ShownQuality | null }[],
  paint: Paint,
): string[] {
  const line = (label: string, cells: readonly string[]) => `  ${label.padEnd(LABEL_WIDTH)}${cells.join('')}`;
  const hasLevel = columns.some(({ quality }) => quality?.levelDbov !== undefined);
  const titles = columns.map(({ title }) => title.padStart(COLUMN_WIDTH));
  const rows = ROWS.filter((row) => row !== LEVEL || hasLevel).map(({ label, text, mos }) => {
    const cells = columns.map(({ quality }) => {
      const cell = (quality ? text(quality) : UNKNOWN).padStart(COLUMN_WIDTH);
      return mos ? paintMos(cell, quality && mos(quality), paint) : cell;
    });
    return line(label, cells);
  });
  return [line('', titles), ...rows];
}
