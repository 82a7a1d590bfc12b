// Receives one file over one channel: the shell around FileReceiver.
import { codeOf, Driver, messageOf, type Runtime, sleep } from '../../core/index.ts';
import { FileReceiver, type ReceiverAction } from './file-receiver.ts';
import { LINGER_MS } from './limits.ts';
import { serializeControl } from './messages.ts';
import type {
  FailureReason,
  FileOffer,
  Inbox,
  IncomingFile,
  MessageChannel,
  TransferOutcome,
  TransferProgress,
} from './types.ts';

export interface ReceiveFileOptions {
  /** Open. Closed when the transfer is over. */
  readonly channel: MessageChannel;
  readonly inbox: Inbox;
  /** Who sends. */
  readonly from: string;
  /** Aborted when the person wants to stop. */
  readonly signal?: AbortSignal | undefined;
  readonly onOffer?: ((offer: FileOffer) => void) | undefined;
  readonly onProgress?: ((progress: TransferProgress) => void) | undefined;
}

/** Never rejects. */
export async function receiveFile(runtime: Runtime, options: ReceiveFileOptions): Promise<TransferOutcome> {
  const { channel } = options;
  const receiving = new Receiving(runtime, options);
  const outcome = await receiving.outcome;
  // Hung up by us, our last word might be lost; the sender does it when it has read it.
  const patience = new AbortController();
  channel.onClosed = () => patience.abort();
  channel.onMessage = undefined;
  await sleep(runtime, receiving.isClosed ? 0 : LINGER_MS, patience.signal);
  channel.close();
  return outcome;
}

class Receiving {
  readonly outcome: Promise<TransferOutcome>;
  isClosed = false;
  readonly #options: ReceiveFileOptions;
  readonly #machine: FileReceiver;
  readonly #driver: Driver;
  #settle: (outcome: TransferOutcome) => void = () => {};
  #file: IncomingFile | undefined;
  /** One after the other. */
  #work: Promise<void> = Promise.resolve();
  #isOver = false;

  constructor(runtime: Runtime, options: ReceiveFileOptions) {
    this.#options = options;
    this.outcome = new Promise((resolve) => {
      this.#settle = resolve;
    });
    this.#machine = new FileReceiver(runtime.clock.now());
    this.#driver = new Driver(runtime, this.#machine, () => this.#drain());
    const { channel, signal } = options;
    channel.onMessage = (message) => this.#driver.run((now) => this.#machine.handleMessage(now, message));
    channel.onClosed = () => {
      this.isClosed = true;
      this.#driver.run(() => this.#machine.handleClosed());
    };
    signal?.addEventListener('abort', this.#breakOff, { once: true });
    if (signal?.aborted) this.#breakOff();
    else this.#driver.run(() => {});
  }

  readonly #breakOff = () => this.#fail('cancelled', 'the receiver broke off');

  #fail(reason: FailureReason, text: string): void {
    this.#driver.run(() => this.#machine.handleFailure(reason, text));
  }

  #drain(): void {
    for (
      let actions = this.#machine.takeActions();
      actions.length > 0;
      actions = this.#machine.takeActions()
    ) {
      for (const action of actions) this.#act(action);
    }
    if (this.#machine.offer) this.#options.onProgress?.(this.#machine.progress);
  }

  #act(action: ReceiverAction): void {
    switch (action.type) {
      case 'send':
        return this.#options.channel.send(serializeControl(action.message));
      case 'open':
        this.#options.onOffer?.(action.offer);
        return this.#disk(() => this.#open(action.offer));
      case 'begin':
        return this.#disk(() => this.#file?.begin(action.offsetBytes));
      case 'write':
        return this.#disk(async () => {
          await this.#file?.write(action.bytes);
          this.#driver.run((now) => this.#machine.handleWritten(now, action.bytes.length));
        });
      case 'finish':
        return this.#disk(async () => {
          const name = await this.#file?.finish(action.sha256);
          this.#driver.run(() => this.#machine.handleFinished(name));
        });
      case 'finished':
        return this.#over(action.outcome);
    }
  }

  async #open(offer: FileOffer): Promise<void> {
    const opened = await this.#options.inbox.open(offer, this.#options.from);
    if (!('reason' in opened)) {
      this.#file = opened;
      opened.onSuperseded = () => this.#fail('superseded', 'the same file is sent anew');
    }
    this.#driver.run((now) => this.#machine.handleOpened(now, opened));
  }

  /** What was begun is done with before the file is put away; what is only queued is not done any more. */
  #disk(act: () => Promise<void> | undefined): void {
    this.#work = this.#work
      .then(() => (this.#isOver ? undefined : act()))
      .catch((error: unknown) => {
        const isFull = codeOf(error) === 'ENOSPC' || codeOf(error) === 'EDQUOT';
        const text = isFull
          ? 'the disk of the receiver is full'
          : // The far end reads it: what an error of the system says besides names our folder.
            `the receiver cannot write (${codeOf(error) ?? messageOf(error)})`;
        this.#fail(isFull ? 'noSpace' : 'writeFailed', text);
      });
  }

  #over(outcome: TransferOutcome): void {
    this.#isOver = true;
    this.#options.signal?.removeEventListener('abort', this.#breakOff);
    this.#driver.close();
    void this.#work
      .then(() => this.#putAway(outcome))
      // Nothing more can be done for what is left on the disk.
      .catch(() => {})
      .then(() => this.#settle(outcome));
  }

  async #putAway(outcome: TransferOutcome): Promise<void> {
    if (outcome.kind === 'done') return;
    const isWrong = outcome.reason === 'mismatch' || outcome.reason === 'changed';
    await (isWrong ? this.#file?.discard() : this.#file?.keep());
  }
}
