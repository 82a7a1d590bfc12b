// The recording of one call: begun with it or by *1, ended by *1 or with it.
import { messageOf } from '../../core/index.ts';
import type { InfoDigit } from '../../signaling/index.ts';
import { CodeDetector } from './code-detector.ts';
import { isHolding } from './hold-music.ts';
import type { PartyMedia } from './party.ts';
import type { CallDependencies, RunningRecording } from './types.ts';

/** As Asterisk has it. */
const RECORD_CODE = '*1';

export interface CallRecordingOptions {
  readonly dependencies: CallDependencies;
  readonly uniqueid: string;
  /** `alice bob`. */
  readonly title: string;
  /** Caller first. */
  readonly parties: readonly PartyMedia[];
}

/** Nothing that goes wrong here harms the call. */
export class CallRecording {
  readonly #options: CallRecordingOptions;
  readonly #codes: ReadonlyMap<number, CodeDetector>;
  readonly #held = new Set<number>();
  #running: RunningRecording | undefined;
  /** Of recordings that are over. */
  #files: readonly string[] = [];
  /** Starts and stops are done one after the other. */
  #work: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(options: CallRecordingOptions) {
    this.#options = options;
    this.#codes = new Map(options.parties.map(({ legId }) => [legId, new CodeDetector(RECORD_CODE)]));
  }

  /** The call was answered. */
  begin(): void {
    if (this.#settings.calls === 'always') this.#queue(() => this.#start());
  }

  /** A party pressed a digit. @param isInfo - by INFO, which the media engine does not see */
  handleDigit(legId: number, { digit }: InfoDigit, isInfo: boolean): void {
    const { clock } = this.#options.dependencies.runtime;
    if (isInfo) this.#running?.note({ type: 'note', legId, text: `digit ${digit} by INFO` });
    if (this.#settings.calls !== 'onDemand') return;
    if (this.#codes.get(legId)?.push(clock.now(), digit)) {
      this.#queue(() => (this.#running ? this.#stop() : this.#start()));
    }
  }

  /** What the parties agreed on may have changed: who is held is in the time line. */
  handleMediaChange(): void {
    for (const party of this.#options.parties) {
      const { legId } = party;
      const [was, is] = [this.#held.has(legId), isHolding(party)];
      if (was === is) continue;
      if (is) this.#held.add(legId);
      else this.#held.delete(legId);
      this.#running?.note({ type: is ? 'hold' : 'resume', legId });
    }
  }

  /** The call is over. Never rejects. @returns paths of all that was recorded */
  async close(): Promise<readonly string[]> {
    this.#isClosed = true;
    await this.#work;
    await this.#end();
    return this.#files;
  }

  get #settings() {
    return this.#options.dependencies.settings.recording;
  }

  #queue(action: () => Promise<void>): void {
    this.#work = this.#work.then(async () => {
      if (!this.#isClosed) await action();
    });
  }

  async #start(): Promise<void> {
    const { dependencies, uniqueid, title, parties } = this.#options;
    const target = { legIds: parties.map(({ legId }) => legId) };
    try {
      const running: RunningRecording = await dependencies.recorder.start({ target, title }, () => {
        this.#queue(async () => {
          if (this.#running === running) await this.#end();
        });
      });
      this.#running = running;
      dependencies.records.recorded(uniqueid, [...this.#files, ...running.files]);
    } catch (error) {
      dependencies.runtime.log.warn({ uniqueid, reason: messageOf(error) }, 'a call is not recorded');
      return;
    }
    for (const legId of this.#held) this.#running?.note({ type: 'hold', legId });
    this.#beep('entry');
  }

  async #stop(): Promise<void> {
    await this.#end();
    this.#beep('exit');
  }

  async #end(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    if (running) this.#files = [...this.#files, ...(await running.stop())];
  }

  #beep(tone: 'entry' | 'exit'): void {
    const { media } = this.#options.dependencies;
    if (!this.#settings.beep || this.#isClosed) return;
    // Whoever is held hears music, and nothing is said meanwhile.
    if (this.#held.size > 0) return;
    for (const { legId } of this.#options.parties) media.playTone(legId, tone).catch(() => {});
  }
}
