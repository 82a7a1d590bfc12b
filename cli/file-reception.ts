// Files that come while a phone waits for calls.
import type { Runtime } from '../core/index.ts';
import {
  type ExitStatus,
  type Inbox,
  type MessageChannel,
  receiveFile,
  type TransferOutcome,
  worstExitStatus,
} from '../softphone/index.ts';
import type { Screen } from './call-screen.ts';
import { ProgressLine, sizeText } from './file-progress.ts';

export interface FileReceptionOptions {
  readonly inbox: Inbox;
  readonly screen: Screen;
  readonly json: boolean;
  /** Aborted when the person wants to stop: what has come is kept. */
  readonly signal: AbortSignal;
}

/** One JSON line a file. */
interface FileLine {
  readonly file: string | null;
  readonly from: string;
  readonly sizeBytes: number;
  readonly resumedBytes: number;
  readonly sha256: string | null;
  readonly reason: string | null;
  readonly text: string | null;
  readonly durationMs: number;
}

export class FileReception {
  readonly #runtime: Runtime;
  readonly #options: FileReceptionOptions;
  readonly #live = new Set<Promise<void>>();
  #worst: ExitStatus = 0;

  constructor(runtime: Runtime, options: FileReceptionOptions) {
    this.#runtime = runtime;
    this.#options = options;
  }

  /** Takes one file. */
  take(channel: MessageChannel, from: string): void {
    const taking = this.#take(channel, from).finally(() => this.#live.delete(taking));
    this.#live.add(taking);
  }

  /** Resolves when all that was begun is over. */
  async settled(): Promise<ExitStatus> {
    await Promise.all(this.#live);
    return this.#worst;
  }

  async #take(channel: MessageChannel, from: string): Promise<void> {
    const { inbox, screen, signal } = this.#options;
    const now = () => this.#runtime.clock.now();
    const startedAt = now();
    let line = new ProgressLine('', now);
    let [name, sizeBytes, resumedBytes] = ['', 0, 0];
    const outcome = await receiveFile(this.#runtime, {
      channel,
      inbox,
      from,
      signal,
      onOffer: (offer) => {
        ({ name, sizeBytes } = offer);
        line = new ProgressLine(name, now);
        screen.line(`${from} sends ${JSON.stringify(name)}, ${sizeText(sizeBytes)}`);
      },
      onProgress: (progress) => {
        ({ resumedBytes } = progress);
        screen.live(line.text(progress), 'dim');
      },
    });
    screen.clear();
    this.#say(outcome, { from, sizeBytes, resumedBytes, durationMs: Math.round(now() - startedAt) });
  }

  #say(
    outcome: TransferOutcome,
    about: Pick<FileLine, 'from' | 'sizeBytes' | 'resumedBytes' | 'durationMs'>,
  ): void {
    const { screen, json } = this.#options;
    const isDone = outcome.kind === 'done';
    if (!isDone) this.#worst = worstExitStatus([this.#worst, 1]);
    if (isDone) screen.line(`received ${JSON.stringify(outcome.name)}, SHA-256 ${outcome.sha256}`);
    else screen.line(`file not received: ${outcome.text}`);
    if (!json) return;
    const line: FileLine = {
      file: isDone ? outcome.name : null,
      ...about,
      sha256: isDone ? outcome.sha256 : null,
      reason: isDone ? null : outcome.reason,
      text: isDone ? null : outcome.text,
    };
    process.stdout.write(`${JSON.stringify(line)}\n`);
  }
}
