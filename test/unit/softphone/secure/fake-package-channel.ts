// A data channel that goes nowhere, and notes what it is given.
import type { PackageChannel } from '../../../../softphone/secure/channel.ts';

/** As the package has it: it throws where a message is longer than the far end says that it takes. */
export class FakePackageChannel implements PackageChannel {
  readonly sent: (string | Uint8Array)[] = [];
  readonly #label: string;
  readonly #maxMessageBytes: number;
  #isOpen: boolean;
  #onOpen = () => {};
  #onClosed = () => {};

  constructor({ label = 'file', isOpen = true, maxMessageBytes = 65_536 } = {}) {
    this.#label = label;
    this.#isOpen = isOpen;
    this.#maxMessageBytes = maxMessageBytes;
  }

  getLabel = () => this.#label;
  isOpen = () => this.#isOpen;
  maxMessageSize = () => this.#maxMessageBytes;
  bufferedAmount = () => 0;
  setBufferedAmountLowThreshold = () => {};
  sendMessage = (message: string) => this.#send(message);
  sendMessageBinary = (bytes: Uint8Array) => this.#send(bytes);
  onBufferedAmountLow = () => {};
  onMessage = () => {};
  onError = () => {};

  onOpen(listener: () => void): void {
    this.#onOpen = listener;
  }

  open(): void {
    this.#isOpen = true;
    this.#onOpen();
  }

  onClosed(listener: () => void): void {
    this.#onClosed = listener;
  }

  close(): void {
    this.#isOpen = false;
    queueMicrotask(() => this.#onClosed());
  }

  #send(message: string | Uint8Array): boolean {
    if (message.length > this.maxMessageSize()) throw new Error('Message size exceeds limit');
    this.sent.push(message);
    return true;
  }
}
