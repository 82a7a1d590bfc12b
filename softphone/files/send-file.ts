// Sends one file over one channel: the shell around FileSender.
import { codeOf, Driver, messageOf, type Runtime } from '../../core/index.ts';
import { FileSender, type SenderAction } from './file-sender.ts';
import { serializeControl } from './messages.ts';
import type { MessageChannel, OutgoingFile, TransferOutcome, TransferProgress } from './types.ts';

export interface SendFileOptions {
  /** Open. Closed when the transfer is over. */
  readonly channel: MessageChannel;
  /** Just opened: read once. Closed when the transfer is over. */
  readonly file: OutgoingFile;
  /** Aborted when the person wants to stop. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: TransferProgress) => void) | undefined;
}

/** Never rejects. */
export async function sendFile(runtime: Runtime, options: SendFileOptions): Promise<TransferOutcome> {
  const outcome = await new Promise<TransferOutcome>((finish) => {
    new Sending(runtime, options, finish).start();
  });
  options.channel.close();
  await options.file.close().catch(() => {}); // It was only read.
  return outcome;
}

class Sending {
  readonly #options: SendFileOptions;
  readonly #finish: (outcome: TransferOutcome) => void;
  readonly #machine: FileSender;
  readonly #driver: Driver;

  constructor(runtime: Runtime, options: SendFileOptions, finish: (outcome: TransferOutcome) => void) {
    this.#options = options;
    this.#finish = finish;
    const { channel, file } = options;
    const { name, sizeBytes, modifiedMs } = file;
    this.#machine = new FileSender(runtime.clock.now(), {
      offer: { name, sizeBytes, modifiedMs },
      maxMessageBytes: channel.maxMessageBytes,
    });
    this.#driver = new Driver(runtime, this.#machine, () => this.#drain());
  }

  start(): void {
    const { channel, signal } = this.#options;
    channel.onMessage = (message) => this.#driver.run((now) => this.#machine.handleMessage(now, message));
    channel.onLow = () => this.#driver.run((now) => this.#tellBuffered(now));
    channel.onClosed = () => this.#driver.run(() => this.#machine.handleClosed());
    signal?.addEventListener('abort', this.#breakOff, { once: true });
    if (signal?.aborted) this.#breakOff();
    else this.#driver.run(() => {});
  }

  readonly #breakOff = () =>
    this.#driver.run(() => this.#machine.handleFailure('cancelled', 'the sender broke off'));

  #tellBuffered(now: number): void {
    this.#machine.handleBuffered(now, this.#options.channel.bufferedBytes);
  }

  #drain(): void {
    for (
      let actions = this.#machine.takeActions();
      actions.length > 0;
      actions = this.#machine.takeActions()
    ) {
      for (const action of actions) this.#act(action);
    }
    this.#options.onProgress?.(this.#machine.progress);
  }

  #act(action: SenderAction): void {
    const { channel, file } = this.#options;
    switch (action.type) {
      case 'send':
        return channel.send(serializeControl(action.message));
      case 'transmit':
        return channel.send(action.bytes);
      case 'check':
        return this.#disk(file.check(action.marks), (now, offset) =>
          this.#machine.handleChecked(now, offset),
        );
      case 'read':
        return this.#disk(file.read(action.lengthBytes), (now, bytes) => {
          this.#machine.handleRead(now, bytes);
          // The buffer of the file is free for the next read once its bytes are in the channel.
          this.#drain();
          this.#tellBuffered(now);
        });
      case 'digest':
        return this.#disk(file.digest(), (now, sha256) => this.#machine.handleDigest(now, sha256));
      case 'finished':
        return this.#over(action.outcome);
    }
  }

  #disk<Result>(work: Promise<Result>, handle: (now: number, result: Result) => void): void {
    work.then(
      (result) => this.#driver.run((now) => handle(now, result)),
      (error: unknown) =>
        this.#driver.run(() =>
          this.#machine.handleFailure(
            'readFailed',
            `the file cannot be read (${codeOf(error) ?? messageOf(error)})`,
          ),
        ),
    );
  }

  #over(outcome: TransferOutcome): void {
    this.#options.signal?.removeEventListener('abort', this.#breakOff);
    this.#driver.close();
    this.#finish(outcome);
  }
}
