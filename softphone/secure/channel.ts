// A data channel of node-datachannel as the rest of the phone sees it.
import type { DataChannel } from 'node-datachannel';
import { BUFFER_LOW_BYTES } from '../files/limits.ts';
import type { MessageChannel } from '../files/types.ts';

/** Runs a callback of the package: an exception that left it would abort the process. */
export type Guard = (act: () => void) => void;

/** What is used of a channel of the package. */
export type PackageChannel = Pick<
  DataChannel,
  | 'getLabel'
  | 'isOpen'
  | 'maxMessageSize'
  | 'bufferedAmount'
  | 'setBufferedAmountLowThreshold'
  | 'sendMessage'
  | 'sendMessageBinary'
  | 'close'
  | 'onBufferedAmountLow'
  | 'onMessage'
  | 'onClosed'
  | 'onError'
  | 'onOpen'
>;

/** Owned by its peer, which closes it. */
export class SecureChannel implements MessageChannel {
  readonly label: string;
  onMessage: ((message: string | Uint8Array) => void) | undefined;
  onLow: (() => void) | undefined;
  /** Resolves with whether it opened. */
  readonly opened: Promise<boolean>;
  /** Resolves when it is closed. */
  readonly closed: Promise<void>;
  readonly #channel: PackageChannel;
  readonly #early: (string | Uint8Array)[] = [];
  #onClosed: (() => void) | undefined;
  #isClosed = false;
  #settle: (isOpen: boolean) => void = () => {};
  #end: () => void = () => {};

  constructor(channel: PackageChannel, guard: Guard) {
    this.#channel = channel;
    this.label = channel.getLabel();
    this.opened = new Promise((resolve) => {
      this.#settle = resolve;
    });
    this.closed = new Promise((resolve) => {
      this.#end = resolve;
    });
    channel.setBufferedAmountLowThreshold(BUFFER_LOW_BYTES);
    channel.onBufferedAmountLow(() => guard(() => this.onLow?.()));
    channel.onMessage((message) => guard(() => this.#receive(message)));
    channel.onClosed(() => guard(() => this.handleClosed()));
    channel.onError(() => guard(() => this.handleClosed()));
    channel.onOpen(() => guard(() => this.#settle(true)));
    if (channel.isOpen()) this.#settle(true);
  }

  get isOpen(): boolean {
    return !this.#isClosed && this.#channel.isOpen();
  }

  get maxMessageBytes(): number {
    return this.#channel.maxMessageSize();
  }

  get bufferedBytes(): number {
    return this.#isClosed ? 0 : this.#channel.bufferedAmount();
  }

  /** Told also where it was closed before anybody asked. */
  set onClosed(listener: (() => void) | undefined) {
    this.#onClosed = listener;
    if (this.#isClosed) listener?.();
  }

  get onClosed(): (() => void) | undefined {
    return this.#onClosed;
  }

  send(message: string | Uint8Array): void {
    if (!this.isOpen) return;
    try {
      if (typeof message === 'string') this.#channel.sendMessage(message);
      else this.#channel.sendMessageBinary(message);
    } catch {
      // A far end may say of itself that it takes five bytes at most. There is nothing to say to it.
      this.close();
    }
  }

  close(): void {
    if (this.#isClosed) return;
    this.#channel.close();
  }

  /** What came before anybody listened: a far end speaks as soon as the channel is open. */
  deliverEarly(): void {
    for (const message of this.#early.splice(0)) this.onMessage?.(message);
  }

  /** The channel is gone, alone or with its peer. */
  handleClosed(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#settle(false);
    this.#end();
    this.#onClosed?.();
  }

  #receive(message: string | Buffer | ArrayBuffer): void {
    if (this.#isClosed) return;
    const received = message instanceof ArrayBuffer ? new Uint8Array(message) : message;
    if (this.onMessage) this.onMessage(received);
    else if (this.#early.length < MOST_EARLY) this.#early.push(received);
  }
}

/** An offer, or the first line of a chat. */
const MOST_EARLY = 4;
