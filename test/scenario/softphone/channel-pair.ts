// Two ends of a reliable channel in virtual time, which breaks when it is told to: what is on its way then is lost.
import type { Runtime } from '../../../core/index.ts';
import { BUFFER_LOW_BYTES } from '../../../softphone/files/limits.ts';
import type { MessageChannel } from '../../../softphone/index.ts';

export interface ChannelPairOptions {
  readonly bytesAMs: number;
  readonly delayMs: number;
}

export class ChannelPair {
  readonly ends: readonly [ChannelEnd, ChannelEnd];

  constructor(runtime: Runtime, options: ChannelPairOptions) {
    const [a, b] = [new ChannelEnd(runtime, options), new ChannelEnd(runtime, options)];
    a.other = b;
    b.other = a;
    this.ends = [a, b];
  }

  get isOpen(): boolean {
    return this.ends[0].isOpen;
  }

  break(): void {
    for (const end of this.ends) end.handleClosed();
  }
}

class ChannelEnd implements MessageChannel {
  readonly label = 'file';
  readonly maxMessageBytes = 65_536;
  onMessage: ((message: string | Uint8Array) => void) | undefined;
  onLow: (() => void) | undefined;
  onClosed: (() => void) | undefined;
  other: ChannelEnd | undefined;
  isOpen = true;
  /** Largest that it has held. */
  peakBytes = 0;
  sentBytes = 0;
  bufferedBytes = 0;
  readonly #runtime: Runtime;
  readonly #options: ChannelPairOptions;
  #freeAt = 0;

  constructor(runtime: Runtime, options: ChannelPairOptions) {
    this.#runtime = runtime;
    this.#options = options;
  }

  send(message: string | Uint8Array): void {
    if (!this.isOpen) return;
    const copy = typeof message === 'string' ? message : message.slice();
    const now = this.#runtime.clock.now();
    this.bufferedBytes += copy.length;
    this.sentBytes += typeof copy === 'string' ? 0 : copy.length;
    this.peakBytes = Math.max(this.peakBytes, this.bufferedBytes);
    this.#freeAt = Math.max(now, this.#freeAt) + copy.length / this.#options.bytesAMs;
    this.#runtime.setTimer(this.#freeAt, () => this.#left(copy.length));
    this.#runtime.setTimer(this.#freeAt + this.#options.delayMs, () => this.other?.receive(copy));
  }

  receive(message: string | Uint8Array): void {
    if (this.isOpen) this.onMessage?.(message);
  }

  close(): void {
    if (!this.isOpen) return;
    // In order: what was sent before arrives before.
    const at = Math.max(this.#runtime.clock.now(), this.#freeAt) + this.#options.delayMs;
    this.#runtime.setTimer(at, () => this.other?.handleClosed());
    this.handleClosed();
  }

  handleClosed(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.onClosed?.();
  }

  #left(bytes: number): void {
    const before = this.bufferedBytes;
    this.bufferedBytes -= bytes;
    const isLow = before > BUFFER_LOW_BYTES && this.bufferedBytes <= BUFFER_LOW_BYTES;
    if (isLow && this.isOpen) this.onLow?.();
  }
}
