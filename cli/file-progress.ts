// How far a file has come, in a line.
import type { TransferProgress } from '../softphone/index.ts';

const BAR_LENGTH = 24;
/** Speed is that of the last moments: a break must not be seen for ever. */
const WINDOW_MS = 5000;

/** Shows one transfer, tries and all. */
export class ProgressLine {
  readonly #name: string;
  readonly #now: () => number;
  readonly #samples: { readonly at: number; readonly doneBytes: number }[] = [];

  constructor(name: string, now: () => number) {
    this.#name = name;
    this.#now = now;
  }

  text({ doneBytes, sizeBytes }: TransferProgress): string {
    const bytesASecond = this.#speed(doneBytes);
    const share = sizeBytes === 0 ? 1 : doneBytes / sizeBytes;
    const filled = Math.floor(share * BAR_LENGTH);
    const bar = `[${'#'.repeat(filled)}${'-'.repeat(BAR_LENGTH - filled)}]`;
    const percent = `${Math.floor(share * 100)} %`;
    const left = bytesASecond > 0 ? `, ${duration((sizeBytes - doneBytes) / bytesASecond)} left` : '';
    const speed = `${sizeText(bytesASecond)}/s`;
    return `${this.#name}  ${bar} ${percent} of ${sizeText(sizeBytes)}, ${speed}${left}`;
  }

  #speed(doneBytes: number): number {
    const at = this.#now();
    const last = this.#samples.at(-1);
    // A new try may begin before the end of the last one.
    if (last && doneBytes < last.doneBytes) this.#samples.length = 0;
    if (!last || at - last.at >= 100) this.#samples.push({ at, doneBytes });
    while ((this.#samples[0]?.at ?? at) < at - WINDOW_MS) this.#samples.shift();
    const first = this.#samples[0];
    if (!first || at === first.at) return 0;
    return ((doneBytes - first.doneBytes) * 1000) / (at - first.at);
  }
}

const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'];

/** `1.2 MB`: decimal units, as disks have them. */
export function sizeText(bytes: number): string {
  let [value, unit] = [bytes, 0];
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`;
}

/** For commander: `500M`, `2G`, or plain bytes. @returns undefined where it is none of these */
export function parseSize(text: string): number | undefined {
  const match = /^(\d{1,12})([kMGT]?)B?$/i.exec(text.trim());
  if (!match) return undefined;
  const power = ['', 'k', 'm', 'g', 't'].indexOf((match[2] ?? '').toLowerCase());
  return Number(match[1]) * 1000 ** power;
}

function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  const [minutes, rest] = [Math.floor(whole / 60), whole % 60];
  return minutes < 60
    ? `${minutes}:${String(rest).padStart(2, '0')}`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
