// Shows live calls to a command in another process, through the store that both have open: only while somebody looks.
import { type CancelTimer, messageOf, type Runtime } from '../../core/index.ts';
import type { AnsweringParty, CallRecords, ClosedRecord, LiveCall, OpenedRecord } from '../call/index.ts';
import type { Store, StoreChange } from '../store/index.ts';
import { liveRecord } from '../store/records.ts';
import type { LiveCalls } from './types.ts';

/** How often live calls are shown, and how often it is asked, while there are calls, whether anybody looks. */
export const LOOK_INTERVAL_MS = 2000;
/** Of several hundred calls nobody sees more on a screen; each has up to 10 KB. */
export const MOST_SHOWN = 100;

export interface LiveQualityOptions {
  readonly runtime: Runtime;
  readonly store: Pick<Store, 'foreignVersion' | 'setting'>;
  /** Writes within about a second. */
  readonly write: (change: StoreChange) => void;
  /** Who is told next of each call. */
  readonly next: CallRecords;
  readonly calls: {
    readonly callCount: number;
    live(limit: number): Promise<readonly LiveCall[]>;
  };
}

/** Without calls it does nothing at all; with calls and nobody who looks it asks for one number now and then. */
export class LiveQuality implements CallRecords {
  readonly #options: LiveQualityOptions;
  #version: number | undefined;
  /** Wall clock. */
  #followedUntil = 0;
  #isShowing: boolean;
  #cancelTimer: CancelTimer | undefined;
  #isClosed = false;

  constructor(options: LiveQualityOptions) {
    this.#options = options;
    // A server that crashed may have left something.
    this.#isShowing = (options.store.setting('liveCalls') ?? '') !== '';
    if (this.#isShowing) this.#hide();
  }

  open(record: OpenedRecord): void {
    this.#options.next.open(record);
    this.#arm();
  }

  answered(uniqueid: string, answer: number, by: AnsweringParty): void {
    this.#options.next.answered(uniqueid, answer, by);
  }

  recorded(uniqueid: string, recordings: readonly string[]): void {
    this.#options.next.recorded(uniqueid, recordings);
  }

  close(record: ClosedRecord): void {
    this.#options.next.close(record);
  }

  end(): void {
    this.#isClosed = true;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    if (this.#isShowing) this.#hide();
  }

  #arm(): void {
    if (this.#isClosed || this.#cancelTimer) return;
    const { runtime } = this.#options;
    this.#cancelTimer = runtime.setTimer(runtime.clock.now() + LOOK_INTERVAL_MS, () => {
      // A fault of ours costs one look.
      const failed = (error: unknown) => runtime.log.error({ err: error }, 'live calls were not shown');
      void this.#look()
        .catch(failed)
        .finally(() => this.#rearm());
    });
  }

  #rearm(): void {
    this.#cancelTimer = undefined;
    if (this.#options.calls.callCount > 0 || this.#isShowing) this.#arm();
  }

  async #look(): Promise<void> {
    if (this.#options.calls.callCount > 0 && this.#isFollowed()) await this.#show();
    else if (this.#isShowing) this.#hide();
  }

  #isFollowed(): boolean {
    const { store, runtime } = this.#options;
    try {
      const version = store.foreignVersion();
      if (version !== this.#version) this.#followedUntil = Number(store.setting('followedUntil') ?? 0);
      this.#version = version;
    } catch (error) {
      runtime.log.debug({ error: messageOf(error) }, 'the store cannot be asked who follows');
    }
    return this.#followedUntil > runtime.clock.wallClock();
  }

  async #show(): Promise<void> {
    const { calls, runtime } = this.#options;
    const live = await calls.live(MOST_SHOWN);
    if (this.#isClosed) return;
    const wallClock = runtime.clock.wallClock();
    const shown: LiveCalls = {
      at: new Date(wallClock).toISOString(),
      total: calls.callCount,
      calls: live.map((call) => liveRecord(call, wallClock)),
    };
    this.#isShowing = true;
    this.#write(JSON.stringify(shown));
  }

  #hide(): void {
    this.#isShowing = false;
    this.#write('');
  }

  #write(value: string): void {
    this.#options.write({ kind: 'setting', name: 'liveCalls', value });
  }
}
