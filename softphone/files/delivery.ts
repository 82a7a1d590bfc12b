// Sends a file until it is there: where the path breaks, a new one is dialled, and the transfer goes on where it was.
import { type Runtime, sleep } from '../../core/index.ts';
import { sendFile } from './send-file.ts';
import type {
  FailureReason,
  MessageChannel,
  OutgoingFile,
  TransferOutcome,
  TransferProgress,
} from './types.ts';

/** An open way to the receiver. Closed by the delivery. */
export interface Line {
  readonly channel: MessageChannel;
  close(): void;
}

/**
 * Why there is no way: `isFinal` where to try again would change nothing. Before there was any way, nothing but `busy` is
 * tried again: what is not there, or does not answer, will hardly be there a moment later.
 */
export interface NoLine {
  readonly reason: FailureReason;
  readonly text: string;
  readonly isFinal: boolean;
}

export interface DeliveryOptions {
  /** Calls the receiver. Rejects where trying again is of no use, and so does the delivery. */
  readonly dial: (signal: AbortSignal | undefined) => Promise<Line | NoLine>;
  /** Opens the file, each time anew. */
  readonly open: () => Promise<OutgoingFile>;
  readonly signal?: AbortSignal | undefined;
  /** Tries that brought nothing forward, one after the other, until it is given up. {@link MOST_TRIES} where not given. */
  readonly mostTries?: number;
  readonly onProgress?: ((progress: TransferProgress) => void) | undefined;
  readonly onRetry?: ((text: string, delayMs: number) => void) | undefined;
}

/** What became of it, after how many calls. */
export interface Delivery {
  readonly outcome: TransferOutcome;
  readonly tries: number;
  /** Of the file, in all tries: more than it has where the path broke. */
  readonly sentBytes: number;
}

export const MOST_TRIES = 6;
const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 30_000;

/** Faults of the path. */
const RETRIED: ReadonlySet<FailureReason> = new Set(['broken', 'stalled', 'busy']);

/** Never rejects, but where `open` or `dial` do. */
export async function deliverFile(runtime: Runtime, options: DeliveryOptions): Promise<Delivery> {
  const { signal, mostTries = MOST_TRIES } = options;
  let [tries, vain, sentBytes] = [0, 0, 0];
  let wasOpen = false;
  for (;;) {
    tries += 1;
    const { outcome, isOpen, gainedBytes, ...tried } = await tryOnce(runtime, options);
    wasOpen ||= isOpen;
    const isFinal = tried.isFinal || (!wasOpen && outcome.kind === 'failed' && outcome.reason !== 'busy');
    sentBytes += gainedBytes;
    vain = gainedBytes > 0 ? 1 : vain + 1;
    if (outcome.kind === 'done' || isFinal || vain >= mostTries) return { outcome, tries, sentBytes };
    const delayMs = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (vain - 1));
    options.onRetry?.(outcome.text, delayMs);
    await sleep(runtime, delayMs, signal);
    if (signal?.aborted) return { outcome: CANCELLED, tries, sentBytes };
  }
}

const CANCELLED: TransferOutcome = { kind: 'failed', reason: 'cancelled', text: 'the sender broke off' };

interface Try {
  readonly outcome: TransferOutcome;
  readonly isFinal: boolean;
  /** Whether there was a way. */
  readonly isOpen: boolean;
  readonly gainedBytes: number;
}

async function tryOnce(runtime: Runtime, options: DeliveryOptions): Promise<Try> {
  const { signal } = options;
  // First: what cannot be read need not ring.
  const file = await options.open();
  const line = await options.dial(signal).catch(async (error: unknown) => {
    await file.close();
    throw error;
  });
  if ('reason' in line) {
    await file.close();
    const { reason, text, isFinal } = line;
    return { outcome: { kind: 'failed', reason, text }, isFinal, isOpen: false, gainedBytes: 0 };
  }
  let last: TransferProgress = { doneBytes: 0, resumedBytes: 0, sizeBytes: file.sizeBytes };
  const onProgress = (progress: TransferProgress) => {
    last = progress;
    options.onProgress?.(progress);
  };
  const outcome = await sendFile(runtime, { channel: line.channel, file, signal, onProgress });
  line.close();
  const isFinal = outcome.kind === 'failed' && !RETRIED.has(outcome.reason);
  return { outcome, isFinal, isOpen: true, gainedBytes: last.doneBytes - last.resumedBytes };
}
