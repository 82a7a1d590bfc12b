// What the phone commands show while they run: a live line on a terminal, plain lines elsewhere.
import type { Paint } from '../softphone/index.ts';

/** The part of a stream that is used; `process.stderr` is one. */
export interface ScreenStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

const COLOURS = { green: 32, yellow: 33, red: 31, dim: 2, bold: 1 } as const;
const ERASE_LINE = '\r\u001b[K';
const DEFAULT_COLUMNS = 80;
/** Without a terminal a state that only goes on is told this often. */
const PLAIN_INTERVAL_MS = 5000;

/** Colour only for a terminal, and not where NO_COLOR (no-color.org) is set to anything. */
export function paintFor(stream: ScreenStream, env: NodeJS.ProcessEnv = process.env): Paint {
  if (!stream.isTTY || (env.NO_COLOR ?? '') !== '' || env.TERM === 'dumb') return (text) => text;
  return (text, colour) => `\u001b[${COLOURS[colour]}m${text}\u001b[0m`;
}

/** Our colours, the ends of lines, and all that a terminal obeys besides. */
const CONTROLS = /\u001b\[\d{1,2}m|\p{Cc}/gu;

/** Text in which a far end has its say, or a file: reasons, names, notes. Terminals obey control characters. */
export function harmless(text: string): string {
  return text.replace(CONTROLS, (control) => (control.length > 1 || control === '\n' ? control : '\ufffd'));
}

/** Lines and one live line below them. */
export class Screen {
  readonly paint: Paint;
  readonly #stream: ScreenStream;
  readonly #now: () => number;
  #live = '';
  #plainAt = Number.NEGATIVE_INFINITY;

  constructor(stream: ScreenStream, now: () => number, env: NodeJS.ProcessEnv = process.env) {
    this.#stream = stream;
    this.#now = now;
    this.paint = paintFor(stream, env);
  }

  /** A line that stays. */
  line(said: string): void {
    const text = harmless(said);
    this.#stream.write(this.#live === '' ? `${text}\n` : `${ERASE_LINE}${text}\n`);
    if (this.#live !== '') this.#stream.write(this.#live);
    this.#plainAt = this.#now();
  }

  /** Replaces the live line; elsewhere than on a terminal it becomes a plain line now and then. */
  live(said: string, colour?: Parameters<Paint>[1]): void {
    const text = harmless(said).replaceAll('\n', ' ');
    if (this.#stream.isTTY) {
      // Cut before it is painted: half an escape sequence would colour everything after it.
      const shown = text.slice(0, (this.#stream.columns || DEFAULT_COLUMNS) - 1);
      this.#live = colour ? this.paint(shown, colour) : shown;
      this.#stream.write(`${ERASE_LINE}${this.#live}`);
    } else if (this.#now() - this.#plainAt >= PLAIN_INTERVAL_MS) {
      this.line(text);
    }
  }

  /** Takes the live line away. */
  clear(): void {
    if (this.#live !== '') this.#stream.write(ERASE_LINE);
    this.#live = '';
  }
}
