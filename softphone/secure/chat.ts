// Lines of text between two phones, in the association of their call.
import type { MessageChannel } from '../files/types.ts';

/** Label of the channel that both use. */
export const CHAT_LABEL = 'chat';

/** Of one line, in bytes of UTF-8. */
export const MOST_CHAT_BYTES = 4096;

/** What one side may say at once: lines that come faster are dropped. */
const MOST_LINES = 20;
const LINES_EVERY_MS = 10_000;

/** What was said so shortly before a break may not have arrived. */
const ON_THE_WAY_MS = 200;

/** Control characters that a terminal would obey, and marks that turn writing round. Ends of lines become spaces. */
const UNWANTED = /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;

/** @returns undefined where nothing is left to show */
export function cleanChatLine(text: string): string | undefined {
  const clean = text
    .replace(/\r\n|[\r\n\t\u2028\u2029]/g, ' ')
    .replace(UNWANTED, '')
    .trim();
  return clean === '' ? undefined : clean;
}

/** One end of the chat of a call. */
export class Chat {
  onLine: ((text: string) => void) | undefined;
  #channel: MessageChannel;
  /** Said lately: the last ones may have been lost with their channel. */
  readonly #said: { readonly line: string; readonly at: number }[] = [];
  readonly #now: () => number;
  #windowAt = Number.NEGATIVE_INFINITY;
  #lines = 0;
  #dropped = 0;

  constructor(channel: MessageChannel, now: () => number) {
    this.#channel = channel;
    this.#now = now;
    channel.onMessage = (message) => this.#receive(message);
  }

  /**
   * Goes on over another channel, open. Lines are said again that were said after the far end was heard last: rather
   * twice than not at all.
   */
  goOn(channel: MessageChannel, heardAt: number): void {
    this.#channel.onMessage = undefined;
    this.#channel = channel;
    channel.onMessage = (message) => this.#receive(message);
    for (const { line, at } of this.#said) if (at >= heardAt - ON_THE_WAY_MS) channel.send(line);
  }

  /** Lines that were no text, too long, or too many. */
  get dropped(): number {
    return this.#dropped;
  }

  /** @returns false where the line is empty or too long */
  send(text: string): boolean {
    const line = cleanChatLine(text);
    if (line === undefined || byteLength(line) > MOST_CHAT_BYTES) return false;
    this.#said.push({ line, at: this.#now() });
    if (this.#said.length > MOST_LINES) this.#said.shift();
    this.#channel.send(line);
    return true;
  }

  #receive(message: string | Uint8Array): void {
    const isShort = typeof message === 'string' && byteLength(message) <= MOST_CHAT_BYTES;
    const line = isShort ? cleanChatLine(message) : undefined;
    if (line !== undefined && this.#mayCome()) this.onLine?.(line);
    else this.#dropped += 1;
  }

  #mayCome(): boolean {
    const now = this.#now();
    if (now - this.#windowAt >= LINES_EVERY_MS) {
      this.#windowAt = now;
      this.#lines = 0;
    }
    this.#lines += 1;
    return this.#lines <= MOST_LINES;
  }
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}
