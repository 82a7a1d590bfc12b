// Makes actions of the keys that one member presses.
import type { Runtime } from '../../core/index.ts';
import type { KeyAction, KeyTable } from './keys.ts';

/** How long a key that may be the beginning of another waits for the next one. */
export const KEY_PAUSE_MS = 1500;

export interface KeyReaderOptions {
  readonly runtime: Runtime;
  /** What the keys mean now: members become moderators. */
  table(): KeyTable;
  onAction(action: KeyAction): void;
}

/** Closed by whoever made it. */
export class KeyReader {
  readonly #options: KeyReaderOptions;
  #typed = '';
  #stopWaiting: () => void = () => {};

  constructor(options: KeyReaderOptions) {
    this.#options = options;
  }

  push(digit: string): void {
    this.#stopWaiting();
    this.#typed += digit;
    const typed = this.#typed;
    const isBeginning = [...this.#options.table().keys()].some(
      (keys) => keys.length > typed.length && keys.startsWith(typed),
    );
    if (!isBeginning) return this.#finish();
    const { runtime } = this.#options;
    this.#stopWaiting = runtime.setTimer(runtime.clock.now() + KEY_PAUSE_MS, () => this.#finish());
  }

  close(): void {
    this.#stopWaiting();
    this.#typed = '';
  }

  #finish(): void {
    const action = this.#options.table().get(this.#typed);
    this.#typed = '';
    if (action) this.#options.onAction(action);
  }
}
